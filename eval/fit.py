"""Fits the embedded relevancy score: `python -m eval.fit --train FOLDER --data SET …`.

`--train` is a folder with `questions.jsonl.gz` and `passages.jsonl.gz` (a passage stands for a page of its document),
`--data` are data sets with one gold page a question and its text. Pairs are balanced as RAG-Check's are (arXiv
2501.03995): for each question the positives weigh as much as its negatives, which are half at random and half the
best-ranked wrong ones of the same candidates. Documents are split, never questions: a fifth of them is held out for
the figures that go into the card.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest import Box, Chunk, Document, Element, Kind, Line, Page, Region
from rag import Entry, Level, Pipeline, Scope
from rag.analyze import terms
from rag.question import parse
from rag.relevancy import MatchScorer
from rag.relevancy.features import NAMES
from rag.relevancy.match import CARD

from .datasets import Question, load

SEED = 20
RIDGE = 0.1
FLOORS = {"named": 3.0, "document": 2.0}
"""Least weights, where the training questions cannot teach them: who names a page, a figure or a document means it."""
NEGATIVES = 12
HELD_OUT = 5
"""One document in so many is held out."""
SOURCES = {
    "ohr": "OHR-Bench, research use",
    "tatqa": "TAT-QA, MIT",
    "wikitables": "WikiTableQuestions, CC BY-SA 4.0",
    "fetaqa": "FeTaQA, CC BY-SA 4.0",
    "policyqa": "PolicyQA, MIT",
    "covidqa": "COVID-QA, Apache-2.0",
    "xquad": "XQuAD, CC BY-SA 4.0",
}


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labelled pairs of one question: features of shape (n, len(NAMES)), which are right, and its document."""

    document: str
    features: NDArray[np.float64]
    right: NDArray[np.bool_]


