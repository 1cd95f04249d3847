"""Retrieval measured on a data set: page and layout recall, within the question's document or across all."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ingest import OctavoError, Region
from rag import Evidence, Level, Pipeline, Scope, Settings

from .datasets import Dataset, Question, load
from .metrics import (
    by_group,
    interval,
    layout_recall,
    macro,
    mmdocir_macro,
    ndcg,
    page_recall,
    page_recall_ceiling,
    precision,
    reciprocal_rank,
)

PAGE_CUTS = (1, 3, 5)
LAYOUT_CUTS = (1, 5, 10)
_PLACE = {"url": True, "key": True}
_PRIVATE: Any = {"library": True, "llm_url": True, "llm_model": True, "llm_key": True}
_PRIVATE |= {"embedding": _PLACE, "relevancy": _PLACE}


@dataclass(frozen=True, slots=True)
class Record:
    """One question with what was found for it: (document, page, score) best first, and the metrics of that.

    `gold` counts the gold pages, those of other documents included.
    """

    id: str
    question: str
    doc: str
    gold_pages: tuple[int, ...]
    gold: int
    pages: tuple[tuple[str, int, float], ...]
    page: dict[str, float]
    layout: dict[str, float] | None
    layout_clipped: dict[str, float] | None
    ranking: dict[str, float]
    domain: str
    evidence_type: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one run: means over questions (micro), in [0, 1], and what they were measured with.

    `ceiling` is what a perfect page ranking reaches, below 1 where questions have several gold pages. `layout` is
    MMDocIR's own recall, which can pass 1, `layout_clipped` the same with each place counted once. `ranking` holds
    nDCG, MRR and precision of the pages. `interval` holds 95 % bootstrap intervals, `macro` means over domains
    ("domains" those that occur, "mmdocir" always ten), `domains` and `types` the page and layout recall of each
    domain and evidence type with its number of `questions`. `within` is "document" by MMDocIR's rule, or "all" across
    all documents of the set.
    """

    page: dict[str, float]
    ceiling: dict[str, float]
    layout: dict[str, float] | None
    layout_clipped: dict[str, float] | None
    ranking: dict[str, float]
    interval: dict[str, tuple[float, float]]
    macro: dict[str, dict[str, float]]
    domains: dict[str, dict[str, float]]
    types: dict[str, dict[str, float]]
    within: str
    questions: int
    documents: int
    pages: int
    failed: dict[str, str]
    search_p50_ms: float
    data: str
    data_hash: str
    settings: dict[str, Any]
    seed: None
    version: str


def evaluate(
    folder: Path,
    *,
    across: bool = False,
    library: Path | None = None,
    records: Path | None = None,
    settings: Settings | None = None,
    ingested: Callable[[str], None] | None = None,
) -> Result:
    """Ingests the data set's documents where the library lacks them, asks every answerable question, and scores.

    Nothing in it is drawn at random (`seed` is None). A document that cannot be read counts as found nothing for its
    questions and is named in `failed`. `records` is a file that gets a JSON line for each question. Raises
    `OctavoError` where there is nothing to measure, and, before it begins, where `records` cannot be written.
    """
    dataset = load(folder)
    if records:
        _write(records, "a", ())
    asked = [question for question in dataset.answerable if question.gold_pages]
    if not asked:
        raise OctavoError(f"{folder} names no gold pages, so retrieval cannot be measured on it.")
    across = across or not dataset.within
    settings = settings or Settings()
    with nullcontext(library) if library else tempfile.TemporaryDirectory() as home:
        settings = settings.model_copy(update={"library": Path(home)})
        with Pipeline(settings) as pipeline:
            ids, failed = ingest(pipeline, dataset, ingested)
            done = [_ask(pipeline, q, ids, across) for q in asked]
            pages = sum(info.pages for info in pipeline.documents() if info.id in ids.values())
    if records:
        _write(records, "w", done)
    return _result(done, dataset, pages, failed, across, settings)


def ingest(
    pipeline: Pipeline, dataset: Dataset, ingested: Callable[[str], None] | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """Reads the documents that the library lacks: ids by path in the data set, and reasons of those that failed.

    Raises `OctavoError` when none can be read.
    """
    files = {(dataset.folder / doc).resolve(): doc for doc in dataset.documents}
    ids: dict[str, str] = {}
    failed: dict[str, str] = {}
    for result in pipeline.ingest_each(sorted(files)):
        doc = files[result.path]
        if result.status == "failed":
            failed[doc] = result.reason
        else:
            ids[doc] = result.document
        if ingested:
            ingested(f"{doc}: {result.status}")
    if not ids:
        raise OctavoError(
            f"None of the {len(files)} documents of {dataset.folder} can be read: {next(iter(failed.values()))}"
        )
    return ids, failed


def _write(path: Path, mode: str, records: Sequence[Record]) -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(r), ensure_ascii=False) + "\n" for r in records)
    except OSError as error:
        raise OctavoError(f"The records cannot be written to {path}: {error.strerror}.") from error


