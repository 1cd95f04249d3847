"""The commands that ask a library: `octavo search · ask`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from octavo.apps.cli.arguments import DEFAULT, level_of, open_pipeline
from octavo.apps.cli.options import Json, LibraryFolder
from octavo.apps.cli.query_options import QueryOptions, with_query_options

EXIT_ABSTAINED = 3
"""The exit code of `octavo ask` where there is no answer."""
_IMAGES = (".png", ".jpg", ".jpeg", ".webp")


@with_query_options
def search(
    query: QueryOptions,
    question: Annotated[str, typer.Argument(help="What to look for.")] = "",
    level: Annotated[str, typer.Option(help="document, page, element or chunk.")] = "page",
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
) -> None:
    """Show the entries that fit a question best, with their relevancy scores."""
    from octavo.apps.cli import output

    with open_pipeline(library, must_exist=True) as pipeline:
        bounds = query.arguments(pipeline)
        bounds["threshold"] = bounds["threshold"] or 0.0
        hits = pipeline.search(question, level=level_of(level), **bounds)
    output.as_json(hits) if as_json else output.evidence(hits)


@with_query_options
def ask(
    query: QueryOptions,
    question: Annotated[str, typer.Argument(help="The question; may be left out with --picture.")] = "",
    level: Annotated[str, typer.Option(help="What evidence is made of: page, element or chunk.")] = "chunk",
    image: Annotated[Path | None, typer.Option(help="Write the cited page with its boxes drawn to this file.")] = None,
    open_image: Annotated[bool, typer.Option("--open", help="Show the cited page with its boxes drawn.")] = False,
    llm_url: Annotated[str, typer.Option(help="OpenAI-compatible endpoint.", envvar="OCTAVO_LLM_URL")] = "",
    llm_model: Annotated[str, typer.Option(help="Its model.", envvar="OCTAVO_LLM_MODEL")] = "",
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
) -> None:
    """Answer a question from the library, each claim with its place on a page. Abstaining exits with 3."""
    from octavo.apps.cli import output
    from octavo.rag import Delta, Finished, Step

    if image and image.suffix.lower() not in _IMAGES:
        raise typer.BadParameter(f"--image is a file that ends in {', '.join(_IMAGES)}; not {image.name}.")
    with open_pipeline(library, must_exist=True, llm_url=llm_url, llm_model=llm_model) as pipeline:
        answer = None
        for event in pipeline.stream(question, level=level_of(level), **query.arguments(pipeline)):
            if isinstance(event, Step) and not as_json:
                output.step(event)
            elif isinstance(event, Delta) and not as_json:
                print(f"{output.ANEW if event.replaces else ''}{event.text}", end="", flush=True)
            elif isinstance(event, Finished):
                answer = event.answer
        assert answer is not None
        output.as_json(answer) if as_json else output.answer(answer)
        if (image or open_image) and answer.citations:
            file = output.save_highlighted(pipeline, answer, image)
            if not as_json:
                print(f"cited page: {file}")
            if open_image:
                typer.launch(str(file))
    if answer.abstained:
        raise typer.Exit(EXIT_ABSTAINED)
