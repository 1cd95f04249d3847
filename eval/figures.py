"""The figures of a retrieval run, from its questions: means, intervals, and means of domains and evidence types."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from octavo import __version__
from octavo.eval.datasets import Dataset
from octavo.eval.metrics import by_group, interval, macro, mmdocir_macro, page_recall_ceiling
from octavo.rag import Settings

PAGE_CUTS = (1, 3, 5)
LAYOUT_CUTS = (1, 5, 10)
_PLACE = {"url": True, "key": True}
_PRIVATE: Any = dict.fromkeys(("library", "llm_url", "llm_model", "llm_key", "llm_gguf", "llm_mmproj"), True)
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


def result_of(
    done: Sequence[Record], dataset: Dataset, pages: int, failed: dict[str, str], across: bool, settings: Settings
) -> Result:
    """Returns the figures of the questions that were asked, over a data set of which `pages` were read."""
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
        interval={name: (round(item.low, 4), round(item.high, 4)) for name, item in ranges.items()},
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
        version=__version__,
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
    """Returns means over domains, where the data set names them."""
    if not all(record.domain for column in every.values() for record, _ in column):
        return {}
    result: dict[str, dict[str, float]] = {"domains": {}, "mmdocir": {}}
    for name, column in every.items():
        values, domains = [value for _, value in column], [record.domain for record, _ in column]
        means = {domain: mean for domain, (mean, _) in by_group(values, [[d] for d in domains]).items()}
        result["domains"][name] = round(macro(values, domains), 4)
        result["mmdocir"][name] = round(mmdocir_macro(means), 4)
    return result


def _groups(every: _Columns, names: Callable[[Record], Sequence[str]]) -> dict[str, dict[str, float]]:
    result: dict[str, dict[str, float]] = {}
    for name, column in every.items():
        groups = by_group([value for _, value in column], [names(record) for record, _ in column])
        for group, (mean, count) in groups.items():
            row = result.setdefault(group, {})
            row["questions"] = max(count, row.get("questions", 0))
            row[name] = round(mean, 4)
    return result
