"""Measures how well the chance of an answer tells questions that can be answered from others, by their kind.

Each question of a data set is put to its own documents. Beside those that the set says have no answer, there are
answerable ones put to a document of another question (foreign), answerable ones with another year or name that stands
nowhere in their documents (near misses), and, where the folder has `offtopic.jsonl`, questions that have nothing to do
with any document.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from octavo.eval.datasets import Dataset, Question, load
from octavo.eval.datasets.translations import versions
from octavo.eval.metrics import auroc, risk_coverage
from octavo.eval.protocol import Split, load_protocol
from octavo.eval.retrieval import ingest
from octavo.ingest import OctavoError
from octavo.rag import Level, Pipeline, Scope, Settings
from octavo.rag.answering import QuoteAnswerer
from octavo.rag.answering.chance import Signs
from octavo.rag.answering.proper_names import proper_names
from octavo.rag.documents import DocumentsInScope
from octavo.rag.query.language import language_of, languages
from octavo.rag.query.question import parse_query

T = TypeVar("T")

SEED = 20
COVERAGES = (0.25, 0.5, 0.75, 1.0)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_YEARS_AROUND = 9


class QuestionKind(StrEnum):
    """Kinds of questions, of which only the first has an answer."""

    ANSWERABLE = "answerable"
    UNANSWERABLE = "unanswerable"
    NEAR_MISS = "near miss"
    FOREIGN = "foreign"
    OFF_TOPIC = "off-topic"


@dataclass(frozen=True, slots=True)
class AnswerabilityCase:
    """A question of one kind put to documents: the `chance` of an answer, its `signs`, and whether it is `answered`.

    `document` is the path of the document that the question belongs to; off-topic ones belong to none. `signs` is None
    where a plan answers or refuses by itself.
    """

    question: str
    kind: QuestionKind
    document: str
    chance: float
    answered: bool
    signs: Signs | None = None


@dataclass(frozen=True, slots=True)
class Separation:
    """The separation of answerable questions from those of one kind, or of all kinds (None).

    `answered` is the share that gets an answer. `risk` is the share without an answer to be given among the surest
    questions, at each of `COVERAGES`, and `area` its mean over all shares.
    """

    kind: QuestionKind | None
    questions: int
    answered: float
    auroc: float
    risk: tuple[float, ...]
    area: float


@dataclass(frozen=True, slots=True)
class Answerable:
    """The figures of a data set: `given_up` is the share of the answerable questions that get no answer."""

    name: str
    questions: int
    given_up: float
    separations: tuple[Separation, ...]


def evaluate(
    folder: Path, *, library: Path | None = None, settings: Settings | None = None, split: Split | None = None
) -> Answerable:
    """Asks the questions of each kind. Raises `OctavoError` where the set has no answerable question."""
    dataset = load(folder)
    if split:
        dataset = load_protocol().select(dataset, split)
    with nullcontext(library) if library else tempfile.TemporaryDirectory() as home:
        options = (settings or Settings.from_env()).model_copy(update={"library": Path(home)})
        with Pipeline(options) as pipeline:
            return figures(folder.resolve().name, list(cases(pipeline, dataset)))


def cases(pipeline: Pipeline, dataset: Dataset, count: int = 0) -> Iterator[AnswerabilityCase]:
    """Yields the cases of a data set, with `count` answerable and off-topic questions drawn at random (0: all)."""
    ids, _ = ingest(pipeline, dataset)
    answerable = _sample([q for q in dataset.answerable if all(doc in ids for doc in q.docs)], count)
    for q in answerable:
        yield _case(pipeline, q, QuestionKind.ANSWERABLE, ids)
        others = [other for other in answerable if not set(other.docs) & set(q.docs)]
        if missed := near_miss(q.question, _text(pipeline, [ids[doc] for doc in q.docs]), _names(others)):
            yield _case(pipeline, replace(q, question=missed), QuestionKind.NEAR_MISS, ids)
        if documents := sorted({doc for other in answerable for doc in other.docs} - set(q.docs)):
            other = random.Random(f"{SEED} {q.question}").choice(documents)  # noqa: S311 - not for secrets
            yield _case(pipeline, q, QuestionKind.FOREIGN, dict.fromkeys(q.docs, ids[other]))
    for q in dataset.questions:
        if not q.answerable and q.doc in ids:
            yield _case(pipeline, q, QuestionKind.UNANSWERABLE, ids)
    yield from off_topic_cases(pipeline, dataset, count)


def off_topic_cases(pipeline: Pipeline, dataset: Dataset, count: int = 0) -> Iterator[AnswerabilityCase]:
    """Yields the questions of a data set that have nothing to do with any document, put to all of its documents."""
    ids, _ = ingest(pipeline, dataset)
    for text in _sample(_off_topic(dataset.folder), count):
        yield _case(pipeline, Question("", text, ""), QuestionKind.OFF_TOPIC, ids)


def translated_cases(pipeline: Pipeline, dataset: Dataset, codes: Collection[str] = ()) -> Iterator[AnswerabilityCase]:
    """Yields the translated questions of a data set, each put to its own documents and to another one, and near misses.

    They are those in the languages of `codes`; by default in all that the project has words of.
    """
    ids, _ = ingest(pipeline, dataset)
    answerable = [q for q in dataset.answerable if all(doc in ids for doc in q.docs)]
    every = sorted({doc for q in answerable for doc in q.docs})
    for code, questions in versions({q.id: q for q in answerable}).items():
        for q in questions.values() if code in (codes or languages()) else ():
            yield _case(pipeline, q, QuestionKind.ANSWERABLE, ids)
            others = [other for other in questions.values() if not set(other.docs) & set(q.docs)]
            if missed := near_miss(q.question, _text(pipeline, [ids[doc] for doc in q.docs]), _names(others)):
                yield _case(pipeline, replace(q, question=missed), QuestionKind.NEAR_MISS, ids)
            if documents := [doc for doc in every if doc not in q.docs]:
                other = random.Random(f"{SEED} {q.question}").choice(documents)  # noqa: S311 - not for secrets
                yield _case(pipeline, q, QuestionKind.FOREIGN, dict.fromkeys(q.docs, ids[other]))


def _sample(items: Sequence[T], count: int) -> list[T]:
    source = random.Random(SEED)  # noqa: S311 - not for secrets
    return source.sample(items, min(count, len(items))) if count else list(items)


def _case(pipeline: Pipeline, question: Question, kind: QuestionKind, ids: dict[str, str]) -> AnswerabilityCase:
    documents_of_question = [ids[doc] for doc in question.docs if doc in ids] or sorted(set(ids.values()))
    scope = Scope(documents=tuple(dict.fromkeys(documents_of_question)))
    query, threshold = parse_query(question.question), pipeline.settings.threshold
    ranked = pipeline.reranker().rank(query, pipeline.retriever(Level.CHUNK, scope).retrieve(query))
    if not ranked:
        return AnswerabilityCase(question.question, kind, question.doc, 0.0, answered=False)
    evidence = [candidate.as_evidence() for candidate in ranked]
    documents = DocumentsInScope(pipeline.index, scope)
    assessment = QuoteAnswerer(pipeline.library).assess(query, evidence, documents, threshold)
    return AnswerabilityCase(
        question.question, kind, question.doc, assessment.chance, not assessment.reason, assessment.signs
    )


def near_miss(question: str, text: str, names: Iterable[str]) -> str:
    """Returns a question with another year, else another name, that does not stand in `text`; empty without either.

    >>> near_miss("What did Alder sell in 2019?", "In 2019 Alder sold 4.", ["Birch"])[:22]
    'What did Alder sell in'
    >>> near_miss("What did Alder sell?", "Alder sold 4.", ["Birch"]), near_miss("What was sold?", "", ["Birch"])
    ('What did Birch sell?', '')
    """
    source = random.Random(f"{SEED} {question}")  # noqa: S311 - not for secrets
    if years := _YEAR.findall(question):
        around = range(int(years[-1]) - _YEARS_AROUND, int(years[-1]) + _YEARS_AROUND + 1)
        if absent := [str(year) for year in around if str(year) not in text and str(year) not in years]:
            return question.replace(years[-1], source.choice(absent))
    names_in_question = [
        name
        for name in proper_names(question, language_of(question))
        if name.isalpha() and name in text and re.search(rf"\b{name}\b", question)
    ]
    absent = sorted({name for name in names if name.lower() not in f"{text} {question}".lower()})
    return (
        re.sub(rf"\b{names_in_question[-1]}\b", source.choice(absent), question) if names_in_question and absent else ""
    )


def _names(questions: Sequence[Question]) -> list[str]:
    names = [name for q in questions for name in proper_names(q.question, language_of(q.question))]
    return [name for name in names if name.isalpha()]


def _text(pipeline: Pipeline, documents: Sequence[str]) -> str:
    return " ".join(page.text for document in documents for page in pipeline.library.pages(document))


def _off_topic(folder: Path) -> list[str]:
    path = folder / "offtopic.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [json.loads(line)["question"] for line in lines if line.strip()]


def figures(name: str, cases: Sequence[AnswerabilityCase]) -> Answerable:
    """Returns the figures of cases. Raises `OctavoError` where none is answerable, or all are."""
    answerable = [case for case in cases if case.kind is QuestionKind.ANSWERABLE]
    kinds = [
        kind
        for kind in QuestionKind
        if kind is not QuestionKind.ANSWERABLE and any(case.kind is kind for case in cases)
    ]
    if not answerable or not kinds:
        raise OctavoError(f"{name} needs questions that have an answer, and some that have none, to tell them apart.")
    given_up = sum(not case.answered for case in answerable) / len(answerable)
    separations = [_separation(answerable, [c for c in cases if c.kind is kind], kind) for kind in kinds]
    everything = _separation(answerable, [c for c in cases if c.kind is not QuestionKind.ANSWERABLE], None)
    return Answerable(name, len(answerable), given_up, (*separations, everything))


def _separation(
    answerable: Sequence[AnswerabilityCase], others: Sequence[AnswerabilityCase], kind: QuestionKind | None
) -> Separation:
    scores = [case.chance for case in (*answerable, *others)]
    truth = [True] * len(answerable) + [False] * len(others)
    curve = risk_coverage(scores, list(map(float, truth)))
    at = [next(r for c, r in zip(curve.coverage, curve.risk, strict=True) if c >= coverage) for coverage in COVERAGES]
    answered = sum(case.answered for case in others) / len(others)
    return Separation(kind, len(others), answered, auroc(scores, truth), tuple(at), curve.area)


def table(results: Iterable[Answerable]) -> str:
    """Returns the figures of data sets as Markdown."""
    shares = ", ".join(f"{share:.0%}" for share in COVERAGES)
    lines = [f"| set | against | questions | answered | AUROC | risk at {shares} of the questions | area |"]
    lines.append("|---|---|---|---|---|---|---|")
    for result in results:
        lines.append(f"| {result.name} | answerable | {result.questions} | {1 - result.given_up:.0%} | | | |")
        lines += [
            f"| {result.name} | {separation.kind or 'all of these'} | {separation.questions} | "
            f"{separation.answered:.0%} | {separation.auroc:.3f} | "
            f"{', '.join(f'{risk:.2f}' for risk in separation.risk)} | {separation.area:.3f} |"
            for separation in result.separations
        ]
    return "\n".join(lines)