def _ask(pipeline: Pipeline, question: Question, ids: dict[str, str], across: bool) -> Record:
    document = ids.get(question.doc)
    started = time.perf_counter()
    if across:
        scope = Scope(documents=tuple(sorted(set(ids.values()))))
    else:
        scope = Scope(documents=(document,) if document else ())
    hits = pipeline.search(question.question, level=Level.PAGE, k=max(PAGE_CUTS), scope=scope)
    seconds = time.perf_counter() - started
    elements = []
    if question.gold_layouts:
        elements = pipeline.search(question.question, level=Level.ELEMENT, k=max(LAYOUT_CUTS), scope=scope)
    return Record(
        id=question.id,
        question=question.question,
        doc=question.doc,
        gold_pages=question.gold_pages,
        gold=len(set(gold_places(question, ids))),
        pages=tuple((hit.name, hit.page, hit.score) for hit in hits),
        domain=question.domain,
        evidence_type=question.evidence_type,
        seconds=seconds,
        **scored(question, ids, hits, elements),
    )


def scored(
    question: Question, ids: Mapping[str, str], pages: Sequence[Evidence], elements: Sequence[Evidence]
) -> dict[str, Any]:
    """The metrics of one question's ranked pages and elements.

    `ids` are document ids by path in the data set; what could not be read is not among them and is never found.
    """
    document, boxes = ids.get(question.doc), question.gold_layouts
    ranked, gold = [(hit.document, hit.page) for hit in pages], gold_places(question, ids)
    regions = _own(elements, document)
    return {
        "page": {f"recall@{k}": page_recall(ranked, gold, k) for k in PAGE_CUTS},
        "layout": {f"recall@{k}": layout_recall(regions, boxes, k) for k in LAYOUT_CUTS} if boxes else None,
        "layout_clipped": (
            {f"recall@{k}": layout_recall(regions, boxes, k, clipped=True) for k in LAYOUT_CUTS} if boxes else None
        ),
        "ranking": _ranking(ranked, gold),
    }


def gold_places(question: Question, ids: Mapping[str, str]) -> list[tuple[str, int]]:
    """Where the answer stands, as (document id, page); a document that could not be read is named by its path."""
    places = [(question.doc, page) for page in question.gold_pages] + list(question.also)
    return [(ids.get(doc, doc), page) for doc, page in places]


def _ranking(ranked: Sequence[tuple[str, int]], gold: Sequence[tuple[str, int]]) -> dict[str, float]:
    return {
        **{f"ndcg@{k}": ndcg(ranked, gold, k) for k in PAGE_CUTS},
        f"mrr@{max(PAGE_CUTS)}": reciprocal_rank(ranked, gold, max(PAGE_CUTS)),
        **{f"precision@{k}": precision(ranked, gold, k) for k in PAGE_CUTS},
    }


def _own(hits: Sequence[Evidence], document: str | None) -> list[Region]:
    """The hits' regions in order; those of other documents count as a page that is never gold."""
    return [hit.regions[0] if hit.document == document else Region(-1, hit.regions[0].box) for hit in hits]


def _result(
    done: Sequence[Record], dataset: Dataset, pages: int, failed: dict[str, str], across: bool, settings: Settings
) -> Result:
    layouts = [r.layout for r in done if r.layout]
    clipped = [r.layout_clipped for r in done if r.layout_clipped]
    every = _columns(done)
    ranges = {name: interval([value for _, value in column]) for name, column in every.items()}
    return Result(
        page=_means([r.page for r in done]),
        ceiling=_means([{f"recall@{k}": page_recall_ceiling(range(r.gold), k) for k in PAGE_CUTS} for r in done]),
        layout=_means(layouts) if layouts else None,
        layout_clipped=_means(clipped) if clipped else None,
        ranking=_means([r.ranking for r in done]),
        interval={name: (round(found.low, 4), round(found.high, 4)) for name, found in ranges.items()},
        macro=_macro(every),
        domains=_groups(every, lambda r: [r.domain] if r.domain else []),
        types=_groups(every, lambda r: r.evidence_type),
        within="all" if across else "document",
        questions=len(done),
        documents=len(dataset.documents),
        pages=pages,
        failed=failed,
        search_p50_ms=round(statistics.median(r.seconds for r in done) * 1000, 1),
        data=dataset.folder.name,
        data_hash=dataset.hash,
        settings=settings.model_dump(mode="json", exclude=_PRIVATE),
        seed=None,
        version=version("octavo"),
    )


_Columns = dict[str, list[tuple[Record, float]]]
"""Values of each metric with the record that they are of; questions without gold boxes have no layout recall."""


def _columns(done: Sequence[Record]) -> _Columns:
    columns: _Columns = {}
    for record in done:
        for level, values in (("page", record.page), ("layout", record.layout or {})):
            for name, value in values.items():
                columns.setdefault(f"{level} {name}", []).append((record, value))
    return columns


def _means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: round(statistics.fmean(row[key] for row in rows), 4) for key in rows[0]}


def _macro(every: _Columns) -> dict[str, dict[str, float]]:
    """Means over domains, where the data set names them."""
    if not all(record.domain for column in every.values() for record, _ in column):
        return {}
    found: dict[str, dict[str, float]] = {"domains": {}, "mmdocir": {}}
    for name, column in every.items():
        values, domains = [value for _, value in column], [record.domain for record, _ in column]
        means = {domain: mean for domain, (mean, _) in by_group(values, [[d] for d in domains]).items()}
        found["domains"][name] = round(macro(values, domains), 4)
        found["mmdocir"][name] = round(mmdocir_macro(means), 4)
    return found


def _groups(every: _Columns, names: Callable[[Record], Sequence[str]]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for name, column in every.items():
        groups = by_group([value for _, value in column], [names(record) for record, _ in column])
        for group, (mean, count) in groups.items():
            row = found.setdefault(group, {})
            row["questions"] = max(count, row.get("questions", 0))
            row[name] = round(mean, 4)
    return found
