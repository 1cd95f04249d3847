"""Calibrates the score of elements: `python -m octavo.eval.fitting.cascade SET [--library DIR] [--without DOC …]`.

The set has one gold page a question and the text of its evidence, as OHR-Bench has. Pairs are balanced, and an element
is right where it says most of the evidence's words, as in `fitting.relevancy`; half of the documents are fitted, half
held out.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octavo.eval.datasets import load
from octavo.eval.fitting.calibration import relevant
from octavo.rag import Level, Pipeline, Scope
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import MatchScorer
from octavo.rag.relevancy.calibration import expected_calibration_error, sigmoid
from octavo.rag.relevancy.cascade import Cascade

Pairs = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]
"""Scores, which are right, and weights by which positives and negatives of each question are balanced."""


def main() -> None:
    """Prints the bias that the cascade needs, the scale that it would like (1 is shipped), and the error held out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--library", type=Path, help="keep the ingested library here")
    parser.add_argument("--without", nargs="*", default=[], help="documents that are measured elsewhere")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pairs = _pairs(arguments.data, arguments.library or Path(folder), arguments.without)
    documents = sorted(pairs)
    for fitted, held in ((documents[::2], documents[1::2]), (documents[1::2], documents[::2]), (documents, documents)):
        scale, bias = platt(_joined([pairs[d] for d in fitted]))
        scores, right, weights = _joined([pairs[d] for d in held])
        probability = sigmoid(scale * scores + bias)
        accuracy = float(np.average((probability > 0.5) == right, weights=weights))
        error = expected_calibration_error(probability, right, weights)
        print(f"scale {scale:.3f} bias {bias:.3f}: {len(held)} documents, accuracy {accuracy:.3f}, ECE {error:.3f}")


def platt(pairs: Pairs) -> tuple[float, float]:
    """Scale and bias of the logistic fit to weighted pairs (Platt 1999).

    >>> scores = np.array([-2.0, -1.0, 1.0, 2.0])
    >>> scale, bias = platt((scores, np.array([False, True, False, True]), np.ones(4)))
    >>> scale > 0, round(bias, 6) == 0
    (True, True)
    """
    scores, right, weights = pairs
    inputs, found = np.stack([scores, np.ones(len(scores))], axis=1), np.zeros(2)
    for _ in range(50):
        probability = sigmoid(inputs @ found)
        slope = inputs.T @ (weights * (probability - right)) + 1e-6 * found
        curve = (inputs * (weights * probability * (1 - probability))[:, None]).T @ inputs + 1e-6 * np.eye(2)
        found = found - np.linalg.solve(curve, slope)
    return float(found[0]), float(found[1])


def _pairs(folder: Path, library: Path, without: list[str]) -> dict[str, Pairs]:
    dataset, found = load(folder), dict[str, list[Pairs]]()
    with Pipeline(library) as pipeline:
        pipeline.ingest(*(folder / doc for doc in dataset.documents))
        ids = {Path(path).name: info.id for info in pipeline.documents() for path in info.paths}
        scorer = MatchScorer(pipeline.index, Cascade(bias=0.0))
        for q in dataset.answerable:
            document = ids.get(name := Path(q.doc).name)
            if document is None or name in without:
                continue
            query = parse_query(q.question)
            candidates = pipeline.retriever(Level.ELEMENT, Scope(documents=(document,))).retrieve(query)
            entries = [c.entry for c in candidates]
            gold = relevant(pipeline, q, document, Level.ELEMENT)
            right = np.array([e.id in gold for e in entries], dtype=bool)
            if right.any() and not right.all():
                scores = scorer.logits(query, entries, [c.score for c in candidates])
                found.setdefault(name, []).append((scores, right, _balanced(scores, right)))
    return {name: _joined(pairs) for name, pairs in found.items()}


def _balanced(scores: NDArray[np.float64], right: NDArray[np.bool_], hard: int = 6) -> NDArray[np.float64]:
    """Weights: a half for the right ones, a quarter for the `hard` best-ranked wrong ones, a quarter for the others."""
    weights = np.where(right, 0.5 / right.sum(), 0.0)
    wrong = np.flatnonzero(~right)
    wrong = wrong[np.argsort(-scores[wrong], kind="stable")]
    for group in (wrong[:hard], wrong[hard:] if len(wrong) > hard else wrong):
        weights[group] += 0.25 / len(group)
    return weights


def _joined(pairs: list[Pairs]) -> Pairs:
    scores, right, weights = (np.concatenate(column) for column in zip(*pairs, strict=True))
    return scores, right, weights


if __name__ == "__main__":
    main()
