"""Fits the parameters of the embedded relevancy score: what `octavo fit` runs.

Pairs are balanced as RAG-Check's are (arXiv 2501.03995): the relevant candidates of a question weigh as much as the
irrelevant ones of its document. While the weights are learned, the best-ranked irrelevant ones weigh more, and every
question is also put to a document that cannot answer it, so that the best of several wrong candidates does not look
like an answer. Then the scores are made probabilities on plain balanced pairs (Platt 1999). Documents are split, never
questions: a fifth of them is held out for the figures.

What the pairs cannot teach is chosen: the fusion, the cascade's weights but for its bias, the floor, and least weights.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from octavo import __version__
from octavo.eval.datasets import load
from octavo.eval.fitting.pairs import SEED, CandidateFeatures, pairs_of_dataset, pairs_of_passages
from octavo.eval.protocol import FitSet as Options, folders_by_name, load_protocol
from octavo.ingest import OctavoError
from octavo.rag import Level
from octavo.rag.relevancy.calibration import expected_calibration_error
from octavo.rag.relevancy.features import FUSED_ONLY
from octavo.rag.relevancy.logistic import fit_logistic, sigmoid
from octavo.rag.relevancy.parameters import HeldOutFigures, LevelModel, Parameters, RelevancyFitSet, load_parameters

RIDGE = 0.1
LEAST = {"named": 4.0, "document": 4.0, "period": 4.0}
"""Least weights, where the training questions cannot teach them: they name no page, figure or document."""
NEGLIGIBLE = 0.01
"""A feature whose weight is smaller leaves the model of its level."""
HARD, HARD_FRACTION = 3, 0.25
"""The best-ranked irrelevant candidates of a question, and how much of the weight of all irrelevant ones they share."""
HARD_ELEMENTS = 6
"""The best-scored irrelevant elements of a question, which share half of the weight of all irrelevant ones."""
FOREIGN = 0.1
"""The weight of the best-ranked candidates of a document that cannot answer; a question's own weigh 1."""
HELD_OUT = 5
"""One document in this many is held out. Its id decides, so that adding or removing a document moves no other."""
_PASSAGES = "passages.jsonl.gz"

Weights = NDArray[np.float64]


def fit_parameters(
    folders: Sequence[Path],
    libraries: Path | None = None,
    progress: Callable[[str], None] = lambda line: None,
    protocol: Path | None = None,
    *,
    own: bool = False,
) -> Parameters:
    """Fits the parameters on the sets that the protocol names for it, given by their folders.

    `libraries` keeps the sets as ingested, by their names; `protocol` is a file that takes the place of the project's.
    Sets of one's `own` need no protocol: all of their documents count, and the weights of a level change only where
    they are more accurate on held-out documents than the present ones. Raises `OctavoError` for a set that the
    protocol does not name, and where one that it names is not given.
    """
    sets = {folder.resolve().name: Options() for folder in folders} if own else load_protocol(protocol).fit
    folder_of = folders_by_name(folders, sets)
    parameters = load_parameters()
    with nullcontext(libraries) if libraries else tempfile.TemporaryDirectory() as home:
        sources = [(folder, Path(home) / name, sets[name]) for name, folder in folder_of.items()]
        for level in (Level.PAGE, Level.ELEMENT):
            pairs = _pairs(sources, level, parameters)
            if own and (reason := _why_kept(pairs, parameters.model(level))):
                progress(f"{level}: {reason}, so the present weights stay")
                continue
            model, figures = fit_level(pairs, parameters.model(level).floor)
            parameters = _with_level(parameters, level, model, figures)
            progress(f"{level}: {len(pairs)} rankings, {figures.model_dump_json()}")
        bias, pairs = parameters.cascade.bias, _pairs(sources, Level.ELEMENT, parameters)
        if any(p.relevant.any() for p in pairs):
            bias = cascade_bias(pairs, bias)
        progress(f"cascade: bias {bias}")
    return parameters.model_copy(
        update={
            "cascade": parameters.cascade.model_copy(update={"bias": bias}),
            "provenance": parameters.provenance.model_copy(
                update={
                    "command": f"octavo fit {' '.join(sets)}",
                    "date": datetime.now(UTC).date().isoformat(),
                    "version": __version__,
                    "seed": SEED,
                    "sets": tuple(_describe(folder, options) for folder, _, options in sources),
                }
            ),
        }
    )


