"""What a model was asked, word by word, taken from LlamaIndex's own events."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.instrumentation.events.llm import LLMChatStartEvent

_mine = threading.local()


@contextmanager
def recorded() -> Iterator[list[list[dict[str, str]]]]:
    """The conversations that this thread sends to models, in order, pictures as `[picture]`."""
    _installed()
    _mine.prompts = []
    try:
        yield _mine.prompts
    finally:
        _mine.prompts = None


class _Recorder(BaseEventHandler):
    def handle(self, event: BaseEvent, **kwargs: Any) -> None:
        held = getattr(_mine, "prompts", None)
        if held is not None and isinstance(event, LLMChatStartEvent):
            held.append([{"role": str(m.role.value), "content": _text(m)} for m in event.messages])


@cache
def _installed() -> _Recorder:
    recorder = _Recorder()
    get_dispatcher().add_event_handler(recorder)
    return recorder


def _text(sent: ChatMessage) -> str:
    parts = []
    for block in sent.blocks:
        if isinstance(block, TextBlock):
            parts.append(block.text)
        elif isinstance(block, ImageBlock):
            parts.append("[picture]")
    return "\n".join(parts)
