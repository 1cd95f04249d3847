"""Replies of a chat model as JSON: asked for by a schema where the endpoint takes one, read from any text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from octavo.rag.clients.chat import ChatClient, Completion
from octavo.rag.clients.messages import ChatModel, Message
from octavo.rag.clients.thoughts import without_thoughts


def complete_json(
    chat: ChatModel, messages: Sequence[Message], max_tokens: int, name: str, schema: dict[str, Any]
) -> Completion:
    """Returns the reply to messages; a server can hold its model to the JSON `schema`, others ignore it."""
    if isinstance(chat, ChatClient):
        form = {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}
        return chat.complete(messages, max_tokens=max_tokens, response_format=form)
    pieces, text = chat.stream(messages, max_tokens=max_tokens), ""
    while True:
        try:
            text += next(pieces)
        except StopIteration as end:
            return Completion(without_thoughts(text), end.value)


def json_values(text: str) -> Iterator[Any]:
    """Returns the JSON objects and lists that stand in a text, one after the other.

    >>> list(json_values('Sure: {"score": 1} and [2, 3] {'))
    [{'score': 1}, [2, 3]]
    """
    decoder, at = json.JSONDecoder(), 0
    while (begin := min((n for c in "{[" if (n := text.find(c, at)) >= 0), default=-1)) >= 0:
        try:
            value, at = decoder.raw_decode(text, begin)
            yield value
        except (ValueError, RecursionError):
            at = begin + 1
