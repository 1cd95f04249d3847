"""Grounding measured on a data set: do the boxes of a claim lie where people say that the answer stands?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from octavo.eval.datasets import Question, load
from octavo.eval.metrics import Comparison, ConfidenceInterval, compare, interval
from octavo.eval.protocol import Split, load_protocol
from octavo.eval.retrieval import ingest
from octavo.ingest import Box, OctavoError, Page
from octavo.rag import Citation, Evidence, Level, Pipeline, Settings
from octavo.rag.answering.citations import cite_claims, cite_regions, find_claims
from octavo.rag.answering.grounding import ClaimGrounder
from octavo.rag.entry import EntryId
from octavo.rag.retrieval.candidate import ScoredEntry


class BoxAgreement(NamedTuple):
    """The agreement of boxes with gold boxes on one page, each in [0, 1].

    `hit` is 1 where most of the first box lies in a gold box; `pointing` is 1 where the center of the largest box does
    (the pointing game, arXiv 1608.00507); `precision` is the share of the boxes' area in gold boxes; `iou` compares
    the elements that the boxes lie in with the gold boxes.
    """

    hit: float
    pointing: float
    precision: float
    iou: float


@dataclass(frozen=True, slots=True)
class GroundedClaim:
    """A claim with the agreement of the boxes of its words (`words`) and of all regions of the page (`whole`).

    `model` is that of the boxes that a model names, where the settings have it asked (`answering.grounding`); `problem`
    says why it named none, so that they are those of the words.
    """

    id: str
    doc: str
    claim: str
    words: BoxAgreement
    whole: BoxAgreement
    model: BoxAgreement | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class GroundingReport:
    """Means with intervals by metric, and paired differences: words less whole pages, the model less words.

    `unanswered` claims are those that the model gave no readable reply to.
    """

    claims: int
    unanswered: int
    words: dict[str, ConfidenceInterval]
    whole: dict[str, ConfidenceInterval]
    difference: dict[str, Comparison]
    model: dict[str, ConfidenceInterval]
    model_difference: dict[str, Comparison]


CLAIMS: dict[str, Callable[[Question], str]] = {
    "answer": lambda question: question.answer,
    "question and answer": lambda question: f"{question.question.rstrip('?')}: {question.answer}",
}
"""The texts that are taken for a claim, by name: the gold answer alone, or in one sentence with the question."""


def agreement(boxes: Sequence[Box], gold: Sequence[Box], page: Page) -> BoxAgreement:
    """Returns how well boxes agree with gold boxes on a page; no box agrees with none.

    >>> from octavo.ingest import Element, Kind
    >>> paragraph = Element(0, Kind.TEXT, Box(0, 0, 100, 20))
    >>> agreement([Box(0, 0, 50, 10)], [Box(0, 0, 100, 40)], Page(0, 100, 100, elements=(paragraph,)))
    BoxAgreement(hit=1.0, pointing=1.0, precision=1.0, iou=0.5)
    """
    if not boxes:
        return BoxAgreement(0, 0, 0, 0)
    largest = max(boxes, key=lambda box: box.area)
    x, y = (largest.x0 + largest.x1) / 2, (largest.y0 + largest.y1) / 2
    elements = [e.box for e in page.elements if any(box.area and box.coverage(e.box) > 0.5 for box in boxes)]
    area = _area(boxes)
    return BoxAgreement(
        hit=float(any(boxes[0].area and boxes[0].coverage(box) > 0.5 for box in gold)),
        pointing=float(any(box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 for box in gold)),
        precision=_area([box & other for box in boxes for other in gold]) / area if area else 0.0,
        iou=overlap(elements or boxes, gold),
    )


def _area(boxes: Sequence[Box]) -> float:
    """Returns the area that boxes cover together."""
    with_area = [box for box in boxes if box.area]
    edges = sorted({x for box in with_area for x in (box.x0, box.x1)})
    total = 0.0
    for left, right in pairwise(edges):
        spans = sorted((box.y0, box.y1) for box in with_area if box.x0 <= left and box.x1 >= right)
        covered, end = 0.0, float("-inf")
        for top, bottom in spans:
            covered += max(0.0, bottom - max(top, end))
            end = max(end, bottom)
        total += covered * (right - left)
    return total


def overlap(boxes: Sequence[Box], gold: Sequence[Box]) -> float:
    """Returns the intersection over union of what two lots of boxes cover, in [0, 1]."""
    both = _area([box & other for box in boxes for other in gold])
    together = _area([*boxes, *gold])
    return both / together if together else 0.0


def evaluate(
    folder: Path,
    *,
    claim: str = "answer",
    library: Path | None = None,
    split: Split | None = None,
    settings: Settings | None = None,
) -> list[GroundedClaim]:
    """Cites the gold answers of a data set on their gold pages, and compares the boxes with the gold boxes.

    `claim` is a name of `CLAIMS`. Questions with gold boxes on one page are asked about. Raises `OctavoError` where
    the data set has none, or a model is to be asked and none is set.
    """
    own = settings or Settings.from_env()
    asks_model = own.answering.grounding != "words"
    if asks_model and not own.llm_url:
        raise OctavoError(f"The setting answering.grounding is {own.answering.grounding}: set llm_url as well.")
    dataset = load(folder)
    if split:
        dataset = load_protocol().select(dataset, split)
    questions = [q for q in dataset.answerable if q.answer and len({region.page for region in q.gold_layouts}) == 1]
    if not questions:
        raise OctavoError(f"{folder} names no boxes of answers, so grounding cannot be measured on it.")
    with nullcontext(library) if library else tempfile.TemporaryDirectory() as home:
        own = own.model_copy(update={"library": Path(home)})
        with Pipeline(own) as pipeline:
            ids, _ = ingest(pipeline, dataset)
            grounder = ClaimGrounder(pipeline.clients.get(own), pipeline.library, own) if asks_model else None
            return [_ground(pipeline, q, ids[q.doc], CLAIMS[claim](q), grounder) for q in questions if q.doc in ids]


def _ground(
    pipeline: Pipeline, question: Question, document: str, claim: str, grounder: ClaimGrounder | None
) -> GroundedClaim:
    number = question.gold_layouts[0].page
    page, gold = pipeline.library.page(document, number), [region.box for region in question.gold_layouts]
    source = page_evidence(pipeline, document, number)
    claims = find_claims(f"{claim} [1]", [source], pipeline.library, question.question)
    model, problem = None, ""
    if grounder:
        grounding = grounder.ground(claims)
        problem = " ".join(grounding.problems)
        model = agreement(boxes_of(cite_claims(claims, pipeline.library, grounding.places)), gold, page)
    return GroundedClaim(
        id=question.id,
        doc=question.doc,
        claim=claim,
        words=agreement(boxes_of(cite_claims(claims, pipeline.library)), gold, page),
        whole=agreement(boxes_of(cite_regions(1, source)), gold, page),
        model=model,
        problem=problem,
    )


def page_evidence(pipeline: Pipeline, document: str, number: int) -> Evidence:
    """Returns a whole page as evidence."""
    [entry] = pipeline.index.entries([EntryId.of_page(document, number)])
    info = pipeline.library.info(document)
    assert entry.level is Level.PAGE
    return ScoredEntry(entry, 1.0, info.name, info.title).as_evidence()


def boxes_of(citations: Sequence[Citation]) -> list[Box]:
    """Returns the boxes of citations, in order."""
    return [box for citation in citations for box in citation.boxes]


def report_of(claims: Sequence[GroundedClaim]) -> GroundingReport:
    """Returns means, intervals and paired differences over claims."""

    def column(side: str, metric: str) -> list[float]:
        return [getattr(getattr(claim, side), metric) for claim in claims]

    names = BoxAgreement._fields
    by_model = names if all(claim.model for claim in claims) else ()
    return GroundingReport(
        claims=len(claims),
        unanswered=sum(bool(claim.problem) for claim in claims),
        words={name: interval(column("words", name)) for name in names},
        whole={name: interval(column("whole", name)) for name in names},
        difference={name: compare(column("whole", name), column("words", name)) for name in names},
        model={name: interval(column("model", name)) for name in by_model},
        model_difference={name: compare(column("words", name), column("model", name)) for name in by_model},
    )


def table(report: GroundingReport) -> str:
    """Returns a report as lines of text."""
    heads = ["all regions", "words", "words − all", *(["model", "model − words"] if report.model else [])]
    unanswered = f", {report.unanswered} without a reply of the model" if report.unanswered else ""
    lines = [f"{report.claims} claims{unanswered}", f"{'':10}" + "".join(f"{head:>26}" for head in heads)]
    for name in BoxAgreement._fields:
        cells = [_mean(report.whole[name]), _mean(report.words[name]), _difference(report.difference[name])]
        if report.model:
            cells += [_mean(report.model[name]), _difference(report.model_difference[name])]
        lines.append(f"{name:10}" + "".join(f"{cell:>26}" for cell in cells))
    return "\n".join(lines)


def _mean(value: ConfidenceInterval) -> str:
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"


def _difference(value: Comparison) -> str:
    return f"{value.difference:+.3f} [{value.low:+.3f}, {value.high:+.3f}]"


def record_of(claim: GroundedClaim) -> dict[str, Any]:
    """Returns a claim as a record, its metrics by name."""
    sides = {name: getattr(claim, name) for name in ("words", "whole", "model")}
    return asdict(claim) | {name: side and side._asdict() for name, side in sides.items()}
