"""Fits the embedded relevancy score: `python -m octavo.eval.fitting.relevancy --train FOLDER --data SET …`.

`--train` is a folder with `questions.jsonl.gz` and `passages.jsonl.gz` (a passage stands for a page of its document),
`--data` are data sets with one gold page a question and its text. Pairs are balanced as RAG-Check's are (arXiv
2501.03995): for each question the positives weigh as much as its negatives, the candidates of its document. Two things
are added while the weights are learned: the best-ranked wrong ones weigh more, and every question is also put to a
document that cannot answer it, so that the best of several wrong candidates does not look like an answer. Then the
scores are made probabilities on plain balanced pairs (Platt 1999). Documents are split, never questions: a fifth of
them is held out for the figures that go into the card.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from octavo.eval.datasets import load
from octavo.eval.fitting.calibration import relevant
from octavo.ingest import Box, Chunk, Document, Element, Kind, Line, Page, Region
from octavo.rag import Entry, Level, Pipeline, Scope
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import MatchScorer
from octavo.rag.relevancy.calibration import expected_calibration_error, sigmoid
from octavo.rag.relevancy.features import NAMES
from octavo.rag.relevancy.match import CARD

SEED = 20
RIDGE = 0.1
FLOORS = {"named": 4.0, "document": 2.0}
"""Least weights, where the training questions cannot teach them: who names a page, a figure or a document means it."""
HARD, HARDER = 3, 0.25
"""The best-ranked wrong candidates of a question, and how much of its negatives' weight they have for themselves."""
FOREIGN = 0.1
"""What the best-ranked candidates of a document that cannot answer weigh, where a question's own ones weigh 1."""
UNSEEN = {Level.PAGE: 0.1, Level.ELEMENT: 0.0}
"""How many right pages show it in none of their words, which training passages cannot teach: they are words only.

Chosen on documents with figures, one half of them against the other (see eval/RESULTS.md).
"""
LEAST = 5
"""A document of fewer pages is not asked alone."""
HELD_OUT = 5
"""One document in this many is held out. Its name decides, so that adding or removing a document moves no other."""
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
    """A logistic model and its figures on held-out documents.

    `accuracy` and `ece` are those of balanced pairs with all negatives, `hard_accuracy` of the best-scored ones.
    """
    held = {p.document for p in pairs if crc32(p.document.encode()) % HELD_OUT == 0}
    train = [p for p in pairs if p.document not in held]
    test = [p for p in pairs if p.document in held] or train
    matrix, right = _stacked(train)
    weights, _ = _logistic(matrix, right, np.concatenate([_weights(p) for p in train]), FLOORS)
    scale, bias = _logistic((matrix @ weights)[:, None], right, np.concatenate([_balanced(p) for p in train]))
    weights = weights * scale
    matrix, right = _stacked(test)
    unseen = UNSEEN[level]
    probability = unseen + (1 - unseen) * sigmoid(matrix @ weights + bias)
    importance = np.concatenate([_balanced(p) for p in test])
    hardest = np.concatenate([_hardest(p, p.features @ weights) for p in test])
    return {
        "weights": [round(float(w), 4) for w in weights],
        "bias": round(bias, 4),
        "unseen": unseen,
        "questions": int(sum(p.right.any() for p in train)),
        "held_out_questions": int(sum(p.right.any() for p in test)),
        "accuracy": round(float(np.average((probability > 0.5) == right, weights=importance)), 4),
        "hard_accuracy": round(float(np.average((probability > 0.5) == right, weights=hardest)), 4),
        "ece": round(expected_calibration_error(probability, right, importance), 4),
    }


