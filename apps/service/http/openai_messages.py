"""Messages of OpenAI's clients, and the question that they ask."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from octavo.apps.service.errors import ServiceError
from octavo.apps.service.http.shapes import Lenient, SearchOptions
from octavo.apps.service.questions import CollectionQuestion, picture_of

CITED = re.compile(r"\[(\d+)\]")
"""The number of a citation in an answer's text."""


class MessagePart(Lenient):
    """A piece of a message: text, or a picture as data URL."""

    type: str
    text: str = ""
    image_url: str | dict[str, Any] | None = None


class MessageIn(Lenient):
    """A message of a conversation."""

    role: str = "user"
    content: str | list[MessagePart] | None = None


class LenientSearchOptions(Lenient, SearchOptions):
    """Octavo's own options of a question, given in the client's `extra_body`."""


def question_of(options: LenientSearchOptions, messages: Sequence[MessageIn]) -> CollectionQuestion:
    """Returns the question of a conversation: its last user message, after the earlier ones with their answers."""
    texts = [(message.role, *_content(message)) for message in messages]
    numbers = [number for number, (role, *_) in enumerate(texts) if role == "user"]
    if not numbers:
        raise ServiceError("messages: there is no message of the role user.", setting="messages")
    last = numbers[-1]
    before = []
    for number in numbers[:-1]:
        answers = [text for role, text, _ in texts[number + 1 : last] if role == "assistant"]
        if texts[number][1].strip():
            before.append((texts[number][1], answers[0] if answers else ""))
    _, text, picture = texts[last]
    return options.question_of(text, picture, tuple(before))


def _content(message: MessageIn) -> tuple[str, bytes | None]:
    """Returns the text of a message and its picture; raises `ServiceError` for more than one picture."""
    if message.content is None or isinstance(message.content, str):
        return message.content or "", None
    texts, pictures = [], []
    for part in message.content:
        if part.type in ("text", "input_text", "output_text"):
            texts.append(part.text)
        elif part.type in ("image_url", "input_image") and part.image_url:
            url = part.image_url if isinstance(part.image_url, str) else str(part.image_url.get("url", ""))
            pictures.append(url)
        else:
            raise ServiceError(f"messages: parts of the type {part.type[:40]!r} are not read.", setting="messages")
    if message.role != "user" or not pictures:
        return "\n".join(texts), None
    if len(pictures) > 1:
        raise ServiceError("messages: a question has one picture.", setting="messages")
    return "\n".join(texts), picture_of(pictures[0])
