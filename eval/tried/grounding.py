"""Ways to tell the region of a claim that were tried, and the fit of the weights of the one in use.

`python -m octavo.eval.tried grounding SET LIBRARY [SET LIBRARY …]` prints the mean IoU of each way on the documents to
tune on and those to report of each set. A way that has weights is fitted on all documents to tune on; each of these
is told by the weights of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octavo.eval.datasets import Dataset, load
from octavo.eval.grounding import agreement, boxes_of, overlap, page_evidence
from octavo.eval.metrics import ConfidenceInterval
from octavo.eval.protocol import load_protocol
from octavo.eval.retrieval import ids_in_library
from octavo.ingest import Box, Page
from octavo.ingest.model import HEADINGS, PICTURES
from octavo.rag import Pipeline, Settings
from octavo.rag.answering.citations import cite_claims, find_claims
from octavo.rag.answering.claim_regions import AREA, PICTURE, QUESTION, RegionFit, region_fits

Matrix = NDArray[np.float64]
RIDGE, STEPS, RATE = 0.003, 250, 0.1
NEAR, LABEL = 0.04, 12
"""The part of a page's longer side, and words of a text at most, that a figure grows by."""
DISTINCT = 3.5
"""The weight of a claim's words from which a passage with them is taken, whatever the regions say."""


@dataclass(frozen=True, slots=True)
class GroundingCase:
    """A claim with its page, gold boxes, the IoU of all regions and of its words alone, and the fits of elements."""

    set: str
    doc: str
    tunes: bool
    page: Page
    gold: tuple[Box, ...]
    by_words: float
    all_regions: float
    fits: tuple[RegionFit, ...]


@dataclass(frozen=True, slots=True)
class RegionChoices:
    """Regions of a case: features of shape (regions, features), and their IoU with gold boxes and with each other."""

    features: Matrix
    gains: Matrix
    among: Matrix


Regions = Callable[[GroundingCase], list[tuple[int, ...]]]


def elements(case: GroundingCase) -> list[tuple[int, ...]]:
    """Each element, as the product has it."""
    return [(n,) for n in range(len(case.fits))]


def grown_figures(case: GroundingCase) -> list[tuple[int, ...]]:
    """Each element, and figures with the short texts around them: labels that the layout model took for text."""
    result = elements(case)
    for n, fit in enumerate(case.fits):
        if fit.picture:
            group, before = {n}, 0
            while before != len(group):
                before, box = len(group), _around(case, group)
                group |= {m for m in range(len(case.fits)) if _is_label(case, m) and _gap(case, m, box) <= NEAR}
            result.append(tuple(sorted(group)))
    return list(dict.fromkeys(result))


def neighbors(case: GroundingCase) -> list[tuple[int, ...]]:
    """Each element, groups of elements that stand close together, and all."""
    result = elements(case)
    for near in (NEAR / 4, NEAR / 2, NEAR):
        rest = set(range(len(case.fits)))
        while rest:
            group, before = {rest.pop()}, 0
            while before != len(group):
                before, box = len(group), _around(case, group)
                group |= {m for m in rest if _gap(case, m, box) <= near}
            rest -= group
            result.append(tuple(sorted(group)))
    return list(dict.fromkeys([*result, tuple(range(len(case.fits)))]))


FEATURES = ("claim", "question", "picture", "area")
ALL = range(len(FEATURES))
WAYS: dict[str, tuple[Regions, Sequence[int], str]] = {
    "claim alone": (elements, (0,), "best"),
    "claim, question": (elements, (0, 1), "best"),
    "claim, picture, area": (elements, (0, 2, 3), "best"),
    "claim, question, picture, area": (elements, ALL, "best"),
    "… words first where distinct": (elements, ALL, "words"),
    "… figures with labels around": (grown_figures, ALL, "best"),
    "… groups, best expected IoU": (neighbors, ALL, "expected"),
}


def report(sets: Sequence[tuple[Path, Path]]) -> str:
    """Returns a row for each way: its IoU by set and half, and the paired difference to all regions, by document."""
    cases = [_cases(folder, library) for folder, library in sets]
    every = [case for of_set in cases for case in of_set]
    rows = {"all regions": [case.all_regions for case in every], "words": [case.by_words for case in every]}
    lines = []
    for name, (regions, features, how) in WAYS.items():
        choices = [_choices(case, regions(case), list(features)) for case in every]
        weights = _fit([choice for choice, case in zip(choices, every, strict=True) if case.tunes])
        rows[name] = _ious(every, choices, weights, how)
        fitted = (f"{FEATURES[f]} {w / (weights[0] or 1):.2f}" for f, w in zip(features, weights, strict=True))
        lines.append(f"{name}: {', '.join(fitted)}")
    lines.append(f"in use: question {QUESTION}, picture {PICTURE}, area {AREA}")
    halves = [(folder.name, tunes) for folder, _ in sets for tunes in (True, False)]
    of_half = [[n for n, case in enumerate(every) if (case.set, case.tunes) == half] for half in halves]
    counts = (
        f"{name}, {'tune' if tunes else 'report'}, {len(ns)}" for (name, tunes), ns in zip(halves, of_half, strict=True)
    )
    lines.append(f"{'':32} " + "  ".join(f"{count:>28}" for count in counts))
    for name, values in rows.items():
        cells = []
        for numbers in of_half:
            gain = _by_document([every[n].doc for n in numbers], [values[n] - rows["all regions"][n] for n in numbers])
            mean = np.mean([values[n] for n in numbers])
            cells.append(f"{mean:.3f} {gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")
        lines.append(f"{name:32} " + "  ".join(f"{cell:>28}" for cell in cells))
    return "\n".join(lines)


