"""Fits the chance that there is an answer: what `octavo fit --of chance` runs.

The questions of `octavo.eval.answerable` on the documents that the protocol names for it: answerable ones weigh as much
as those without an answer, and each kind of the latter the same. Questions that the project translates are put in each
language as well. Documents are split, never questions: the figures of a
document are those of weights that were fitted without it.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from octavo import __version__
from octavo.eval.answerable import SEED, AnswerabilityCase, QuestionKind, cases, translated_cases
from octavo.eval.datasets import load
from octavo.eval.metrics import auroc
from octavo.eval.protocol import folders_by_name, load_protocol
from octavo.ingest import OctavoError
from octavo.rag import Pipeline
from octavo.rag.answering.chance import ChanceFitSet, ChanceModel, Provenance, Signs
from octavo.rag.relevancy.logistic import fit_logistic, sigmoid

RIDGE = 0.1
FOLDS = 5
"""Documents are split into so many parts. A document's name decides, so that adding one moves no other."""

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeightedCase:
    """A question of a set with its signs; `share` is its weight among all questions, which sum to their number."""

    name: str
    case: AnswerabilityCase
    signs: Signs
    share: float


def fit_chance(
    folders: Sequence[Path],
    libraries: Path | None = None,
    progress: Callable[[str], None] = lambda line: None,
    protocol: Path | None = None,
) -> ChanceModel:
    """Fits the weights on the sets that the protocol names for the chance of an answer, given by their folders.

    `libraries` keeps the sets as ingested, by their names; `protocol` is a file that takes the place of the project's.
    Raises `OctavoError` for a set that the protocol does not name, and where one that it names is not given.
    """
    rules = load_protocol(protocol)
    folder_of = folders_by_name(folders, rules.chance)
    by_set: dict[str, list[AnswerabilityCase]] = {}
    hashes = {}
    with nullcontext(libraries) if libraries else tempfile.TemporaryDirectory() as home:
        for name, folder in folder_of.items():
            dataset = load(folder)
            hashes[name] = dataset.hash
            if name in rules.tune:
                dataset = rules.select(dataset, "tune")
            with Pipeline(Path(home) / name) as pipeline:
                by_set[name] = [
                    *cases(pipeline, dataset, rules.chance[name].questions),
                    *translated_cases(pipeline, dataset),
                ]
            progress(f"{name}: {dict(count_kinds(by_set[name]))}")
    rows = weigh_cases(by_set)
    weights, bias = fit(rows)
    unseen = cross_validated(rows)
    sets = tuple(
        ChanceFitSet(
            name=name,
            documents=len({case.document for case in own if case.document}),
            hash=hashes[name],
            cases=count_kinds(own),
            auroc=auroc_of([(row, chance) for row, chance in zip(rows, unseen, strict=True) if row.name == name]),
        )
        for name, own in by_set.items()
    )
    return ChanceModel(
        weights={name: round(weight, 3) for name, weight in weights.items()},
        bias=round(bias, 3),
        provenance=Provenance(
            command=f"octavo fit --of chance {' '.join(folder_of)}",
            date=datetime.now(UTC).date().isoformat(),
            version=__version__,
            seed=SEED,
            sets=sets,
        ),
    )


def weigh_cases(by_set: Mapping[str, Sequence[AnswerabilityCase]]) -> list[WeightedCase]:
    """Returns the cases of sets, by their names, that have signs, with their weights.

    Raises `OctavoError` unless there are both questions that have an answer and some that have none.
    """
    signed = [(name, case, case.signs) for name, own in by_set.items() for case in own if case.signs is not None]
    counts = Counter(case.kind for _, case, _ in signed)
    others = len(counts) - (QuestionKind.ANSWERABLE in counts)
    if not others or not counts[QuestionKind.ANSWERABLE]:
        raise OctavoError("The sets need questions that have an answer, and some that have none, to be fitted on.")
    share = {
        kind: len(signed) / 2 / (1 if kind is QuestionKind.ANSWERABLE else others) / n for kind, n in counts.items()
    }
    return [WeightedCase(name, case, signs, share[case.kind]) for name, case, signs in signed]


def fit(rows: Sequence[WeightedCase]) -> tuple[dict[str, float], float]:
    """Returns the weights of the signs by name, and the bias."""
    names = list(rows[0].signs.features)
    matrix = np.array([[row.signs.features[name] for name in names] for row in rows])
    truth = np.array([float(row.case.kind is QuestionKind.ANSWERABLE) for row in rows])
    weights, bias = fit_logistic(matrix, truth, np.array([row.share for row in rows]), RIDGE)
    return dict(zip(names, weights.tolist(), strict=True)), bias


def cross_validated(
    rows: Sequence[WeightedCase], fit: Callable[[Sequence[WeightedCase]], tuple[dict[str, float], float]] = fit
) -> list[float]:
    """Returns the chance of each row by weights that `fit` gives without its document."""
    folds = [crc32(Path(row.case.document or row.case.question).name.encode()) % FOLDS for row in rows]
    fits = {
        n: fit([row for row, fold in zip(rows, folds, strict=True) if fold != n] or rows) for n in sorted(set(folds))
    }
    odds = [
        fits[fold][1] + sum(weight * row.signs.features[name] for name, weight in fits[fold][0].items())
        for row, fold in zip(rows, folds, strict=True)
    ]
    chances: list[float] = sigmoid(np.array(odds)).tolist()
    return chances


def count_kinds(cases: Sequence[AnswerabilityCase]) -> dict[str, int]:
    """Returns the number of cases of each kind that there is."""
    return {str(kind): n for kind in QuestionKind if (n := sum(case.kind is kind for case in cases))}


def auroc_of(rows: Sequence[tuple[WeightedCase, float]]) -> float | None:
    """Returns how well the chances of cases tell those with an answer from others; `None` where all are of one kind."""
    truth = [row.case.kind is QuestionKind.ANSWERABLE for row, _ in rows]
    return round(auroc([chance for _, chance in rows], truth), 3) if len(set(truth)) == 2 else None


def differences(old: ChanceModel, new: ChanceModel) -> dict[str, tuple[float, float]]:
    """Returns the weights that differ, by name, as (old, new); a feature that a model lacks weighs 0."""
    names = sorted({*old.weights, *new.weights})
    pairs = {name: (old.weights.get(name, 0.0), new.weights.get(name, 0.0)) for name in names}
    return {name: pair for name, pair in {**pairs, "bias": (old.bias, new.bias)}.items() if pair[0] != pair[1]}
