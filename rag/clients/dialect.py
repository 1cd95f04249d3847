"""Dialects of OpenAI's chat protocol: what an endpoint takes, learnt from what it refuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.messages import Message
from octavo.rag.images import data_url

_NO_SYSTEM = re.compile(r"system (?:role|message|prompt|instruction)|roles? must alternate|role.{0,20}\bsystem\b", re.I)
_NO_FORM = re.compile(r"response_format|json_schema|structured|grammar", re.I)
_NO_USAGE = re.compile(r"stream_options|include_usage|stream options", re.I)


@dataclass(slots=True)
class Dialect:
    """Parts of the protocol that an endpoint takes; `completion` says that it wants `max_completion_tokens`."""

    completion: bool = False
    temperature: bool = True
    system: bool = True
    form: bool = True
    usage: bool = True
    swapped: bool = False

    def __post_init__(self) -> None:
        self.temperature = not self.completion

    def body(self, messages: Sequence[Message], max_tokens: int, fields: dict[str, Any]) -> dict[str, Any]:
        """Returns the fields of a request."""
        if not self.system:
            messages = _without_system(messages)
        limit = "max_completion_tokens" if self.completion else "max_tokens"
        request = {"messages": [_wire(m) for m in messages], limit: max_tokens, "temperature": 0.0, **fields}
        if not self.temperature:
            del request["temperature"]
        if not self.form:
            request.pop("response_format", None)
        if not self.usage:
            request.pop("stream_options", None)
        return request

    def learn(self, error: EndpointError) -> bool:
        """Adapts to a refusal that names what the server does not take; returns true if it did."""
        complaint = error.reply.lower()
        if error.status not in (400, 404, 422, 500, 501):
            return False
        if ("max_tokens" in complaint or "max_completion_tokens" in complaint) and not (self.swapped or error.too_long):
            self.completion, self.swapped = not self.completion, True
        elif "temperature" in complaint and self.temperature:
            self.temperature = False
        elif self.system and _NO_SYSTEM.search(complaint):
            self.system = False
        elif self.form and _NO_FORM.search(complaint):
            self.form = False
        elif self.usage and _NO_USAGE.search(complaint):
            self.usage = False
        else:
            return False
        return True


def _wire(sent: Message) -> dict[str, Any]:
    """Returns a message in OpenAI's protocol; text alone is a string, which every server takes."""
    if all(isinstance(part, str) for part in sent.parts):
        return {"role": sent.role, "content": "\n\n".join(str(part) for part in sent.parts)}
    parts = [
        {"type": "text", "text": part}
        if isinstance(part, str)
        else {"type": "image_url", "image_url": {"url": data_url(part)}}
        for part in sent.parts
    ]
    return {"role": sent.role, "content": parts}


def _without_system(messages: Sequence[Message]) -> list[Message]:
    """Returns the messages with the instructions at the beginning of the first one of the user."""
    instructions = tuple(part for m in messages if m.role == "system" for part in m.parts)
    first, *rest = [m for m in messages if m.role != "system"]
    return [Message("user", (*instructions, *first.parts)), *rest]
