"""The questions of a data set put to a library in its folder and to a copy of it whose index is in LanceDB."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import NamedTuple

from octavo.eval.datasets import Question, load
from octavo.eval.metrics import page_recall
from octavo.ingest import OctavoError
from octavo.ingest.store.images import FolderImages
from octavo.rag import Level, Pipeline, Settings
from octavo.rag.entry import Hits
from octavo.rag.index.moving import move_to_engine
from octavo.rag.library import open_library
from octavo.rag.query.question import parse_query

NEAREST = 60
"""Pages that the first pass finds."""
CUTS = (1, 5, 10)


def report(data: Path, library: Path) -> str:
    """Returns how many searches of all documents are the same, ids and scores, and the page recall of both.

    The library's database is copied; the library itself is only read.
    """
    questions = [question for question in load(data).answerable if question.gold_pages]
    if not questions:
        raise OctavoError(f"{data} names no gold pages.")
    with tempfile.TemporaryDirectory() as folder:
        copy, lance = Path(folder, "library"), Path(folder, "lance")
        copy.mkdir()
        with (
            closing(connect(library / "library.sqlite")) as source,
            closing(connect(copy / "library.sqlite")) as target,
        ):
            source.backup(target)
        images = FolderImages(library / "pages")
        with Pipeline(Settings(library=copy), images=images) as pipeline:
            before = [_search(pipeline, question) for question in questions]
            entries = sum(pipeline.index.count(level) for level in Level)
        with open_library(Settings(library=copy)) as store:
            moved = move_to_engine(store, "lancedb", str(lance), words=True)
        settings = Settings(library=copy, dense_index="lancedb", sparse_index="lancedb", index_uri=str(lance))
        with Pipeline(settings, images=images) as pipeline:
            after = [_search(pipeline, question) for question in questions]
    same = {
        name: sum(getattr(a, name) == getattr(b, name) for a, b in zip(before, after, strict=True))
        for name in ("words", "nearest", "ten", "search")
    }
    return (
        f"{data.name}: {len(questions)} questions, {entries:,} entries. The same are: words {same['words']}, nearest "
        f"{NEAREST} pages {same['nearest']}, nearest ten {same['ten']}, whole searches {same['search']}. "
        f"Page recall in the folder {_recall(questions, before)}, in LanceDB {_recall(questions, after)}. {moved}"
    )


class QuestionHits(NamedTuple):
    """The hits of a question by words, vectors and both: ids with their scores."""

    words: list[Hits]
    nearest: Hits
    ten: Hits
    search: list[tuple[str, float]]
    pages: list[int]
    """The pages of the question's document, and -1 for those of others."""


def _search(pipeline: Pipeline, question: Question) -> QuestionHits:
    terms = parse_query(question.question).terms
    nearest = pipeline.index.nearest(question.question, Level.PAGE, NEAREST)
    hits = pipeline.search(question.question, k=max(CUTS))
    return QuestionHits(
        words=[pipeline.index.words(terms, level, NEAREST) for level in Level],
        nearest=nearest,
        ten=nearest[:10],
        search=[(hit.id, hit.score) for hit in hits],
        pages=[hit.page if hit.name == Path(question.doc).name else -1 for hit in hits],
    )


def _recall(questions: Sequence[Question], searched: Sequence[QuestionHits]) -> str:
    pairs = [*zip(questions, searched, strict=True)]
    return ", ".join(
        f"@{cut} {statistics.mean(page_recall(hits.pages, question.gold_pages, cut) for question, hits in pairs):.3f}"
        for cut in CUTS
    )