def main() -> None:
    """Fits the levels one after the other, coarse to fine, and writes the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--data", type=Path, nargs="+", default=[])
    parser.add_argument("--without", nargs="*", default=[], help="documents of the data that are measured elsewhere")
    parser.add_argument("--libraries", type=Path, help="keep the ingested libraries here")
    parser.add_argument("--questions", type=int, default=500, help="questions of each training source")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.libraries or Path(folder)
        card: dict[str, Any] = {"features": NAMES, "seed": SEED, "sources": SOURCES, "levels": _former()}
        for level in (Level.PAGE, Level.ELEMENT):
            pairs = list(_passages(arguments.train, home / "train", arguments.questions)) if level is Level.PAGE else []
            for data in arguments.data:
                pairs += _dataset(data, home / data.name, level, arguments.without)
            fitted = fit(pairs, level)
            print(level, {key: value for key, value in fitted.items() if key != "weights"}, flush=True)
            card["levels"][str(level)] = fitted
            if level is Level.PAGE:  # passages are like chunks; a document is as relevant as a page that says as much
                card["levels"] |= {str(Level.CHUNK): fitted, str(Level.DOCUMENT): fitted}
            CARD.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _former() -> dict[str, Any]:
    """The levels that the card has by now, where it is of the same features."""
    card = json.loads(CARD.read_text(encoding="utf-8"))
    return dict(card["levels"]) if tuple(card["features"]) == NAMES else {}


def fit(pairs: Sequence[Pairs], level: Level) -> dict[str, Any]:
    """A logistic model and its figures on held-out documents: accuracy on balanced pairs, calibration error."""
    documents = sorted({p.document for p in pairs})
    random.Random(SEED).shuffle(documents)  # noqa: S311 - not for secrets
    held = set(documents[::HELD_OUT])
    train = [p for p in pairs if p.document not in held]
    test = [p for p in pairs if p.document in held] or train
    weights, bias = _logistic(*_stacked(train))
    matrix, right, importance = _stacked(test)
    probability = 1 / (1 + np.exp(-(matrix @ weights + bias)))
    return {
        "weights": [round(float(w), 4) for w in weights],
        "bias": round(bias, 4),
        "questions": len(train),
        "held_out_questions": len(test),
        "accuracy": round(float(np.average((probability > 0.5) == right, weights=importance)), 4),
        "ece": round(expected_calibration_error(probability, right, importance), 4),
    }


def _stacked(pairs: Sequence[Pairs]) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    importance = np.concatenate([_weights(p) for p in pairs])
    return np.vstack([p.features for p in pairs]), np.concatenate([p.right for p in pairs]), importance


def _logistic(
    matrix: NDArray[np.float64], right: NDArray[np.bool_], importance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Logistic regression whose weights are not negative: a better match never lowers the score."""
    from scipy.optimize import minimize

    signs = np.where(right, 1.0, -1.0)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (matrix @ parameters[:-1] + parameters[-1])
        pull = -signs * importance / (1 + np.exp(margins))
        value = float(importance @ np.logaddexp(0, -margins)) + RIDGE * float(parameters[:-1] @ parameters[:-1])
        return value, np.append(matrix.T @ pull + 2 * RIDGE * parameters[:-1], pull.sum())

    bounds: list[tuple[float | None, float | None]] = [(FLOORS.get(name, 0.0), None) for name in NAMES]
    bounds.append((None, None))
    found = minimize(loss, np.zeros(matrix.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    return found[:-1], float(found[-1])


def expected_calibration_error(
    probability: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64], bins: int = 10
) -> float:
    """Mean distance between what is predicted and what happens, over equal bins of probability, in [0, 1].

    >>> expected_calibration_error(np.array([0.9, 0.9]), np.array([True, True]), np.ones(2))
    0.09999999999999998
    """
    places = np.minimum((probability * bins).astype(int), bins - 1)
    total = 0.0
    for place in np.unique(places):
        inside = places == place
        share = weights[inside].sum() / weights.sum()
        gap = np.average(probability[inside], weights=weights[inside]) - np.average(
            right[inside], weights=weights[inside]
        )
        total += float(share) * abs(float(gap))
    return total


def _weights(pairs: Pairs) -> NDArray[np.float64]:
    """Positives and negatives of a question weigh half each."""
    return np.where(pairs.right, 0.5 / max(1, pairs.right.sum()), 0.5 / max(1, (~pairs.right).sum()))


def _pairs(
    pipeline: Pipeline, question: str, gold: set[str], document: str, level: Level, scope: Scope
) -> Pairs | None:
    nodes = pipeline.retriever(level, scope).retrieve(question)
    entries = [Entry.of(n.node) for n in nodes]
    right = np.array([e.id in gold for e in entries], dtype=bool)
    if not right.any() or right.all():
        return None
    matrix = MatchScorer(pipeline.index).features(parse(question), entries, [n.score or 0.0 for n in nodes])
    wrong = [n for n in range(len(entries)) if not right[n]]
    source = random.Random(f"{SEED} {question}")  # noqa: S311 - not for secrets
    hard = wrong[: NEGATIVES // 2]
    rest = wrong[len(hard) :]
    kept = sorted([*np.flatnonzero(right), *hard, *source.sample(rest, min(len(rest), NEGATIVES - len(hard)))])
    return Pairs(document, matrix[kept], right[kept])


def _dataset(folder: Path, library: Path, level: Level, without: Sequence[str]) -> Iterator[Pairs]:
    dataset = load(folder)
    with Pipeline(library) as pipeline:
        pipeline.ingest(*(folder / doc for doc in dataset.documents))
        ids = {Path(path).name: info.id for info in pipeline.documents() for path in info.paths}
        for q in dataset.answerable:
            document = ids.get(Path(q.doc).name)
            if document is None or Path(q.doc).name in without:
                continue
            gold = _gold(pipeline, q, document, level)
            for scope in (
                (Scope(documents=(document,)), Scope()) if level is Level.PAGE else (Scope(documents=(document,)),)
            ):
                if pairs := _pairs(pipeline, q.question, gold, document, level, scope):
                    yield pairs


def _gold(pipeline: Pipeline, question: Question, document: str, level: Level) -> set[str]:
    """Ids of the right entries: the gold pages, or what on them says most of the evidence's words."""
    pages = [f"{document}/p{page}" for page in question.gold_pages]
    if level is Level.PAGE:
        return set(pages)
    wanted = set(terms(question.evidence, stop_words=False))
    entries = pipeline.index.entries_on(pages, level)
    shares = {e.id: len(wanted & set(terms(e.searchable))) / max(1, len(wanted)) for e in entries}
    best = max(shares.values(), default=0.0)
    return {identity for identity, share in shares.items() if share >= max(0.6, best)}


def _passages(folder: Path, library: Path, count: int) -> Iterator[Pairs]:
    by_source: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(folder / "questions.jsonl.gz"):
        if row["language"] == "en":
            by_source.setdefault(row["source"], []).append(row)
    asked = [
        row
        for source, rows in sorted(by_source.items())
        for row in random.Random(f"{SEED} {source}").sample(rows, min(count, len(rows)))  # noqa: S311 - not for secrets
    ]
    documents: dict[str, list[dict[str, Any]]] = {row["doc"]: [] for row in asked}
    for row in _rows(folder / "passages.jsonl.gz"):
        if row["doc"] in documents:
            documents[row["doc"]].append(row)
    place = {row["id"]: f"{_id(doc)}/p{n}" for doc, rows in documents.items() for n, row in enumerate(rows)}
    with Pipeline(library) as pipeline:
        with pipeline.index.writing():
            for doc, rows in documents.items():
                pipeline.index.add(_document(doc, [row["text"] for row in rows]), Path("/", doc))
        for row in asked:
            scope = Scope(documents=(_id(row["doc"]),)) if len(documents[row["doc"]]) >= HELD_OUT else Scope()
            gold = {place[p] for p in row["positives"]}
            if pairs := _pairs(pipeline, row["question"], gold, row["doc"], Level.PAGE, scope):
                yield pairs


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _id(doc: str) -> str:
    return doc.replace("/", ":")


def _document(doc: str, passages: Sequence[str]) -> Document:
    """Passages as the pages of a document, each with one element and one chunk."""
    pages, chunks = [], []
    box = Box(50, 50, 550, 750)
    for n, text in enumerate(passages):
        element = Element(0, Kind.TEXT, box, text, (Line(text, box),))
        pages.append(Page(n, 612, 792, text=text, elements=(element,)))
        chunks.append(Chunk(n, "", text, (Region(n, box, 0),)))
    return Document(_id(doc), doc, doc, doc.rpartition("/")[2], "text/plain", tuple(pages), tuple(chunks))


if __name__ == "__main__":
    main()
