"""`octavo train projector`: training a part of one's own on one's own questions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from octavo.apps.cli.arguments import DEFAULT, open_pipeline
from octavo.apps.cli.options import Json, LibraryFolder

app = typer.Typer(help="Train parts on your own questions.", no_args_is_help=True)


@app.callback()
def train() -> None:
    """Train parts on your own questions."""


@app.command()
def projector(
    folder: Annotated[Path, typer.Argument(help="A data set: queries.jsonl and documents that the library holds.")],
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
) -> None:
    """Train a map of question vectors towards the pages that answer them; ends with 1 where the gates refuse it."""
    from octavo.apps.cli import output
    from octavo.eval.fitting.projector import train as run

    with open_pipeline(library, must_exist=True) as pipeline:
        result = run(folder, pipeline)
    output.as_json(result) if as_json else output.training(result)
    if result.refused:
        raise typer.Exit(1)
