"""Named options of ranking, switched off one by one, and ways to cut a ranking, compared on data sets."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octavo.eval.benchmarks import cuts
from octavo.eval.datasets import Question, load
from octavo.eval.figures import LAYOUT_CUTS, PAGE_CUTS
from octavo.eval.metrics import compare, layout_recall, page_recall
from octavo.eval.retrieval import ingest
from octavo.rag import Entry, Level, Pipeline, Scope
from octavo.rag.entry import EntryId
from octavo.rag.query.analysis import terms
from octavo.rag.query.question import Query as Parsed, parse_query
from octavo.rag.relevancy import MatchScorer
from octavo.rag.relevancy.cascade import Cascade

OFF: dict[str, dict[str, float]] = {
    "page: an element is as relevant as its page": {"page": 0.0},
    "own: what the element itself says": {"own": 0.0},
    "picture: figures and tables before paragraphs": {"picture": 0.0},
    "asked: the kinds that the question names": {"asked": 0.0},
    "size: the share of the page": {"size": 0.0},
}
"""Options of the cascade from page to element, and the weight that is 0 where they are off."""

Asked = Callable[[Parsed], Parsed]
PLAIN: dict[str, Asked] = {
    "pages: by number, as printed, in words, by their part": lambda q: replace(q, pages=()),
    "statements: known by title, asked for by their lines": lambda q: replace(q, roles=frozenset()),
    "kinds: pages that hold what nothing else is asked of": lambda q: replace(q, all_of_kind=False),
    "content: how to answer is no search word": lambda q: replace(q, terms=tuple(dict.fromkeys(_words(q.text)))),
    "names: the document that is named comes first": lambda q: replace(q, names=()),
}
"""Options of how a question is read, and the question where they are off."""

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class _Heard(Cascade):
    """A cascade that keeps what it was asked."""

    asked_of: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, *parts: Any) -> Scores:
        self.asked_of.append(parts)
        return super().__call__(*parts)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question with its candidates: what scores its elements, and its pages' log odds, best first, with their gold.

    `gains` is the share of the gold pages that each page adds.
    """

    question: Question
    parts: tuple[Any, ...]
    logits: Scores
    gains: Scores


def report(folders: Sequence[Path], libraries: Path | None = None) -> str:
    """Tables over all questions of data sets together; `libraries` keeps the ingested ones by the sets' names."""
    with tempfile.TemporaryDirectory() as folder:
        asked = [ranked for data in folders for ranked in _ranked(data, (libraries or Path(folder)) / data.name)]
        read = [_read(data, (libraries or Path(folder)) / data.name) for data in folders]
    marked = [ranked for ranked in asked if ranked.question.gold_layouts]
    return "\n\n".join([*map(_pages, folders, read), *([_layout(marked)] if marked else []), _cuts(asked)])


def _read(folder: Path, library: Path) -> dict[str, list[list[float]]]:
    """Page recall of each question, by option that is off ("" for none), across the documents of a set.

    The options are named with `within` too, where only the question's document is searched.
    """
    dataset, found = load(folder), dict[str, list[list[float]]]()
    with Pipeline(library) as pipeline:
        ids, _ = ingest(pipeline, dataset)
        scorer = MatchScorer(pipeline.index)
        for q in dataset.answerable:
            if q.doc not in ids or not q.gold_pages:
                continue
            gold = [(ids[q.doc], page) for page in q.gold_pages]
            for where, documents in (("within", (ids[q.doc],)), ("across", tuple(sorted(set(ids.values()))))):
                retriever = pipeline.retriever(Level.PAGE, Scope(documents=documents))
                for name, change in {"": _same, **PLAIN}.items():
                    asked = change(parse_query(q.question))
                    pages = retriever.pages(asked)
                    entries = pipeline.index.entries(list(pages))
                    logits = scorer.logits(asked, entries, [pages[EntryId(e.id)] for e in entries])
                    ranked = [(entries[n].document, entries[n].page) for n in np.argsort(-logits, kind="stable")]
                    recalls = [page_recall(ranked, gold, k) for k in PAGE_CUTS]
                    found.setdefault(f"{where} {name}", []).append(recalls)
    return found


def _same(question: Parsed) -> Parsed:
    return question


def _words(text: str) -> list[str]:
    return terms(text, stop_words=False)


def _pages(folder: Path, recalls: dict[str, list[list[float]]]) -> str:
    rows = ["| option off | " + " | ".join(f"page recall@{k}: on, off, on less off" for k in PAGE_CUTS) + " |"]
    rows.append("|---" * (1 + len(PAGE_CUTS)) + "|")
    for where in ("within", "across"):
        for name in PLAIN:
            on, off = recalls[f"{where} "], recalls[f"{where} {name}"]
            rows.append(f"| {where}: {name} | {_cells(on, off)} |")
    return f"{folder.name}, {len(recalls['within '])} questions\n\n" + "\n".join(rows)


