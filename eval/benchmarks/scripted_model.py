"""A model server of OpenAI's protocol that streams the same pieces at a steady pace: `python -m … [PORT]`.

It costs next to no processor time, so that what stands before it shows.
"""

from __future__ import annotations

import asyncio
import json
import sys

PIECES = [f"{word} " for word in ("Capital expenditure rose as the page that is cited here says [1]. " * 7).split()]
"""The pieces of an answer."""
PACE = 0.02
"""Seconds between two pieces, about the pace of a model of a few billion parameters on one GPU."""


async def serve(port: int) -> None:
    """Serves until it is stopped; prints its base URL."""
    server = await asyncio.start_server(_connected, "127.0.0.1", port)
    host, bound = server.sockets[0].getsockname()[:2]
    print(f"http://{host}:{bound}/v1", flush=True)
    await server.serve_forever()


async def _connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next(
                (int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")), 0
            )
            body = json.loads(await reader.readexactly(length) or b"null")
            await (_stream(writer) if body and body.get("stream") else _whole(writer, bool(body)))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _whole(writer: asyncio.StreamWriter, is_answer: bool) -> None:
    message = {"role": "assistant", "content": "".join(PIECES)}
    answer = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    models = {"object": "list", "data": [{"id": "scripted", "object": "model", "max_model_len": 32_768}]}
    data = json.dumps(answer if is_answer else models).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
    writer.write(head.encode() + data)
    await writer.drain()


async def _stream(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    begun = asyncio.get_running_loop().time()
    for number, piece in enumerate(PIECES):
        await asyncio.sleep(begun + number * PACE - asyncio.get_running_loop().time())
        await _send(writer, _chunk({"content": piece}, None))
    await _send(writer, _chunk({}, "stop"))
    await _send(writer, "[DONE]")
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def _chunk(delta: dict[str, str], finish: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return json.dumps({"id": "x", "object": "chat.completion.chunk", "model": "scripted", "choices": [choice]})


async def _send(writer: asyncio.StreamWriter, data: str) -> None:
    line = f"data: {data}\n\n".encode()
    writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
    await writer.drain()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
