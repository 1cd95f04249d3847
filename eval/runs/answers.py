"""The first half of a run: every system answers every question, and its evidence is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from octavo.eval.concurrent import map_concurrent
from octavo.eval.datasets import Question
from octavo.eval.figures import LAYOUT_CUTS, PAGE_CUTS
from octavo.eval.judges.model import short_name
from octavo.eval.retrieval import score_question
from octavo.eval.runs.config import Data
from octavo.eval.runs.prompts import as_rows
from octavo.eval.runs.rows import Row
from octavo.eval.runs.system import Modality, System
from octavo.ingest import OctavoError, Region
from octavo.rag import Answer, Event, Evidence, Finished, Level, Pipeline, Retrieved, Scope
from octavo.rag.answering.prompt import tokens
from octavo.rag.clients.messages import record_messages

_PICTURES_RANKED = 30
"""Pictures among which the pages of a system that searches pictures only are ranked."""


def key(data: Data, system: System, question: Question) -> str:
    """Returns the key of a row of a run."""
    return f"{data.name}/{system.name}/{question.id}"


def answers(
    pipeline: Pipeline,
    data: Data,
    system: System,
    questions: Sequence[Question],
    ids: dict[str, str],
    folder: Path,
    within: bool = True,
) -> Iterator[Row]:
    """Yields a row for each question, as they finish; one that could not be answered has an `error`.

    `folder` holds the questions' pictures. `within` tells whether a question is asked of its own document only.
    """

    def answer_question(question: Question) -> Row:
        documents = [ids[doc] for doc in question.docs if doc in ids] if within else sorted(set(ids.values()))
        scope = system.scope(tuple(documents))
        row = {"key": key(data, system, question)} | _about(data, system, question)
        try:
            picture = folder / question.picture if question.picture else None
            result = _retrieve(pipeline, system, question, picture, scope, ids)
            return row | result | _answer(pipeline, system, question, picture, scope)
        except OctavoError as error:
            return row | {"error": str(error)}

    for _, row in map_concurrent(answer_question, questions, system.concurrency):
        yield row


def _about(data: Data, system: System, question: Question) -> Row:
    return {
        "data": data.name,
        "system": system.name,
        "modality": str(system.modality),
        "id": question.id,
        "question": question.question,
        "doc": question.doc,
        "gold": question.answer,
        "form": question.form,
        "choices": list(question.choices),
        "answerable": question.answerable,
        "domain": question.domain,
        "evidence_type": list(question.evidence_type),
        "slices": list(question.slices),
        "gold_pages": list(question.gold_pages),
        "gold_layouts": [_region(region) for region in question.gold_layouts],
    }


def _retrieve(
    pipeline: Pipeline, system: System, question: Question, picture: Path | None, scope: Scope, ids: dict[str, str]
) -> Row:
    """Returns the ranking of pages, and of elements where there are gold boxes, with the metrics of both."""

    def search(level: Level, k: int) -> list[Evidence]:
        return pipeline.search(question.question, level=level, k=k, scope=scope, picture=picture)

    started = time.perf_counter()
    by_picture = system.kinds is not None
    pages = _pages_of(search(Level.ELEMENT, _PICTURES_RANKED)) if by_picture else search(Level.PAGE, max(PAGE_CUTS))
    seconds = time.perf_counter() - started
    elements = search(Level.ELEMENT, max(LAYOUT_CUTS)) if question.gold_layouts else []
    return {
        "ranked": [[hit.name, hit.page, round(hit.score, 4)] for hit in pages],
        "retrieval": score_question(question, ids, pages, elements) if question.gold_pages else {},
        "search_seconds": round(seconds, 4),
    }


def _pages_of(pictures: Sequence[Evidence]) -> list[Evidence]:
    """Returns the best picture of each page, for the ranking of pages that pictures make."""
    best: dict[tuple[str, int], Evidence] = {}
    for hit in pictures:
        best.setdefault((hit.document, hit.page), hit)
    return list(best.values())[: max(PAGE_CUTS)]


def _answer(pipeline: Pipeline, system: System, question: Question, picture: Path | None, scope: Scope) -> Row:
    started = time.perf_counter()
    with record_messages() as sent_to_models:
        answer, retained = _ask(pipeline, system, _prompt_with_choices(question), picture, scope)
    seconds = time.perf_counter() - started
    prompts = [as_rows(conversation) for conversation in sent_to_models]
    sent = [message["content"] for prompt in prompts for message in prompt]
    return {
        "answer": answer.text,
        "abstained": answer.abstained,
        "model": short_name(answer.model),
        "problems": list(answer.problems),
        "score": round(answer.candidates[0].score, 4) if answer.candidates else 0.0,
        "evidence": [_evidence(e) for e in retained],
        "citations": [
            {"number": c.number, "name": c.name, "document": c.document, "page": c.page, "boxes": c.boxes}
            for c in answer.citations
        ],
        "prompt": prompts[-1] if prompts else [],
        "seconds": round(seconds, 4),
        "prompt_tokens": sum(tokens(text) for text in sent),
        "completion_tokens": tokens(answer.text) if prompts else 0,
    }


def _ask(
    pipeline: Pipeline, system: System, question: str, picture: Path | None, scope: Scope
) -> tuple[Answer, tuple[Evidence, ...]]:
    """Returns the answer and the evidence it was given; without their text where a system is to see pictures only.

    `picture` belongs to the question: it is searched with and shown.
    """
    with closing(pipeline.stream(question, level=system.level, scope=scope, picture=picture)) as events:
        first = next(events)
        assert isinstance(first, Retrieved)
        rest: Iterator[Event] = events
        if system.modality is Modality.IMAGE and first.evidence:
            without_text = [replace(e, text="") for e in first.evidence]
            rest = pipeline.answerer.stream(question, without_text, picture.read_bytes() if picture else None)
        *_, last = rest
    assert isinstance(last, Finished)
    return replace(last.answer, candidates=first.candidates), last.answer.evidence or first.evidence


def _prompt_with_choices(question: Question) -> str:
    """Returns the question with the answers to choose from."""
    if not question.choices:
        return question.question
    choices = "\n".join(f"{letter}. {choice}" for letter, choice in zip("ABCDEFGH", question.choices, strict=False))
    return f"{question.question}\n{choices}\nAnswer with the letter first."


def _evidence(e: Evidence) -> dict[str, Any]:
    return {
        "id": e.id,
        "document": e.document,
        "name": e.name,
        "page": e.page,
        "heading": e.heading,
        "text": e.text,
        "score": round(e.score, 4),
        "kind": str(e.kind or ""),
        "regions": [_region(region) for region in e.regions],
    }


def _region(region: Region) -> list[float]:
    return [region.page, *(round(x, 1) for x in region.box)]