def _cells(on: Sequence[Sequence[float]], off: Sequence[Sequence[float]]) -> str:
    cells = []
    for with_it, without in zip(zip(*on, strict=True), zip(*off, strict=True), strict=True):
        c = compare(without, with_it)
        means = f"{statistics.fmean(with_it):.3f}, {statistics.fmean(without):.3f}"
        cells.append(f"{means}, {c.difference:+.3f} [{c.low:+.3f}, {c.high:+.3f}]")
    return " | ".join(cells)


def _ranked(folder: Path, library: Path) -> list[Ranked]:
    dataset, found, heard = load(folder), [], _Heard()
    with Pipeline(library) as pipeline:
        ids, _ = ingest(pipeline, dataset)
        scorer = MatchScorer(pipeline.index, heard)
        for q in dataset.answerable:
            if q.doc not in ids or not q.gold_pages:
                continue
            scope = Scope(documents=(ids[q.doc],))
            pages, logits = _scored(pipeline, scorer, q, Level.PAGE, scope)
            order = np.argsort(-logits, kind="stable")
            gains = np.array([(pages[n].page in q.gold_pages) / len(set(q.gold_pages)) for n in order])
            _scored(pipeline, scorer, q, Level.ELEMENT, scope)
            found.append(Ranked(q, heard.asked_of[-1], logits[order], gains))
    return found


def _scored(
    pipeline: Pipeline, scorer: MatchScorer, q: Question, level: Level, scope: Scope
) -> tuple[list[Entry], Scores]:
    query = parse_query(q.question)
    candidates = pipeline.retriever(level, scope).retrieve(query)
    entries = [c.entry for c in candidates]
    return entries, scorer.logits(query, entries, [c.score for c in candidates])


def _layout(asked: Sequence[Ranked]) -> str:
    rows = ["| option | " + " | ".join(f"layout recall@{k}: on, off, on less off" for k in LAYOUT_CUTS) + " |"]
    rows.append("|---" * (1 + len(LAYOUT_CUTS)) + "|")
    shipped = Cascade()
    on = [_recalls(ranked, shipped) for ranked in asked]
    for name, weights in OFF.items():
        off = [_recalls(ranked, replace(shipped, **weights)) for ranked in asked]
        rows.append(f"| {name} | {_cells(on, off)} |")
    return f"{len(asked)} questions with gold boxes, within their documents\n\n" + "\n".join(rows)


def _recalls(ranked: Ranked, cascade: Cascade) -> list[float]:
    entries = ranked.parts[1]
    order = np.argsort(-cascade(*ranked.parts), kind="stable")[: max(LAYOUT_CUTS)]
    regions = [entries[n].regions[0] for n in order]
    return [layout_recall(regions, ranked.question.gold_layouts, k, clipped=True) for k in LAYOUT_CUTS]


def _cuts(asked: Sequence[Ranked]) -> str:
    rows = [
        "| cut | entries | evidence recall | entries that a fixed k needs for it | saved |",
        "|---|---|---|---|---|",
    ]
    most = max(len(ranked.logits) for ranked in asked)
    fixed = [statistics.fmean(float(r.gains[:k].sum()) for r in asked) for k in range(1, most + 1)]
    ways: dict[str, Callable[[Scores], int]] = {
        "first 3": lambda logits: 3,
        "first 5": lambda logits: 5,
        "probability ≥ .2, up to 20": lambda logits: cuts.threshold(logits, 0.2, 20),
        "probability ≥ .45, up to 20": lambda logits: cuts.threshold(logits, 0.45, 20),
        "share of the best ≥ .3, up to 20": lambda logits: cuts.share(logits, 0.3, 20),
        "share of the best ≥ .5, up to 20": lambda logits: cuts.share(logits, 0.5, 20),
        "mixture of two normals, top 20": lambda logits: cuts.mixture(logits, 20),
        "largest gap, up to 10": lambda logits: cuts.gap(logits, 10),
    }
    for name, way in ways.items():
        taken = [way(r.logits) for r in asked]
        used = statistics.fmean(taken)
        recall = statistics.fmean(float(r.gains[:k].sum()) for r, k in zip(asked, taken, strict=True))
        needed = float(np.interp(recall, fixed, np.arange(1, most + 1)))
        rows.append(f"| {name} | {used:.2f} | {recall:.3f} | {needed:.2f} | {1 - used / needed:+.0%} |")
    return f"Pages used at equal evidence recall, {len(asked)} questions\n\n" + "\n".join(rows)
