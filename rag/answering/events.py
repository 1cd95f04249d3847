"""From retrieved evidence to a finished answer, as events."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from octavo.rag.answering.base import Answerer, Lookup
from octavo.rag.evidence import Answer, Event, Evidence, Finished, Retrieved, Step


def answer_events(
    answerer: Answerer,
    question: str,
    evidence: Sequence[Evidence],
    candidates: tuple[Evidence, ...],
    abstention: Callable[[], str],
    *,
    lookup: Lookup | None = None,
    picture: bytes | None = None,
) -> Generator[Event]:
    """Yields `Retrieved`, the steps of an answerer with a `lookup`, `Retrieved` again if they changed it, the answer.

    Without any evidence the answer is the text of `abstention`. Where the answer from what the steps found is an
    abstention, the first evidence is asked alone, as in one pass.

    >>> from octavo.rag.answering import QuoteAnswerer
    >>> evidence = pipeline.search("capital expenditure in 2018", level="chunk")
    >>> answerer = QuoteAnswerer(pipeline.library)
    >>> question = "What was capital expenditure in 2018?"
    >>> *_, last = answer_events(answerer, question, evidence, evidence, lambda: "Nothing was found.")
    >>> "1,577" in last.answer.text
    True
    """
    first = gathered = tuple(evidence)
    yield Retrieved(first, candidates)
    steps: list[Step] = []
    if lookup:
        gathering = answerer.gather(question, first, lookup, picture)
        while True:
            try:
                step = next(gathering)
            except StopIteration as end:
                gathered = end.value
                break
            steps.append(step)
            yield step
    if gathered != first:
        yield Retrieved(gathered, candidates)
    if not gathered:
        abstained = Answer(question, abstention(), candidates=candidates, abstained=True, steps=tuple(steps))
        yield Finished(abstained)
        return
    for event in _attempt_answers(
        answerer, question, (gathered, first) if gathered != first else (first,), candidates, picture
    ):
        yield replace(event, answer=replace(event.answer, steps=tuple(steps))) if isinstance(event, Finished) else event


def _attempt_answers(
    answerer: Answerer,
    question: str,
    attempts: Sequence[tuple[Evidence, ...]],
    candidates: tuple[Evidence, ...],
    picture: bytes | None,
) -> Generator[Event]:
    """Yields the first answer that is no abstention, each attempt with its evidence; else the last abstention."""
    is_shown = False
    for n, evidence in enumerate(filter(None, attempts)):
        if n:
            yield Retrieved(evidence, candidates)
        for event in answerer.stream(question, evidence, picture):
            if isinstance(event, Finished):
                last = Finished(replace(event.answer, candidates=candidates))
                continue
            if n and is_shown:
                event, is_shown = replace(event, replaces=True), False
            is_shown = is_shown or not n
            yield event
        if not last.answer.abstained:
            break
    yield last
