"""The parts of a probe: trials over a data set and a system, and the figures of their rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from octavo.eval.datasets import Dataset, Question
from octavo.eval.judges import rules
from octavo.eval.judges.verdict import Grade
from octavo.eval.metrics import ConfidenceInterval, interval
from octavo.eval.runs.rows import Row
from octavo.eval.runs.system import System
from octavo.ingest import OctavoError
from octavo.rag import Answer, Evidence, Pipeline, Scope
from octavo.rag.clients.chat import ChatClient
from octavo.rag.clients.messages import Message
from octavo.rag.entry import EntryId, Level
from octavo.rag.retrieval.candidate import ScoredEntry


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """A data set in a library, and the system that is probed on it.

    `questions` are those of the run, `ids` the documents' ids by their path in the data set, `folder` is where a probe
    may keep files that it makes, and `limit` is that of the data (0: none). What trials need open while they run, such
    as a second library, is entered into `resources`.
    """

    pipeline: Pipeline
    dataset: Dataset
    system: System
    questions: tuple[Question, ...]
    ids: dict[str, str]
    folder: Path
    seed: int
    resources: ExitStack
    limit: int = 0

    @property
    def has_model(self) -> bool:
        """True where the system's answers are written by a model."""
        return bool(self.pipeline.settings.llm_url or self.pipeline.settings.llm_gguf)

    @property
    def grounded(self) -> list[Question]:
        """The answerable questions whose documents and gold pages are known."""
        return [q for q in self.questions if q.answerable and q.gold_pages and q.doc in self.ids]

    def draw(self, *parts: str) -> random.Random:
        """Returns a generator for one thing that is drawn: the same for the same seed, whatever was drawn before."""
        return random.Random("/".join([str(self.seed), *parts]))  # noqa: S311 - not for secrets

    def scope(self, question: Question) -> Scope:
        """Returns the scope of a question: its own documents, or all that the system searches."""
        own = tuple(self.ids[doc] for doc in question.docs if doc in self.ids)
        return self.system.scope(own or tuple(sorted(set(self.ids.values()))))

    def page(self, document: str, number: int, score: float = 1.0) -> Evidence:
        """Returns a whole page as evidence."""
        [entry] = self.pipeline.index.entries([EntryId.of_page(document, number)])
        info = self.pipeline.library.info(document)
        return replace(ScoredEntry(entry, score, info.name, info.title).as_evidence(), level=Level.PAGE)

    def gold_page(self, question: Question) -> Evidence:
        """Returns the first gold page of a question as evidence."""
        return self.page(self.ids[question.doc], question.gold_pages[0])

    def ask_model(self, *parts: str | bytes, max_tokens: int = 0) -> str:
        """Returns the reply of the system's model to texts and pictures; raises `OctavoError` without a model."""
        settings = self.pipeline.settings
        if not settings.llm_url:
            raise OctavoError("This probe asks a model: set settings.llm_url in the configuration.", setting="llm_url")
        client: ChatClient = self.pipeline.clients.get(settings)
        return client.complete([Message("user", parts)], max_tokens=max_tokens or settings.llm_max_tokens).text


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing to be measured: `key` tells it apart in its probe, `measure` returns its row without the key."""

    key: str
    measure: Callable[[], Row]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a probe with its interval over trials."""

    name: str
    value: ConfidenceInterval


class Probe(Protocol):
    """A probe. `needs_model` says that there is nothing to measure without a model."""

    needs_model: bool

    def trials(self, source: ProbeTarget) -> Iterable[Trial]:
        """Returns the trials over a source, in an order that the seed decides."""
        ...

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        """Returns the figures of the rows that were measured."""
        ...


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The figures of a probe for one data set and one system; `failed` trials have no row."""

    probe: str
    data: str
    system: str
    trials: int
    failed: int
    figures: tuple[Figure, ...]


def is_right(question: Question, answer: Answer) -> bool:
    """Returns whether an answer is correct by the judge's rules."""
    verdict = rules.judge(question.question, question.answer, answer.text, abstained=answer.abstained)
    return verdict.grade is Grade.CORRECT


def mean(name: str, rows: Sequence[Row], value: Callable[[Row], Any]) -> list[Figure]:
    """Returns the mean of a value over the rows that have one, as a figure; none where no row has."""
    values = [float(v) for row in rows if (v := value(row)) is not None]
    return [Figure(name, interval(values))] if values else []


def by_variant(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Returns the rows by their variant, in the order in which variants come first."""
    result: dict[str, list[Row]] = {}
    for row in rows:
        result.setdefault(row["variant"], []).append(row)
    return result
