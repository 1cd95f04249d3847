"""The command `octavo feedback`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from octavo.apps.cli.arguments import DEFAULT, settings_of


def feedback(
    folder: Annotated[Path, typer.Argument(help="A new folder for the data set.")],
    collection: Annotated[str, typer.Option(help="The collection that was asked.")] = "default",
    library: Annotated[
        Path,
        typer.Option("--library", help="The folder of the service or of the chat.", envvar="OCTAVO_LIBRARY"),
    ] = DEFAULT,
) -> None:
    """Write what users of the chat and the service said about answers as a data set, for `octavo eval`."""
    from octavo.apps.chat.verdicts import COLLECTION, feedback_of
    from octavo.apps.feedback import write_dataset
    from octavo.rag import Pipeline

    settings = settings_of(library)
    answers = feedback_of(library) if collection == COLLECTION else []
    with ExitStack() as opened:
        if collection == COLLECTION and not (settings.library / "service.sqlite").exists():
            pipeline = opened.enter_context(Pipeline(settings))  # a chat's library has no service
        else:
            from octavo.apps.service import Service
            from octavo.apps.service.rights import LOCAL

            service = opened.enter_context(Service(settings))
            answers = [*service.feedback(LOCAL, collection), *answers]
            pipeline = opened.enter_context(service.collections.opened(collection))
        questions, labels = write_dataset(answers, pipeline, folder)
    print(f"wrote {questions} questions and {labels} graded answers to {folder}")
