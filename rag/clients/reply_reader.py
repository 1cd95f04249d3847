"""Replies of chat models in OpenAI's protocol, as events of a stream or whole."""

from __future__ import annotations

import json
from typing import Any

from octavo.rag.clients.http import Endpoint
from octavo.rag.clients.messages import Ending, FunctionCall
from octavo.rag.clients.replies import printable

_TEXTS = ("text", "output_text")


class ReplyReader:
    """Takes text and ending from the events of a reply, whatever else they hold."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._surrogate = ""
        self._calls: dict[int, list[str]] = {}
        self.ending = Ending()
        self.events = 0
        self.read = self.done = False

    def event(self, data: str) -> str:
        """Returns the text of one event."""
        if data == "[DONE]":
            self.done = self.read = True
            self.ending.reason = self.ending.reason or ""
            return ""
        self.events += 1
        return self._text(self._decoded(data))

    def whole(self, text: str) -> str:
        """Returns the text of a reply that is no stream."""
        if text.lstrip().startswith("<"):
            raise self._endpoint.unreadable("a web page, so it is no model server, or asks for a login")
        return self._text(self._decoded(text))

    def _decoded(self, data: str) -> dict[str, Any]:
        try:
            result = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._endpoint.unreadable("no JSON", again=True) from error
        if not isinstance(result, dict):
            raise self._endpoint.unreadable("no JSON object")
        if result.get("error"):
            raise self._endpoint.broken(result["error"])
        return result

    def _text(self, event: dict[str, Any]) -> str:
        usage = event.get("usage")
        if isinstance(usage, dict):
            self.ending.prompt_tokens = _count(usage.get("prompt_tokens"))
            self.ending.completion_tokens = _count(usage.get("completion_tokens"))
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return ""
        self.read = True
        if isinstance(choice.get("finish_reason"), str):
            self.ending.reason = choice["finish_reason"]
        part = choice.get("delta") or choice.get("message")
        if not isinstance(part, dict):
            part = {"content": choice.get("text")}
        text = _content(part.get("content"))
        self._call(part.get("tool_calls"))
        if isinstance(part.get("refusal"), str) and part["refusal"]:
            self.ending.refused = True
            text += part["refusal"]
        text, self._surrogate = self._surrogate + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._surrogate = text[:-1], text[-1]
        return printable(text)

    def _call(self, parts: object) -> None:
        """Takes in function calls, which come whole or in parts that name their place among the calls."""
        for place, part in enumerate(parts if isinstance(parts, list) else ()):
            function = part.get("function") if isinstance(part, dict) else None
            if not isinstance(function, dict):
                continue
            index = part["index"] if isinstance(part.get("index"), int) else place
            name, arguments = self._calls.setdefault(index, ["", ""])
            given_arguments = function.get("arguments")
            given_arguments = json.dumps(given_arguments) if isinstance(given_arguments, dict) else given_arguments
            self._calls[index] = [name or str(function.get("name") or ""), arguments + (given_arguments or "")]
        self.ending.calls = [
            FunctionCall(name, _object(given_arguments)) for _, (name, given_arguments) in sorted(self._calls.items())
        ]


def _content(content: object) -> str:
    """Returns the text of a message's content, which may be parts; thoughts among them are left out."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return ""
    texts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type", "text") in _TEXTS]
    return "".join(text for text in texts if isinstance(text, str))


def _object(text: str) -> dict[str, Any]:
    try:
        result = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return result if isinstance(result, dict) else {}


def _count(tokens: object) -> int:
    return tokens if isinstance(tokens, int) and tokens > 0 else 0
