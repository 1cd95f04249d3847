"""Decisions of a model on its next steps: by function calls where its endpoint has them, else as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from octavo.rag.answering.prompt import Prompt
from octavo.rag.answering.steps.tools import Tool, arguments_schema, parse_tool, tool_name
from octavo.rag.answering.structured import complete_json, json_values
from octavo.rag.clients.chat import ChatClient, Completion
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.messages import ChatModel

MOST_STEPS = 3
"""Steps that a model may take at once."""
_MOST_UNREADABLE = 2
_ANSWER = "answer"
_JUDGE = (
    "Do not answer yet. First decide whether the evidence holds everything that the question asks for: each thing, "
    f"year, unit and part of it. If something is missing, take up to {MOST_STEPS} steps that may find it; a question "
    "about several things may need one search for each."
)
_NOTHING_FOUND = (
    f"Nothing was found for the question. Name up to {MOST_STEPS} searches in other words that may find it."
)
_BY_FUNCTIONS = f"If nothing is missing, call `{_ANSWER}`. Reply with function calls only."
_REFUSED = (400, 404, 405, 422, 500, 501)


@dataclass(frozen=True, slots=True)
class Decision:
    """The steps that a model takes next, none where the evidence suffices; `missing` is what it misses."""

    tools: tuple[Tool, ...]
    missing: str = ""


Ask = Callable[[str, Callable[[Prompt], Completion]], Completion]
"""Sends a task about the evidence; the second argument sends one prompt."""


class Decider:
    """Asks one model for decisions.

    With `mode` `auto` function calls are tried first. Where the endpoint refuses them or answers neither by a call nor
    by JSON, JSON is asked for, then and from then on. A model that gives no readable reply twice, one after the other,
    cannot decide: `is_able` is false from then on.
    """

    def __init__(self, chat: ChatModel, mode: Literal["auto", "functions", "json"]) -> None:
        self._chat, self._mode, self._unreadable = chat, mode, 0

    @property
    def is_able(self) -> bool:
        return self._unreadable < _MOST_UNREADABLE

    def decide(self, tools: Sequence[type[Tool]], ask: Ask, max_tokens: int, *, has_evidence: bool) -> Decision | None:
        """Returns the decision, `None` where the reply cannot be read; raises the endpoint's `EndpointError`."""
        decision = self._decide(tools, ask, max_tokens, has_evidence)
        self._unreadable = self._unreadable + 1 if decision is None else 0
        return decision

    def _decide(self, tools: Sequence[type[Tool]], ask: Ask, max_tokens: int, has_evidence: bool) -> Decision | None:
        judge = _JUDGE if has_evidence else _NOTHING_FOUND
        if isinstance(self._chat, ChatClient) and self._mode != "json" and self._chat.functions is not False:
            decision = self._by_functions(self._chat, judge, tools, ask, max_tokens)
            if decision is not None or self._mode == "functions":
                return decision
        return _parse_decision(
            ask(
                f"{judge}\n{_by_json(tools)}",
                lambda request: complete_json(self._chat, request.messages, max_tokens, "decision", _schema(tools)),
            )
        )

    def _by_functions(
        self, chat: ChatClient, judge: str, tools: Sequence[type[Tool]], ask: Ask, max_tokens: int
    ) -> Decision | None:
        fields = {"tools": [_ENOUGH, *map(_function, tools)], "tool_choice": "required"}
        try:
            reply = ask(
                f"{judge} {_BY_FUNCTIONS}",
                lambda request: chat.complete(request.messages, max_tokens=max_tokens, **fields),
            )
        except EndpointError as error:
            if error.status not in _REFUSED or self._mode == "functions":
                raise
            chat.functions = False
            return None
        decision = _parse_decision(reply)
        chat.functions = decision is not None or chat.functions or False
        return decision


_ENOUGH = {
    "type": "function",
    "function": {
        "name": _ANSWER,
        "description": "Nothing is missing: the evidence holds everything that the question asks for.",
        "parameters": {"type": "object", "properties": {}},
    },
}


def _function(tool: type[Tool]) -> dict[str, Any]:
    description = {"name": tool_name(tool), "description": _description(tool), "parameters": arguments_schema(tool)}
    return {"type": "function", "function": description}


def _description(tool: type[Tool]) -> str:
    return " ".join((tool.__doc__ or "").split())


def _by_json(tools: Sequence[type[Tool]]) -> str:
    """Returns instructions to decide by JSON, with the tools and their arguments."""
    lines = [
        f"{json.dumps({'tool': tool_name(tool)} | {n: f['description'] for n, f in _properties(tool).items()})}: "
        f"{_description(tool)}"
        for tool in tools
    ]
    return "\n".join(
        [
            'Reply with one JSON object and nothing else: {"missing": "what is missing, in a few words", "steps": '
            "[...]}, where `steps` is an empty list if nothing is missing, else holds objects of these forms:",
            *lines,
        ]
    )


def _properties(tool: type[Tool]) -> dict[str, Any]:
    result: dict[str, Any] = arguments_schema(tool)["properties"]
    return result


def _schema(tools: Sequence[type[Tool]]) -> dict[str, Any]:
    """Returns the JSON schema of a decision."""
    steps = []
    for tool in tools:
        schema = arguments_schema(tool)
        name = {"tool": {"type": "string", "enum": [tool_name(tool)]}}
        steps.append({**schema, "properties": name | schema["properties"], "required": ["tool", *schema["required"]]})
    return {
        "type": "object",
        "properties": {
            "missing": {"type": "string"},
            "steps": {"type": "array", "maxItems": MOST_STEPS, "items": {"anyOf": steps}},
        },
        "required": ["missing", "steps"],
        "additionalProperties": False,
    }


def _parse_decision(reply: Completion) -> Decision | None:
    """Returns the decision of a reply: its function calls, or the JSON in its text."""
    calls = [(call.name, call.arguments) for call in reply.ending.calls]
    missing, readable = "", bool(calls)
    if not calls:
        for value in json_values(reply.text):
            if isinstance(value, dict) and isinstance(value.get("steps"), list):
                missing, readable = str(value.get("missing") or ""), True
            calls += _calls(value)
    tools: list[Tool] = []
    for name, arguments in calls:
        readable = readable or name == _ANSWER
        with suppress(ValidationError):
            tool = parse_tool(name, arguments)
            if tool not in tools:
                tools.append(tool)
    return Decision(tuple(tools[:MOST_STEPS]), missing) if readable or tools else None


def _calls(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields names and arguments of the calls in a JSON value, in any of the forms that models give them."""
    if isinstance(value, list):
        for part in value:
            yield from _calls(part)
    elif isinstance(value, dict):
        if isinstance(value.get("steps"), list):
            yield from _calls(value["steps"])
        elif isinstance(name := value.get("name") or value.get("tool"), str):
            arguments = value.get("arguments", value.get("parameters", value))
            yield name, arguments if isinstance(arguments, dict) else {}
