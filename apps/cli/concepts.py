"""The commands on concepts of the user's own: `octavo concept add · list · edit · remove · where`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from octavo.apps.cli.arguments import DEFAULT, open_pipeline
from octavo.apps.cli.options import Json, LibraryFolder

if TYPE_CHECKING:
    from octavo.rag.concepts import Concept

app = typer.Typer(help="Concepts of your own: names, notes and pictures that questions may use.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The concept's name, in any case.")]
Alias = Annotated[list[str] | None, typer.Option("--alias", help="Another name; repeatable.")]
Category = Annotated[str | None, typer.Option(help="What sort of thing it is.")]
Note = Annotated[str | None, typer.Option(help="What answers may say of it, cited as your word.")]
Picture = Annotated[list[Path] | None, typer.Option("--picture", help="A picture by which it is known; repeatable.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    alias: Alias = None,
    category: Category = None,
    note: Note = None,
    picture: Picture = None,
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
) -> None:
    """Add a concept; it is in force at the next question."""
    with open_pipeline(library) as pipeline:
        concept = pipeline.concepts.add(
            name, aliases=alias or (), category=category or "", note=note or "", pictures=picture or ()
        )
    _print([concept], as_json)


@app.command("list")
def list_concepts(library: LibraryFolder = DEFAULT, as_json: Json = False) -> None:
    """List the concepts of the library."""
    with open_pipeline(library, must_exist=True) as pipeline:
        concepts = pipeline.concepts.all()
    _print(concepts, as_json)


@app.command()
def edit(
    name: Name,
    rename: Annotated[str | None, typer.Option(help="A new name.")] = None,
    alias: Alias = None,
    category: Category = None,
    note: Note = None,
    picture: Picture = None,
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
) -> None:
    """Change what is given of a concept; aliases and pictures that are given take the place of all before."""
    with open_pipeline(library, must_exist=True) as pipeline:
        concept = pipeline.concepts.edit(
            name, rename=rename, aliases=alias, category=category, note=note, pictures=picture
        )
    _print([concept], as_json)


@app.command()
def remove(name: Name, library: LibraryFolder = DEFAULT, as_json: Json = False) -> None:
    """Remove a concept."""
    with open_pipeline(library, must_exist=True) as pipeline:
        concept = pipeline.concepts.remove(name)
    _print([concept], as_json, "removed ")


@app.command()
def where(name: Name, library: LibraryFolder = DEFAULT, as_json: Json = False) -> None:
    """Show where a concept stands in the documents: pages and boxes of its names and pictures."""
    from octavo.apps.cli import output

    with open_pipeline(library, must_exist=True) as pipeline:
        places = pipeline.concepts.where(name)
    output.as_json(places) if as_json else output.mentions(places)


def _print(concepts: list[Concept], as_json: bool, before: str = "") -> None:
    from octavo.apps.cli import output

    if as_json:
        output.as_json([_plain(concept) for concept in concepts])
    else:
        output.concepts(concepts, before)


def _plain(concept: Concept) -> dict[str, Any]:
    """Returns a concept without the bytes of its pictures, which are counted."""
    values = asdict(concept)
    return {name: value for name, value in values.items() if name not in ("pictures", "words")} | {
        "pictures": len(concept.pictures)
    }
