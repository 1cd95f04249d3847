"""Retrieval measured on a data set: page and layout recall, within the question's document or across all."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from octavo.eval.datasets import Dataset, Question, load
from octavo.eval.figures import LAYOUT_CUTS, PAGE_CUTS, Record, Result, result_of
from octavo.eval.layouts import Layouts, put_published_layouts
from octavo.eval.metrics import layout_recall, ndcg, page_recall, precision, reciprocal_rank
from octavo.eval.protocol import Split, load_protocol
from octavo.eval.records import write_records
from octavo.ingest import OctavoError, Region
from octavo.ingest.remote import File
from octavo.ingest.store.documents import DocumentStore
from octavo.rag import Evidence, Level, Pipeline, Scope, Settings


def evaluate(
    folder: Path,
    *,
    across: bool = False,
    library: Path | None = None,
    records: Path | None = None,
    settings: Settings | None = None,
    split: Split | None = None,
    documents: Collection[str] = (),
    layouts: Layouts = Layouts.OWN,
    ingested: Callable[[str], None] | None = None,
) -> Result:
    """Ingests the data set's documents where the library lacks them, asks every answerable question, and scores.

    With a `split` only questions about the documents that the protocol has for it are asked, with `documents` (file
    names) only those are read and asked about. With `layouts` of MMDocIR its published regions are ranked in place of
    the elements that are read, in a library beside `library`, called as it is with `-mmdocir`. Nothing is drawn at
    random (`seed` is None). A document that cannot be read counts as found nothing for its questions and is named in
    `failed`. `records` is a file that gets a JSON line for each question. Raises
    `OctavoError` where there is nothing to measure, and, before it begins, where `records` cannot be written.
    """
    dataset = load(folder)
    if split:
        dataset = load_protocol().select(dataset, split)
    if documents:
        dataset = replace(
            dataset,
            questions=tuple(q for q in dataset.questions if Path(q.doc).name in documents),
            documents=tuple(document for document in dataset.documents if Path(document).name in documents),
        )
    if records:
        write_records(records, (), "a")
    questions = [question for question in dataset.answerable if question.gold_pages]
    if not questions:
        raise OctavoError(f"{folder} names no gold pages, so retrieval cannot be measured on it.")
    across = across or not dataset.within
    settings = settings or Settings.from_env()
    if library and layouts is Layouts.MMDOCIR:
        library = library.with_name(f"{library.name}-mmdocir")
    with nullcontext(library) if library else tempfile.TemporaryDirectory() as home:
        settings = settings.model_copy(update={"library": Path(home)})
        with Pipeline(settings) as pipeline:
            ids, failed = ingest(pipeline, dataset, ingested)
            if layouts is Layouts.MMDOCIR:
                put_published_layouts(pipeline, dataset, ids)
            done = [_ask(pipeline, dataset, q, ids, across) for q in questions]
            pages = sum(info.pages for info in pipeline.documents() if info.id in ids.values())
    if records:
        write_records(records, map(asdict, done))
    return result_of(done, dataset, pages, failed, across, settings)


def ingest(
    pipeline: Pipeline, dataset: Dataset, ingested: Callable[[str], None] | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """Reads the documents that the library lacks: ids by path in the data set, and reasons of those that failed.

    Raises `OctavoError` when none can be read.
    """
    files: dict[File, str] = {(dataset.folder / doc).resolve(): doc for doc in dataset.documents}
    ids: dict[str, str] = {}
    failed: dict[str, str] = {}
    for result in pipeline.ingest_each(sorted(files, key=str)):
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


def _ask(pipeline: Pipeline, dataset: Dataset, question: Question, ids: dict[str, str], across: bool) -> Record:
    started = time.perf_counter()
    if across:
        scope = Scope(documents=tuple(sorted(set(ids.values()))))
    else:
        scope = Scope(documents=tuple(ids[doc] for doc in question.docs if doc in ids))
    picture = dataset.folder / question.picture if question.picture else None
    hits = pipeline.search(question.question, level=Level.PAGE, k=max(PAGE_CUTS), scope=scope, picture=picture)
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
        **score_question(question, ids, hits, elements),
    )


def score_question(
    question: Question, ids: Mapping[str, str], pages: Sequence[Evidence], elements: Sequence[Evidence]
) -> dict[str, Any]:
    """Returns the metrics of one question's ranked pages and elements.

    `ids` are document ids by path in the data set; what could not be read is not among them and is never found.
    """
    document, boxes = ids.get(question.doc), question.gold_layouts
    ranked, gold = [(hit.document, hit.page) for hit in pages], gold_places(question, ids)
    regions = own_regions(elements, document)
    return {
        "page": {f"recall@{k}": page_recall(ranked, gold, k) for k in PAGE_CUTS},
        "layout": {f"recall@{k}": layout_recall(regions, boxes, k) for k in LAYOUT_CUTS} if boxes else None,
        "layout_clipped": (
            {f"recall@{k}": layout_recall(regions, boxes, k, clipped=True) for k in LAYOUT_CUTS} if boxes else None
        ),
        "ranking": _ranking(ranked, gold),
    }


def ids_in_library(data: Dataset, library: DocumentStore) -> dict[str, str]:
    """Returns the ids of a data set's documents by their path in it, of those that a library has by their names."""
    ids = {info.name: info.id for info in library.documents()}
    return {doc: ids[Path(doc).name] for doc in data.documents if Path(doc).name in ids}


def gold_places(question: Question, ids: Mapping[str, str]) -> list[tuple[str, int]]:
    """Returns the places of the answer, as (document id, page).

    A document that could not be read is named by its path.
    """
    places = [(question.doc, page) for page in question.gold_pages] + list(question.also)
    return [(ids.get(doc, doc), page) for doc, page in places]


def _ranking(ranked: Sequence[tuple[str, int]], gold: Sequence[tuple[str, int]]) -> dict[str, float]:
    return {
        **{f"ndcg@{k}": ndcg(ranked, gold, k) for k in PAGE_CUTS},
        f"mrr@{max(PAGE_CUTS)}": reciprocal_rank(ranked, gold, max(PAGE_CUTS)),
        **{f"precision@{k}": precision(ranked, gold, k) for k in PAGE_CUTS},
    }


def own_regions(hits: Sequence[Evidence], document: str | None) -> list[Region]:
    """Returns the hits' regions in order; those of other documents count as a page that is never gold."""
    return [hit.regions[0] if hit.document == document else Region(-1, hit.regions[0].box) for hit in hits]