def _stacked(pairs: Sequence[Pairs]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return np.vstack([p.features for p in pairs]), np.concatenate([p.right for p in pairs])


def _logistic(
    matrix: NDArray[np.float64],
    right: NDArray[np.bool_],
    importance: NDArray[np.float64],
    floors: Mapping[str, float] = {},
) -> tuple[NDArray[np.float64], float]:
    """Logistic regression whose weights are not negative: a better match never lowers the score."""
    from scipy.optimize import minimize

    signs = np.where(right, 1.0, -1.0)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (matrix @ parameters[:-1] + parameters[-1])
        pull = -signs * importance / (1 + np.exp(margins))
        value = float(importance @ np.logaddexp(0, -margins)) + RIDGE * float(parameters[:-1] @ parameters[:-1])
        return value, np.append(matrix.T @ pull + 2 * RIDGE * parameters[:-1], pull.sum())

    names = NAMES[: matrix.shape[1]]
    bounds: list[tuple[float | None, float | None]] = [(floors.get(name, 0.0), None) for name in names]
    bounds.append((None, None))
    found = minimize(loss, np.zeros(matrix.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    return found[:-1], float(found[-1])


def _weights(pairs: Pairs) -> NDArray[np.float64]:
    """What a question's candidates weigh while the model learns; they are in the order of the first pass."""
    wrong = np.flatnonzero(~pairs.right)
    weights = np.zeros(len(pairs.right))
    if not pairs.right.any():
        weights[wrong[:HARD]] = FOREIGN / len(wrong[:HARD])
        return weights
    weights = _balanced(pairs)
    if len(wrong) > HARD:
        weights[wrong] *= 1 - HARDER
        weights[wrong[:HARD]] += 0.5 * HARDER / HARD
    return weights


def _balanced(pairs: Pairs) -> NDArray[np.float64]:
    """Positives and negatives of a question weigh half each; one without positives weighs nothing."""
    right = pairs.right
    return np.where(right, 0.5 / max(1, right.sum()), 0.5 / max(1, (~right).sum())) * right.any()


def _hardest(pairs: Pairs, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positives weigh half, and as many of the best-scored negatives the other half."""
    wrong = np.flatnonzero(~pairs.right)
    best = wrong[np.argsort(-scores[wrong], kind="stable")][: pairs.right.sum()]
    weights = np.where(pairs.right, 0.5 / max(1, pairs.right.sum()), 0.0)
    weights[best] = 0.5 / max(1, len(best))
    return weights


def _pairs(
    pipeline: Pipeline, question: str, gold: set[str], document: str, level: Level, scope: Scope
) -> Iterator[Pairs]:
    """The candidates of a question, and those of a document that cannot answer it."""
    entries, matrix = _candidates(pipeline, question, level, scope)
    right = np.array([e.id in gold for e in entries], dtype=bool)
    if right.any() and not right.all():
        yield Pairs(document, matrix, right)
    others = [i.id for i in pipeline.documents() if i.pages >= LEAST and i.id not in (scope.documents or ())]
    if scope.documents and others:
        other = random.Random(f"{SEED} {question}").choice(others)  # noqa: S311 - not for secrets
        entries, matrix = _candidates(pipeline, question, level, Scope(documents=(other,)))
        if entries:
            yield Pairs(document, matrix, np.zeros(len(entries), dtype=bool))


def _candidates(
    pipeline: Pipeline, question: str, level: Level, scope: Scope
) -> tuple[list[Entry], NDArray[np.float64]]:
    query = parse_query(question)
    candidates = pipeline.retriever(level, scope).retrieve(query)
    entries = [c.entry for c in candidates]
    if not entries:
        return [], np.zeros((0, len(NAMES)))
    found = [c.score for c in candidates]
    return entries, MatchScorer(pipeline.index).features(query, entries, found)


def _dataset(folder: Path, library: Path, level: Level, without: Sequence[str]) -> Iterator[Pairs]:
    dataset = load(folder)
    with Pipeline(library) as pipeline:
        pipeline.ingest(*(folder / doc for doc in dataset.documents))
        ids = {Path(path).name: info.id for info in pipeline.documents() for path in info.paths}
        for q in dataset.answerable:
            document = ids.get(Path(q.doc).name)
            if document is None or Path(q.doc).name in without:
                continue
            gold = relevant(pipeline, q, document, level)
            for scope in (
                (Scope(documents=(document,)), Scope()) if level is Level.PAGE else (Scope(documents=(document,)),)
            ):
                yield from _pairs(pipeline, q.question, gold, document, level, scope)


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
            scope = Scope(documents=(_id(row["doc"]),)) if len(documents[row["doc"]]) >= LEAST else Scope()
            gold = {place[p] for p in row["positives"]}
            yield from _pairs(pipeline, row["question"], gold, row["doc"], Level.PAGE, scope)


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