def _cases(folder: Path, library: Path) -> list[GroundingCase]:
    dataset = load(folder)
    tuning = {question.id for question in load_protocol().select(dataset, "tune").answerable}
    with Pipeline(Settings.from_env(library=library)) as pipeline:
        return list(_asked(folder.name, dataset, tuning, pipeline))


def _asked(name: str, dataset: Dataset, tuning: set[str], pipeline: Pipeline) -> Iterator[GroundingCase]:
    """Yields the claims with gold boxes on one page, as `octavo.eval.grounding` takes them."""
    ids = ids_in_library(dataset, pipeline.library)
    for question in dataset.answerable:
        numbers = {region.page for region in question.gold_layouts}
        if not question.answer or len(numbers) != 1 or question.doc not in ids:
            continue
        [number] = numbers
        page, evidence = (
            pipeline.library.page(ids[question.doc], number),
            page_evidence(pipeline, ids[question.doc], number),
        )
        gold = tuple(region.box for region in question.gold_layouts)
        claims = find_claims(f"{question.answer} [1]", [evidence], pipeline.library)
        fits = region_fits(question.answer, question.question, evidence, pipeline.library)
        yield GroundingCase(
            set=name,
            doc=question.doc,
            tunes=question.id in tuning,
            page=page,
            gold=gold,
            by_words=agreement(boxes_of(cite_claims(claims, pipeline.library)), gold, page).iou,
            all_regions=agreement([region.box for region in evidence.regions], gold, page).iou,
            fits=tuple(fit for fit in fits if fit.element.box.area),
        )


def _choices(case: GroundingCase, groups: Sequence[tuple[int, ...]], features: list[int]) -> RegionChoices:
    boxes = [_around(case, group) for group in groups]
    rows = []
    for group, box in zip(groups, boxes, strict=True):
        fits = [case.fits[n] for n in group]
        pictures = max((fit.element.box.area for fit in fits if fit.picture), default=0.0)
        area = np.log(max(box.area / case.page.box.area, 1e-4))
        rows.append([max(f.claim for f in fits), max(f.question for f in fits), pictures / box.area, area])
    return RegionChoices(
        np.array(rows)[:, features],
        np.array([overlap([box], case.gold) for box in boxes]),
        np.array([[overlap([one], [other]) for other in boxes] for one in boxes]),
    )


def _fit(choices: Sequence[RegionChoices]) -> Matrix:
    """Returns the weights under which the regions that are drawn by them overlap most with the gold boxes.

    The mean logarithm of the expected IoU is ascended by Adam, with a ridge.
    """
    weights = np.zeros(choices[0].features.shape[1])
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        slope = -2 * RIDGE * weights
        for choice in choices:
            drawn = _drawn(choice, weights)
            expected = drawn @ choice.gains + 1e-3
            slope += (drawn * choice.gains) @ (choice.features - drawn @ choice.features) / expected / len(choices)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        weights = weights + RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-6)
    return weights


def _drawn(choice: RegionChoices, weights: Matrix) -> Matrix:
    scores = choice.features @ weights
    drawn: Matrix = np.exp(scores - scores.max())
    return drawn / drawn.sum()


def _ious(cases: Sequence[GroundingCase], choices: Sequence[RegionChoices], weights: Matrix, how: str) -> list[float]:
    """Returns the IoU of each case: of one to tune on by the weights of the other documents to tune on."""
    tuning = sorted({case.doc for case in cases if case.tunes})
    without = {
        doc: _fit([choice for choice, case in zip(choices, cases, strict=True) if case.tunes and case.doc != doc])
        for doc in tuning
    }
    results = []
    for case, choice in zip(cases, choices, strict=True):
        if how == "words" and max(fit.claim for fit in case.fits) >= DISTINCT:
            results.append(case.by_words)
            continue
        drawn = _drawn(choice, without[case.doc] if case.tunes else weights)
        best = np.argmax(choice.among @ drawn) if how == "expected" else np.argmax(drawn)
        results.append(float(choice.gains[best]))
    return results


def _by_document(documents: Sequence[str], values: Sequence[float], resamples: int = 5_000) -> ConfidenceInterval:
    """Returns a mean with its bootstrap interval, documents drawn with replacement."""
    of_document = {
        doc: [v for d, v in zip(documents, values, strict=True) if d == doc] for doc in sorted(set(documents))
    }
    sums = np.array([(sum(own), len(own)) for own in of_document.values()], dtype=np.float64)
    draws = np.random.default_rng(0).integers(len(sums), size=(resamples, len(sums)))
    totals = sums[draws].sum(axis=1)
    low, high = np.quantile(totals[:, 0] / totals[:, 1], (0.025, 0.975))
    return ConfidenceInterval(float(np.mean(values)), float(low), float(high), len(values))


def _around(case: GroundingCase, group: Iterable[int]) -> Box:
    return Box.around([case.fits[n].element.box for n in group])


def _is_label(case: GroundingCase, n: int) -> bool:
    element = case.fits[n].element
    return element.kind not in PICTURES | HEADINGS and len(element.text.split()) <= LABEL


def _gap(case: GroundingCase, n: int, box: Box) -> float:
    """Returns the distance of an element from a box, as a part of the page's longer side."""
    own = case.fits[n].element.box
    across = max(own.x0, box.x0) - min(own.x1, box.x1)
    down = max(own.y0, box.y0) - min(own.y1, box.y1)
    return max(0.0, across, down) / max(case.page.width, case.page.height)