def _pairs(
    sources: Sequence[tuple[Path, Path, Options]], level: Level, parameters: Parameters
) -> list[CandidateFeatures]:
    pairs: list[CandidateFeatures] = []
    for folder, library, options in sources:
        if (folder / _PASSAGES).is_file():
            if level is Level.PAGE:
                pairs += pairs_of_passages(folder, library, options.questions, parameters)
        else:
            pairs += pairs_of_dataset(folder, library, level, options, parameters)
    return pairs


def _with_level(parameters: Parameters, level: Level, model: LevelModel, figures: HeldOutFigures) -> Parameters:
    provenance = parameters.provenance
    provenance = provenance.model_copy(update={"figures": {**provenance.figures, level: figures}})
    return parameters.model_copy(
        update={"levels": {**parameters.levels, level: model}, "provenance": provenance},
    )


def _describe(folder: Path, options: Options) -> RelevancyFitSet:
    name = folder.resolve().name
    if (folder / _PASSAGES).is_file():
        digest = crc32((folder / "questions.jsonl.gz").read_bytes())
        return RelevancyFitSet(name=name, questions=options.questions, documents=0, hash=f"{digest:08x}")
    dataset = load(folder)
    questions = [q for q in dataset.answerable if Path(q.doc).name not in options.without]
    return RelevancyFitSet(
        name=name, questions=len(questions), documents=len({q.doc for q in questions}), hash=dataset.hash
    )


def fit_level(pairs: Sequence[CandidateFeatures], floor: float) -> tuple[LevelModel, HeldOutFigures]:
    """Fits a logistic model whose weights are not negative, so that a better match never lowers the score."""
    if not pairs:
        raise OctavoError("No question has relevant and irrelevant candidates: name sets with more pages and evidence.")
    train, test = _split(pairs)
    names = [name for name in train[0].features if name not in FUSED_ONLY]
    while True:
        weights, bias = _fit(train, names)
        weak = [name for name, weight in zip(names, weights, strict=True) if weight < NEGLIGIBLE]
        if not weak:
            break
        names = [name for name in names if name not in weak]
    model = LevelModel(
        weights={name: round(float(w), 4) for name, w in zip(names, weights, strict=True)},
        bias=round(bias, 4),
        floor=floor,
    )
    return model, _figures(model, train, test)


def _split(pairs: Sequence[CandidateFeatures]) -> tuple[list[CandidateFeatures], list[CandidateFeatures]]:
    held_out = {p.document for p in pairs if crc32(p.document.encode()) % HELD_OUT == 0}
    train = [p for p in pairs if p.document not in held_out] or list(pairs)
    return train, [p for p in pairs if p.document in held_out] or train


def _why_kept(pairs: Sequence[CandidateFeatures], present: LevelModel) -> str:
    """Returns why the present weights of a level are to be kept, empty where fitted ones are more accurate."""
    train, test = _split(pairs) if pairs else ([], [])
    if train is test or not any(p.relevant.any() for p in train) or not any(p.relevant.any() for p in test):
        return "there are too few documents with questions to hold some out"
    fitted, before = fit_level(pairs, present.floor)[1], _figures(present, train, test)
    if fitted.accuracy > before.accuracy:
        return ""
    return f"accuracy on held-out documents would be {fitted.accuracy} instead of {before.accuracy}"


def _fit(pairs: Sequence[CandidateFeatures], names: Sequence[str]) -> tuple[Weights, float]:
    matrix, labels = _stack(pairs, names)
    least = np.array([LEAST.get(name, 0.0) for name in names])
    learning = np.concatenate([learning_weights(p.relevant) for p in pairs])
    balanced = np.concatenate([balanced_weights(p.relevant) for p in pairs])
    weights, _ = fit_logistic(matrix, labels.astype(float), learning, RIDGE, least)
    scale, bias = fit_logistic((matrix @ weights)[:, None], labels.astype(float), balanced, RIDGE, np.zeros(1))
    return weights * scale[0], bias


def _figures(
    model: LevelModel, train: Sequence[CandidateFeatures], test: Sequence[CandidateFeatures]
) -> HeldOutFigures:
    matrix, labels = _stack(test, list(model.weights))
    logits = matrix @ np.array(list(model.weights.values())) + model.bias
    probability = model.floor + (1 - model.floor) * sigmoid(logits)
    balanced = np.concatenate([balanced_weights(p.relevant) for p in test])
    ends = np.cumsum([len(p.relevant) for p in test])[:-1]
    hardest = np.concatenate(
        [hardest_weights(p.relevant, scores) for p, scores in zip(test, np.split(logits, ends), strict=True)]
    )
    return HeldOutFigures(
        questions=sum(bool(p.relevant.any()) for p in train),
        held_out_questions=sum(bool(p.relevant.any()) for p in test),
        accuracy=round(float(np.average((probability > 0.5) == labels, weights=balanced)), 4),
        hard_accuracy=round(float(np.average((probability > 0.5) == labels, weights=hardest)), 4),
        ece=round(expected_calibration_error(probability, labels, balanced), 4),
    )


