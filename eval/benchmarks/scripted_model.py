"""A model server of OpenAI's protocol that writes the same answer each time: `python -m … [--batched] [PORT]`.

It costs next to no processor time, so that what stands before it shows.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial

PIECES = [f"{word} " for word in ("Capital expenditure rose as the page that is cited here says [1]. " * 7).split()]
"""The pieces of an answer."""
PACE = 0.02
"""Seconds between two pieces, about the pace of a model of a few billion parameters on one GPU."""
PACE_PER_ANSWER = 0.002
"""Seconds that each answer adds to a step of a batch."""
PACE_PER_PROMPT = 0.03
"""Seconds that each new prompt adds to the step that reads it: a few thousand tokens."""

Stream = Callable[[], AsyncIterator[str]]
"""Yields the pieces of an answer, each at its time."""


async def steady() -> AsyncIterator[str]:
    """Yields a piece each `PACE` seconds, however many answers are written."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    for number, piece in enumerate(PIECES):
        await asyncio.sleep(begun + number * PACE - clock())
        yield piece


class ContinuousBatch:
    """Answers that are written together and take longer the more there are, as in vLLM's continuous batches.

    A step gives each answer a piece; all wait while the prompts that have arrived are read.
    """

    def __init__(self) -> None:
        self._answers = self._unread = 0
        self._step: asyncio.Task[None] | None = None

    async def stream(self) -> AsyncIterator[str]:
        """Yields a piece after each step."""
        self._answers += 1
        self._unread += 1
        try:
            for piece in PIECES:
                self._step = self._step or asyncio.create_task(self._run_step())
                await asyncio.shield(self._step)
                yield piece
        finally:
            self._answers -= 1

    async def _run_step(self) -> None:
        unread, self._unread = self._unread, 0
        await asyncio.sleep(PACE + self._answers * PACE_PER_ANSWER + unread * PACE_PER_PROMPT)
        self._step = None


async def serve(port: int, stream: Stream) -> None:
    """Serves until it is stopped; prints its base URL."""
    server = await asyncio.start_server(partial(_serve_connection, stream), "127.0.0.1", port)
    host, bound = server.sockets[0].getsockname()[:2]
    print(f"http://{host}:{bound}/v1", flush=True)
    await server.serve_forever()


async def _serve_connection(stream: Stream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next(
                (int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")), 0
            )
            body = json.loads(await reader.readexactly(length) or b"null")
            await (_stream(writer, stream()) if body and body.get("stream") else _whole(writer, bool(body)))
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


async def _stream(writer: asyncio.StreamWriter, pieces: AsyncIterator[str]) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    async for piece in pieces:
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
    _, *arguments = sys.argv
    is_batched = "--batched" in arguments
    ports = [int(argument) for argument in arguments if argument.isdigit()]
    asyncio.run(serve(ports[0] if ports else 0, ContinuousBatch().stream if is_batched else steady))
