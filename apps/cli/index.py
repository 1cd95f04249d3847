"""The commands on a library's index: `octavo index report`, `octavo duplicates`, `octavo related`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from octavo.apps.cli.arguments import DEFAULT, entry_of, open_pipeline
from octavo.apps.cli.options import Json, LibraryFolder

app = typer.Typer(help="Look into the index of a library.", no_args_is_help=True)


@app.callback()
def index() -> None:
    """Look into the index of a library."""


@app.command()
def report(
    library: LibraryFolder = DEFAULT,
    questions: Annotated[
        Path | None, typer.Option(help="A data set of the library's documents, whose questions tell more.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Report how vectors lie: alignment, uniformity, modality gap, hubs, directions, duplicates; in sentences."""
    from octavo.apps.cli import output
    from octavo.eval.datasets import load
    from octavo.eval.retrieval import gold_places, ids_in_library
    from octavo.rag.entry import EntryId
    from octavo.rag.index.report import report_index

    with open_pipeline(library, must_exist=True) as pipeline:
        gold_questions: list[tuple[str, list[EntryId]]] = []
        if questions:
            data = load(questions)
            by_path = ids_in_library(data, pipeline.library)
            gold_questions = [
                (q.question, [EntryId.of_page(*place) for place in gold_places(q, by_path)])
                for q in data.answerable
                if q.gold_pages and q.doc in by_path
            ]
        result = report_index(pipeline.index, gold_questions)
    output.as_json(result) if as_json else output.index_report(result)


def duplicates(library: LibraryFolder = DEFAULT, as_json: Json = False) -> None:
    """List the pages, figures and tables of the library that are copies of each other."""
    from octavo.apps.cli import output
    from octavo.rag.index.copies import group_copies

    with open_pipeline(library, must_exist=True) as pipeline:
        groups = group_copies(pipeline.index)
        names = {info.id: info.name for info in pipeline.documents()}
    groups_of_places = [
        [output.DocumentPlace(names[e.document], e.page, e.kind or "", e.id) for e in group] for group in groups
    ]
    output.as_json(groups_of_places) if as_json else output.copies(groups_of_places)


def related(
    place: Annotated[str, typer.Argument(help="A document, or a page of one as DOCUMENT:PAGE, from 1.")],
    library: LibraryFolder = DEFAULT,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="The most results.")] = 5,
    as_json: Json = False,
) -> None:
    """List the documents, or pages, that are nearest to one by what they say and look like."""
    from octavo.apps.cli import output
    from octavo.rag.entry import Level
    from octavo.rag.index.related import find_related as nearest

    with open_pipeline(library, must_exist=True) as pipeline:
        hits = nearest(pipeline.index, entry_of(pipeline, place), k)
        entries = [
            output.DocumentPlace(
                pipeline.library.info(e.document).name,
                e.page if e.level is Level.PAGE else None,
                "",
                e.id,
                dict(hits)[e.id],
            )
            for e in pipeline.index.entries([identity for identity, _ in hits])
        ]
    output.as_json(entries) if as_json else output.places(entries)