def _stack(pairs: Sequence[CandidateFeatures], names: Sequence[str]) -> tuple[Weights, NDArray[np.bool_]]:
    matrix = np.vstack([np.column_stack([p.features[name] for name in names]) for p in pairs])
    return matrix, np.concatenate([p.relevant for p in pairs])


def cascade_bias(pairs: Sequence[CandidateFeatures], present: float) -> float:
    """Returns the bias with which the log odds of elements, whose bias is now `present`, are probabilities.

    The best-scored irrelevant elements of a question weigh half of all its irrelevant ones.
    """
    answered = [p for p in pairs if p.relevant.any()]
    logits = np.concatenate([p.logits for p in answered]) - present
    labels = np.concatenate([p.relevant for p in answered])
    importance = np.concatenate([element_weights(p.relevant, p.logits) for p in answered])
    _, bias = fit_logistic(np.zeros((len(logits), 0)), labels.astype(float), importance, offset=logits)
    return round(bias, 1)


def learning_weights(labels: NDArray[np.bool_]) -> Weights:
    """Returns the weights of a question's candidates, in the order of the first pass, while weights are learned."""
    irrelevant = np.flatnonzero(~labels)
    if not labels.any():
        weights = np.zeros(len(labels))
        weights[irrelevant[:HARD]] = FOREIGN / len(irrelevant[:HARD])
        return weights
    weights = balanced_weights(labels)
    if len(irrelevant) > HARD:
        weights[irrelevant] *= 1 - HARD_FRACTION
        weights[irrelevant[:HARD]] += 0.5 * HARD_FRACTION / HARD
    return weights


def balanced_weights(labels: NDArray[np.bool_]) -> Weights:
    """Returns weights in which relevant and irrelevant candidates sum to a half each; without relevant ones, zeros.

    >>> balanced_weights(np.array([True, False, False])).tolist()
    [0.5, 0.25, 0.25]
    """
    return np.where(labels, 0.5 / max(1, labels.sum()), 0.5 / max(1, (~labels).sum())) * labels.any()


def hardest_weights(labels: NDArray[np.bool_], scores: Weights) -> Weights:
    """Returns weights of a half for the relevant candidates, and a half for as many of the best irrelevant ones."""
    irrelevant = np.flatnonzero(~labels)
    best = irrelevant[np.argsort(-scores[irrelevant], kind="stable")][: labels.sum()]
    weights = np.where(labels, 0.5 / max(1, labels.sum()), 0.0)
    weights[best] = 0.5 / max(1, len(best))
    return weights


def element_weights(labels: NDArray[np.bool_], scores: Weights) -> Weights:
    """Returns weights of a half for the relevant elements, a quarter for the best irrelevant ones, and for others."""
    weights = np.where(labels, 0.5 / labels.sum(), 0.0)
    irrelevant = np.flatnonzero(~labels)
    irrelevant = irrelevant[np.argsort(-scores[irrelevant], kind="stable")]
    few = len(irrelevant) <= HARD_ELEMENTS
    for group in (irrelevant[:HARD_ELEMENTS], irrelevant if few else irrelevant[HARD_ELEMENTS:]):
        weights[group] += 0.25 / len(group)
    return weights


def differences(old: Parameters, new: Parameters) -> Mapping[str, tuple[float, float]]:
    """Returns the fitted numbers that differ, by name, as (old, new); a feature that a model lacks weighs 0."""
    return {name: pair for name, pair in _numbers(old, new).items() if pair[0] != pair[1]}


def _numbers(old: Parameters, new: Parameters) -> dict[str, tuple[float, float]]:
    result = {"cascade.bias": (old.cascade.bias, new.cascade.bias)}
    for level, model in new.levels.items():
        before = old.model(level)
        result[f"{level}.bias"] = (before.bias, model.bias)
        for name in sorted({*before.weights, *model.weights}):
            result[f"{level}.{name}"] = (before.weights.get(name, 0.0), model.weights.get(name, 0.0))
    return result
