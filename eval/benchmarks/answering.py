"""A model's answers in one pass and with steps, with claims checked and not: the same questions, paired."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from octavo.eval.datasets import Question, load
from octavo.eval.judges.rules import judge
from octavo.eval.judges.verdict import Grade
from octavo.eval.metrics import compare
from octavo.eval.retrieval import ids_in_library
from octavo.ingest.store.library import Library
from octavo.rag import Answer, Pipeline, Scope, Settings
from octavo.rag.answering.endpoint import endpoint, model
from octavo.rag.answering.generate import ModelAnswerer
from octavo.rag.clients.chat import ChatClient, Completion
from octavo.rag.clients.messages import Ending, Message, Pieces

ARMS: dict[str, dict[str, Any]] = {
    "one pass, unchecked": {"steps": 1, "check": "off"},
    "one pass": {"steps": 1},
    "steps, unchecked": {"check": "off"},
    "steps": {},
}
"""The changed settings, by name."""
_SEED = 7
PAIRS = (("one pass", "steps"), ("one pass, unchecked", "one pass"), ("steps, unchecked", "steps"))
METRICS = ("right", "wrong", "cites", "cites a gold page", "flagged")


class RememberingChatClient(ChatClient):
    """Asks the endpoint once for the same messages, so that arms differ by what they do and not by chance."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._replies: dict[str, Completion] = {}

    def stream(self, messages: Sequence[Message], *, max_tokens: int, **fields: Any) -> Pieces:
        reply = self.complete(messages, max_tokens=max_tokens, **fields)
        if reply.text:
            yield reply.text
        return reply.ending

    def complete(self, messages: Sequence[Message], *, max_tokens: int, **fields: Any) -> Completion:
        key = repr((messages, max_tokens, fields))
        if key not in self._replies:
            self._replies[key] = super().complete(messages, max_tokens=max_tokens, **fields)
        reply = self._replies[key]
        reply_ending = reply.ending
        ending = Ending(
            reply_ending.reason,
            reply_ending.prompt_tokens,
            reply_ending.completion_tokens,
            reply_ending.refused,
            list(reply_ending.calls),
        )
        return Completion(reply.text, ending)


def measure(folder: Path, library: Path, url: str, out: Path, *, limit: int = 0, across: bool = False) -> Iterator[str]:
    """Puts questions in a random but fixed order to each arm; yields the lines of a report at the end.

    Other settings are those of the environment. A row for each question and arm is written to `out` as it comes;
    questions that are there already are not asked again.
    """
    settings = Settings.from_env(llm_url=url, library=library)
    data = load(folder)
    chosen = [q for q in data.answerable if q.answer]
    random.Random(_SEED).shuffle(chosen)  # noqa: S311
    rows = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    done = {row["id"] for row in rows}
    name, context = model(settings)
    chat = RememberingChatClient(endpoint(settings), name, context, body=settings.llm_body)
    with ExitStack() as opened, out.open("a") as file:
        opened_library = opened.enter_context(Library(library))
        ids = ids_in_library(data, opened_library)
        pipelines = {}
        for arm, changed in ARMS.items():
            options = settings.answering.model_copy(update=changed)
            own = settings.model_copy(update={"answering": options})
            pipelines[arm] = opened.enter_context(Pipeline(own, answerer=ModelAnswerer(opened_library, own, chat)))
        for question in chosen[: limit or None]:
            if question.id not in done:
                results = [_row(pipeline, arm, question, ids, across) for arm, pipeline in pipelines.items()]
                rows += results
                file.writelines(json.dumps(row) + "\n" for row in results)
                file.flush()
    yield from report(rows)


def _row(pipeline: Pipeline, arm: str, question: Question, ids: dict[str, str], across: bool) -> dict[str, Any]:
    documents = tuple(ids[doc] for doc in question.docs if doc in ids)
    started = time.perf_counter()
    answer = pipeline.ask(question.question, scope=Scope() if across else Scope(documents=documents))
    seconds = time.perf_counter() - started
    grade = judge(question.question, question.answer, answer.text, abstained=answer.abstained).grade
    gold = {(documents[0] if documents else "", page) for page in question.gold_pages}
    return {
        "id": question.id,
        "arm": arm,
        "right": grade is Grade.CORRECT,
        "wrong": grade is Grade.INCORRECT,
        "abstained": answer.abstained,
        "cites": bool(answer.citations),
        "cites a gold page": any((c.document, c.page) in gold for c in answer.citations),
        "flagged": bool(answer.unsupported),
        "seconds": round(seconds, 2),
        "steps": _describe(answer),
        "text": answer.text,
        "gold": question.answer,
    }


def _describe(answer: Answer) -> list[dict[str, Any]]:
    return [
        {"kind": step.kind, "query": step.query, "pages": len(step.pages), "problem": step.problem}
        for step in answer.steps
    ]


def report(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yields means of each arm, and paired differences with 95 % bootstrap intervals."""
    by_arm: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        by_arm.setdefault(row["arm"], {})[row["id"]] = row
    yield "| | n | " + " | ".join(METRICS) + " |"
    yield "|---" * (len(METRICS) + 2) + "|"
    for arm, scores in by_arm.items():
        means = (f"{sum(bool(row[metric]) for row in scores.values()) / len(scores):.3f}" for metric in METRICS)
        yield f"| {arm} | {len(scores)} | " + " | ".join(means) + " |"
    for first, second in PAIRS:
        both = sorted(by_arm.get(first, {}).keys() & by_arm.get(second, {}).keys())
        if not both:
            continue
        cells = []
        for metric in METRICS:
            before, after = ([float(by_arm[arm][id][metric]) for id in both] for arm in (first, second))
            c = compare(before, after)
            cells.append(f"{c.difference:+.3f} [{c.low:+.3f}, {c.high:+.3f}]")
        yield f"| {second} − {first} | {len(both)} | " + " | ".join(cells) + " |"
