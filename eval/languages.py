"""One set of questions in several languages: what each finds and abstains from, beside the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from octavo.eval.datasets import Question, load
from octavo.eval.datasets.translations import versions
from octavo.eval.metrics import ConfidenceInterval, interval, mean_rank_variance, page_recall
from octavo.eval.retrieval import gold_places, ingest
from octavo.ingest import OctavoError
from octavo.rag import Level, Pipeline, Scope, Settings


@dataclass(frozen=True, slots=True)
class LanguageResult:
    """A question in one language: the rank of its first right page, page recall, and whether it was abstained from."""

    rank: int
    recall: tuple[float, float]
    abstained: bool


@dataclass(frozen=True, slots=True)
class LanguageFigures:
    """The figures of one set: page recall at 1 and 5, the share abstained from, and the differences to the first set.

    `difference` is in recall at 5, `more_abstained` in abstention, each with its 95 % interval over questions.
    """

    name: str
    questions: int
    recall: tuple[float, float]
    abstained: float
    difference: ConfidenceInterval
    more_abstained: ConfidenceInterval


@dataclass(frozen=True, slots=True)
class LanguageReport:
    """The figures of each set, the first one beside itself, and the mean rank variance over all."""

    sets: tuple[LanguageFigures, ...]
    mean_rank_variance: float


def evaluate(
    folders: Sequence[Path], library: Path, settings: Settings | None = None, translated: bool = False
) -> LanguageReport:
    """Asks the questions that all sets have by their ids, each of its own document; the first set is compared with.

    With `translated`, the questions of each set that the project translates are asked as they are and in each of its
    languages. Raises `OctavoError` where there is no question to ask.
    """
    if translated:
        groups = [(folder, versions(_questions(folder))) for folder in folders]
    else:
        groups = [(folders[0], _shared({folder.name: _questions(folder) for folder in folders}))]
    if not any(questions for _, sets in groups for questions in sets.values()):
        raise OctavoError(
            "The project translates no question of these sets: it does some of mmdocir-slides and mmdocir-docs."
            if translated
            else "The sets have no questions in common: versions of a question have the same id."
        )
    settings = (settings or Settings.from_env()).model_copy(update={"library": library})
    results: dict[str, list[LanguageResult]] = {}
    with Pipeline(settings) as pipeline:
        for folder, sets in groups:
            ids, _ = ingest(pipeline, load(folder))
            for name, questions in sets.items():
                results.setdefault(name, []).extend(_ask(pipeline, question, ids) for question in questions.values())
    first = next(iter(results.values()))
    figures = [
        LanguageFigures(
            name,
            len(some),
            (_mean([a.recall[0] for a in some]), _mean([a.recall[1] for a in some])),
            _mean([a.abstained for a in some]),
            interval([a.recall[1] - b.recall[1] for a, b in zip(some, first, strict=True)]),
            interval([float(a.abstained) - b.abstained for a, b in zip(some, first, strict=True)]),
        )
        for name, some in results.items()
    ]
    ranks = [[float(some[n].rank) for some in results.values()] for n in range(len(first))]
    return LanguageReport(tuple(figures), mean_rank_variance(ranks))


def _questions(folder: Path) -> dict[str, Question]:
    return {q.id: q for q in load(folder).answerable if q.gold_pages}


def _shared(sets: dict[str, dict[str, Question]]) -> dict[str, dict[str, Question]]:
    ids = [i for i in next(iter(sets.values())) if all(i in questions for questions in sets.values())]
    return {name: {i: questions[i] for i in ids} for name, questions in sets.items()}


def _ask(pipeline: Pipeline, question: Question, ids: dict[str, str]) -> LanguageResult:
    if question.doc not in ids:
        raise OctavoError(f"{question.doc} could not be read, so its questions cannot be asked.")
    scope = Scope(documents=ids[question.doc])
    pages = pipeline.library.info(ids[question.doc]).pages
    hits = pipeline.search(question.question, level=Level.PAGE, k=min(100, pages), scope=scope)
    ranked, gold = [(hit.document, hit.page) for hit in hits], gold_places(question, ids)
    rank = next((n for n, place in enumerate(ranked, 1) if place in gold), pages)
    recall = page_recall(ranked, gold, 1), page_recall(ranked, gold, 5)
    return LanguageResult(rank, recall, pipeline.ask(question.question, scope=scope).abstained)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def table(report: LanguageReport) -> str:
    """Returns the report for people."""
    lines = [
        f"{s.name:12} {s.questions} questions: recall {s.recall[0]:.3f} / {s.recall[1]:.3f} "
        f"({s.difference.mean:+.3f} [{s.difference.low:+.3f}, {s.difference.high:+.3f}]), abstained {s.abstained:.0%} "
        f"({s.more_abstained.mean:+.2f} [{s.more_abstained.low:+.2f}, {s.more_abstained.high:+.2f}])"
        for s in report.sets
    ]
    return "\n".join([*lines, f"mean rank variance {report.mean_rank_variance:.2f}"])
