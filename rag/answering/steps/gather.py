"""The loop before an answer: judge the evidence, take steps, judge again, within a budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

from octavo.ingest import OctavoError
from octavo.rag.answering.base import Lookup
from octavo.rag.answering.prompt import Prompt
from octavo.rag.answering.requests import EvidenceRequests
from octavo.rag.answering.steps.decide import Decider, Decision
from octavo.rag.answering.steps.notes import take_notes
from octavo.rag.answering.steps.tools import Search, Tool, Zoom, offered_tools
from octavo.rag.clients.chat import Completion
from octavo.rag.clients.messages import ChatModel
from octavo.rag.evidence import Evidence, PageRef, Step
from octavo.rag.image_source import PageStore
from octavo.rag.settings import Settings


@dataclass(slots=True)
class StepBudget:
    """Rounds, tokens and time (of `time.monotonic`) left for steps; none begins once it is spent."""

    rounds: int
    tokens: int
    until: float

    @property
    def is_spent(self) -> bool:
        return self.rounds <= 0 or self.tokens <= 0 or time.monotonic() >= self.until


@dataclass(slots=True)
class _Gathered:
    """Evidence with what steps added, behind the best piece or `first`, so that a short context has room for it."""

    evidence: list[Evidence]
    searched: set[str] = field(default_factory=set)

    def add(self, additions: Sequence[Evidence], *, first: bool) -> list[Evidence]:
        present = {(e.id, e.text) for e in self.evidence}
        new = [e for e in additions if (e.id, e.text) not in present]
        at = 0 if first else 1
        self.evidence = [*self.evidence[:at], *new, *self.evidence[at:]]
        return new


LEAST_CONTEXT = 4_096
"""Tokens of a context under which further evidence displaces the first: in 1,100 tokens steps lost two right answers of
15 and won one."""


class StepTaker:
    """Lets a model look for more evidence in up to `options.steps - 1` rounds, each a judgment and up to three steps.

    A model whose context has fewer than `LEAST_CONTEXT` tokens answers in one pass. A round ends the steps where the
    model finds nothing missing, its reply cannot be read, or they add nothing. A step that fails is told and changes
    nothing, so that an answer in one pass always remains.
    """

    def __init__(self, pages: PageStore, chat: ChatModel, requests: EvidenceRequests, settings: Settings) -> None:
        self._pages, self._chat, self._requests, self._settings = pages, chat, requests, settings
        self._decider = Decider(chat, settings.answering.tools)

    def gather(
        self, question: str, evidence: Sequence[Evidence], lookup: Lookup, picture: bytes | None
    ) -> Generator[Step, None, tuple[Evidence, ...]]:
        """Yields each step when it is over; returns the evidence that the answer rests on."""
        options = self._settings.answering
        budget = StepBudget(options.steps - 1, options.step_tokens, time.monotonic() + options.step_seconds)
        gathered = _Gathered(list(evidence))
        has_room = self._chat.context >= LEAST_CONTEXT
        while has_room and self._decider.is_able and not budget.is_spent:
            budget.rounds -= 1
            if not (yield from self._round(question, gathered, lookup, picture, budget)):
                break
        if gathered.evidence and options.notes != "never":
            gathered.evidence = yield from take_notes(
                question, gathered.evidence, self._pages, self._chat, self._requests, self._settings, budget.until
            )
        return tuple(gathered.evidence)

    def _round(
        self, question: str, gathered: _Gathered, lookup: Lookup, picture: bytes | None, budget: StepBudget
    ) -> Generator[Step, None, bool]:
        """Yields the steps of one judgment; returns whether they added evidence."""
        started = time.monotonic()
        try:
            decision = self._judge(question, gathered.evidence, picture, budget)
        except OctavoError as error:
            yield Step("judge", "", (), _since(started), str(error))
            return False
        if decision is None:
            yield Step("judge", "", (), _since(started), f"{self._chat.name} gave no decision that can be read.")
            return False
        yield Step("judge", decision.missing if decision.tools else "", (), _since(started))
        added, numbered = False, tuple(gathered.evidence)
        for tool in decision.tools:
            if tool.query_text in gathered.searched or time.monotonic() >= budget.until:
                continue
            if isinstance(tool, Search):
                gathered.searched.add(tool.query)
            step = self._take(tool, numbered, gathered, lookup)
            added = added or bool(step.pages)
            yield step
        return added

    def _judge(
        self, question: str, evidence: Sequence[Evidence], picture: bytes | None, budget: StepBudget
    ) -> Decision | None:
        def ask(task: str, transmit: Callable[[Prompt], Completion]) -> Completion:
            request, reply = self._requests.send(question, evidence, picture, transmit, [], task)
            used = reply.ending.prompt_tokens + reply.ending.completion_tokens
            budget.tokens -= used or request.tokens
            return reply

        tools = offered_tools(evidence, self._pages, sees=self._requests.most_pictures > 0)
        return self._decider.decide(tools, ask, self._requests.max_tokens, has_evidence=bool(evidence))

    def _take(self, tool: Tool, numbered: Sequence[Evidence], gathered: _Gathered, lookup: Lookup) -> Step:
        """Takes one step; `numbered` is the evidence by the numbers that the model was shown."""
        started = time.monotonic()
        try:
            result = tool.run(numbered, self._pages, lookup)
        except OctavoError as error:
            return Step(tool.kind, tool.query_text, (), _since(started), str(error))
        new = gathered.add(result, first=isinstance(tool, Zoom))
        pages = dict.fromkeys(PageRef(e.document, e.name, e.page) for e in new)
        return Step(tool.kind, tool.query_text, tuple(pages), _since(started))


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
