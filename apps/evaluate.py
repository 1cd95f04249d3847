"""`octavo eval …`: measuring retrieval on a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Measure retrieval on a folder of documents and questions.", no_args_is_help=True)


@app.callback()
def evaluate() -> None:
    """Measure retrieval on a folder of documents and questions."""


@app.command()
def retrieval(
    folder: Annotated[Path, typer.Argument(help="A data set: queries.jsonl and the documents that it names.")],
    across: Annotated[bool, typer.Option("--across", help="Rank over all documents, not only the question's.")] = False,
    library: Annotated[Path | None, typer.Option(help="Keep the ingested library here, for a second run.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    records: Annotated[Path | None, typer.Option(help="Write one JSON line a question to this file.")] = None,
) -> None:
    """Page and layout recall by MMDocIR's definitions."""
    from eval.report import table
    from eval.retrieval import evaluate as run

    from . import show

    result = run(folder, across=across, library=library, records=records)
    show.as_json(result) if as_json else print(table(result))
