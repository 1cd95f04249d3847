"""A model behind an OpenAI-compatible endpoint: any dialect of it, within bounds of time and letters."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import openai

from octavo.ingest.tracing import records_content, span
from octavo.rag.clients.dialect import Dialect
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import CONNECT_TIMEOUT, Endpoint
from octavo.rag.clients.messages import Ending, Message, Pieces, count_usage, record
from octavo.rag.clients.replies import asked_for, message
from octavo.rag.clients.reply_reader import ReplyReader
from octavo.rag.clients.thoughts import without_thoughts

_LETTERS_PER_TOKEN = 12
"""More letters than a token has; text beyond that is cut off."""
_PLAIN = 1_000_000
"""Letters of a reply that is no stream."""
_REASONING = re.compile(r"(?:^|/)(?:o[1-9]|gpt-[5-9])(?![a-z])", re.I)
_COMMENTS = (":", "event:", "id:", "retry:")


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply without thoughts, and how it ended."""

    text: str
    ending: Ending


class ChatClient:
    """A model of an endpoint, which may be asked by several threads.

    A request is sent again after each of `waits` (seconds), or after what the server asks for, while it is busy or
    broken and nothing came of the reply; with `stubborn`, also after other errors than refusals. `before` is called
    before each request. `body` are further fields of each request; a field that is `None` is left out. Used as a
    context manager, connections are kept between requests.

    What a server does not take (`max_tokens`, `temperature`, the role `system`, `response_format`, `stream_options`) is
    learnt from its first refusal and sent otherwise from then on. `functions` says whether the model calls functions,
    `None` while that is not known.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        name: str,
        context: int,
        *,
        waits: Sequence[float] = (0.5, 1.0),
        stubborn: bool = False,
        before: Callable[[], None] = lambda: None,
        body: Mapping[str, Any] = {},
    ) -> None:
        self.endpoint, self.name, self.context, self.thinks = endpoint, name, context, False
        self.functions: bool | None = None
        self._waits, self._stubborn, self._before, self._body = waits, stubborn, before, body
        self._dialect = Dialect(completion=bool(_REASONING.search(name)))
        self._held = ExitStack()
        self._api: openai.OpenAI | None = None

    def __enter__(self) -> ChatClient:
        self._api = self._held.enter_context(self._opened())
        return self

    def __exit__(self, *_: object) -> None:
        self._api = None
        self._held.close()

    def stream(self, messages: Sequence[Message], *, max_tokens: int, **fields: Any) -> Pieces:
        """Returns the reply in pieces; raises the endpoint's kind of `EndpointError`, also in the middle of it."""
        request = {**fields, "stream": True, "stream_options": {"include_usage": True}}
        return self._traced(messages, max_tokens, request)

    def complete(self, messages: Sequence[Message], *, max_tokens: int, **fields: Any) -> Completion:
        """Returns the whole reply; raises the endpoint's kind of `EndpointError`."""
        pieces, reply = self._traced(messages, max_tokens, fields), ""
        while True:
            try:
                reply += next(pieces)
            except StopIteration as end:
                return Completion(without_thoughts(reply), end.value)

    def _traced(self, messages: Sequence[Message], max_tokens: int, fields: dict[str, Any]) -> Pieces:
        address = urlsplit(self.endpoint.url)
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": self.name,
            "gen_ai.request.max_tokens": max_tokens,
            "gen_ai.request.stream": bool(fields.get("stream")),
            "server.address": address.hostname or "",
            "server.port": address.port or (443 if address.scheme == "https" else 80),
        }
        if records_content():
            attributes["gen_ai.input.messages"] = json.dumps([{"role": m.role, "content": m.text} for m in messages])
        with span(f"chat {self.name}", attributes, kind="client") as chat_span:
            ending = yield from self._persistent(messages, max_tokens, fields)
            if ending.prompt_tokens:
                chat_span["gen_ai.usage.input_tokens"] = ending.prompt_tokens
                chat_span["gen_ai.usage.output_tokens"] = ending.completion_tokens
            if ending.reason:
                chat_span["gen_ai.response.finish_reasons"] = [ending.reason]
            return ending

    def _persistent(self, messages: Sequence[Message], max_tokens: int, fields: dict[str, Any]) -> Pieces:
        waits, tries = iter(self._waits), 0
        while True:
            tries += 1
            pieces = self._send(messages, max_tokens, fields)
            try:
                first = next(pieces)
                break
            except StopIteration as end:
                ending: Ending = end.value
                return ending
            except EndpointError as error:
                if self._dialect.learn(error):
                    tries -= 1
                    continue
                error.tries = tries
                helps = error.again or (self._stubborn and not 400 <= error.status < 500)
                wait = next(waits, None) if helps else None
                if wait is None:
                    raise
                time.sleep(max(wait, error.wait))
        with closing(pieces):
            yield first
            return (yield from pieces)

    def _send(self, messages: Sequence[Message], max_tokens: int, fields: dict[str, Any]) -> Pieces:
        self._before()
        record(messages)
        body = {**self._dialect.body(messages, max_tokens, fields), "model": self.name, **self._body}
        stream = bool(body.pop("stream", False))
        server = self.endpoint
        try:
            with self._open() as api:
                sent = api.chat.completions.with_raw_response.create(
                    model=body.pop("model"),
                    messages=[],  # those of `extra_body`, which are sent as they are, take their place
                    stream=stream,
                    extra_body={key: value for key, value in body.items() if value is not None},
                )
                with closing(sent.http_response) as response:
                    ending = yield from self._read(response, max_tokens * _LETTERS_PER_TOKEN)
                    count_usage(ending)
                    return ending
        except openai.APIStatusError as error:
            reason, wait = message(error.response), asked_for(error.response)
            raise server.status_error(error.status_code, reason, self.name, wait=wait) from error
        except openai.APITimeoutError as error:
            raise server.silent() from error
        except openai.APIConnectionError as error:
            raise server.unreachable(error.__cause__ or error) from error
        except httpx.HTTPError as error:
            raise server.transport_error(error) from error
        except (openai.OpenAIError, UnicodeError) as error:
            raise server.unreadable(message(error)) from error

    def _read(self, response: httpx.Response, letters: int) -> Pieces:
        """Returns the text of a stream, or of a reply that is none; its length is bounded."""
        reader = ReplyReader(self.endpoint)
        plain: list[str] = []
        size = 0
        for line in response.iter_lines():
            if line.startswith("data:"):
                piece = reader.event(line[5:].strip())
            elif line and not line.startswith(_COMMENTS) and size < _PLAIN:
                plain.append(line)
                size += len(line)
                continue
            else:
                continue
            if visible := piece[:letters]:
                letters -= len(visible)
                yield visible
            if len(piece) > len(visible):
                reader.ending.reason = "length"
                return reader.ending
            if reader.done:
                break
        if plain and not reader.events and (piece := reader.whole("\n".join(plain))):
            yield piece[:letters]
        if not reader.read:
            raise self.endpoint.unreadable("no choices" if plain or reader.events else "it is empty")
        return reader.ending

    @contextmanager
    def _open(self) -> Iterator[openai.OpenAI]:
        if self._api:
            yield self._api
            return
        with self._opened() as api:
            yield api

    @contextmanager
    def _opened(self) -> Iterator[openai.OpenAI]:
        server = self.endpoint
        with server.open(connections=256) as http:
            yield openai.OpenAI(
                api_key=server.key or "none",
                base_url=server.url,
                timeout=httpx.Timeout(server.timeout, connect=CONNECT_TIMEOUT),
                max_retries=0,
                default_headers=server.connection.headers,
                http_client=http,
            )
