"""Tasks for a judging model: instructions, text and pictures, and the form of its reply."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from octavo.rag.clients.messages import Message
from octavo.rag.clients.thoughts import without_thoughts

S = TypeVar("S", bound=BaseModel)

REASON = "one or two sentences"


class MalformedReply(ValueError):  # noqa: N818 - a reply, not a fault of this program
    """A reply that is not the JSON asked for; its text says what is wrong, for the model to repair."""


@dataclass(frozen=True, slots=True)
class Task(Generic[S]):
    """One question to a model: `parts` are texts and JPEG pictures in order, `schema` is what the reply must be.

    Different `sample`s of the same task are drawn again, all but the first with some randomness.
    """

    instructions: str
    parts: tuple[str | bytes, ...]
    schema: type[S]
    sample: int = 0

    def key(self, model: str, max_tokens: int) -> str:
        """Returns a hash of everything that the reply depends on."""
        digest = hashlib.sha256()
        for part in (model, max_tokens, self.sample, schema_of(self.schema), self.instructions):
            digest.update(f"{part}\0".encode())
        for content in self.parts:
            data = content.encode() if isinstance(content, str) else content
            digest.update(f"{type(content).__name__} {len(data)}\0".encode() + data)
        return digest.hexdigest()

    def messages(self, repairs: Sequence[tuple[str, str]] = ()) -> list[Message]:
        """Returns the conversation; `repairs` are earlier replies with what was wrong with each."""
        instructions = f"{self.instructions}\nReply with one JSON object and nothing else: {_form(self.schema)}"
        messages = [Message("system", (instructions,)), Message("user", self.parts)]
        for reply, problem in repairs:
            messages.append(Message("assistant", (reply or "{}",)))
            messages.append(Message("user", (f"That cannot be read ({problem}). Reply with the JSON only.",)))
        return messages

    def read(self, text: str) -> S:
        """Returns the reply as the schema; raises `MalformedReply`."""
        try:
            return self.schema.model_validate(_json_object(without_thoughts(text)))
        except ValidationError as error:
            first = error.errors()[0]
            raise MalformedReply(f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}") from error


def _json_object(text: str) -> dict[str, Any]:
    """Returns the JSON object that a reply is, or holds between other words; raises `MalformedReply`."""
    begin = text.find("{")
    try:
        result, _ = json.JSONDecoder().raw_decode(text, begin) if begin >= 0 else (None, 0)
    except (ValueError, RecursionError) as error:
        raise MalformedReply(f"it is no JSON object: {str(error)[:120]}") from error
    if not isinstance(result, dict):
        raise MalformedReply("it is no JSON object")
    return result


@cache
def schema_of(schema: type[BaseModel]) -> str:
    """Returns the JSON schema of a reply, which has no other fields."""
    return json.dumps(schema.model_json_schema() | {"additionalProperties": False})


@cache
def _form(schema: type[BaseModel]) -> str:
    """Returns an example of the reply, with what each field may be.

    >>> class Graded(BaseModel):
    ...     reason: str
    ...     right: bool
    >>> _form(Graded)
    '{"reason": "one or two sentences", "right": a boolean}'
    """
    fields = [f'"{name}": {_field(spec)}' for name, spec in schema.model_json_schema()["properties"].items()]
    return "{" + ", ".join(fields) + "}"


def _field(spec: dict[str, Any]) -> str:
    if "enum" in spec:
        return " or ".join(json.dumps(value) for value in spec["enum"])
    if "description" in spec:
        return str(spec["description"])
    return f'"{REASON}"' if spec.get("type") == "string" else f"a {spec.get('type', 'value')}"
