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
def calibrate(
    folder: Annotated[Path, typer.Argument(help="A data set: queries.jsonl and the documents that it names.")],
    library: Annotated[
        Path, typer.Option(help="The library that keeps the calibration.", envvar="OCTAVO_LIBRARY")
    ] = Path(".octavo"),
    level: Annotated[str, typer.Option(help="page, element or chunk.")] = "page",
    isotonic: Annotated[bool, typer.Option("--isotonic", help="Any rising shape; needs hundreds of pairs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Turn the scores of the relevancy model that is set into probabilities, by labelled questions."""
    from eval.calibrate import calibrate as run
    from rag import Level

    from . import show
    from .cli import settings_of

    if level not in ("page", "element", "chunk"):
        raise typer.BadParameter(f"--level is page, element or chunk, not {level}.")
    made = run(folder, settings_of(library), Level(level), "isotonic" if isotonic else "logistic")
    if as_json:
        show.as_json(made.model_dump())
    else:
        before, after = made.error
        print(f"{made.pairs} pairs, {made.relevant} relevant: calibration error {before:.3f} before, {after:.3f} after")


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
