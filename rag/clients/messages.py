"""Messages to a model and its replies, independent of the transport."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; `parts` are texts and pictures (the bytes of a JPEG, PNG or WebP file) in order."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[str | bytes, ...]

    @property
    def text(self) -> str:
        """The texts one after another, pictures as `[picture]`."""
        return "\n".join(part if isinstance(part, str) else "[picture]" for part in self.parts)


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function that a model calls; `arguments` are empty where they are no JSON object."""

    name: str
    arguments: dict[str, Any]


@dataclass(slots=True)
class Ending:
    """The end of a reply.

    `reason` is the server's: `stop`, `length`, `content_filter`, or empty where it told none; `None` where the reply
    broke off. The tokens are 0 where the server does not count them. `refused` says that the text is a refusal.
    `calls` are the functions that the model calls.
    """

    reason: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    refused: bool = False
    calls: list[FunctionCall] = field(default_factory=list)


Pieces = Generator[str, None, Ending]
"""A reply as it comes, in pieces that are not empty, and how it ended."""


class ChatModel(Protocol):
    """A model that can be asked. `context` are its tokens; `thinks` that it ends thoughts which it did not begin."""

    name: str
    context: int
    thinks: bool

    def stream(self, messages: Sequence[Message], *, max_tokens: int) -> Pieces:
        """Returns the reply in pieces; raises `EndpointError`."""
        ...


_sent: ContextVar[list[Sequence[Message]] | None] = ContextVar("sent", default=None)


@contextmanager
def record_messages() -> Iterator[list[Sequence[Message]]]:
    """Records the conversations that are sent to models within the block, in order."""
    log: list[Sequence[Message]] = []
    token = _sent.set(log)
    try:
        yield log
    finally:
        _sent.reset(token)


@dataclass(slots=True)
class Usage:
    """Tokens that models read and wrote; servers that do not count add nothing."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total(self) -> int:
        return self.prompt_tokens + self.completion_tokens


_usage: ContextVar[Usage | None] = ContextVar("usage", default=None)


@contextmanager
def counted_usage(usage: Usage) -> Iterator[None]:
    """Adds to `usage` the tokens of the requests to models that this context makes meanwhile."""
    before = _usage.get()
    _usage.set(usage)
    try:
        yield
    finally:
        _usage.set(before)


def count_usage(ending: Ending) -> None:
    """Adds the tokens of a reply to what is counted."""
    if (usage := _usage.get()) is not None:
        usage.prompt_tokens += ending.prompt_tokens
        usage.completion_tokens += ending.completion_tokens


def record(messages: Sequence[Message]) -> None:
    """Adds to what is recorded."""
    if (log := _sent.get()) is not None:
        log.append(messages)
