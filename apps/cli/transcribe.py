"""`octavo transcribe`: subtitles of videos, by an endpoint that hears."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def transcribe(
    videos: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="Videos; each gets subtitles beside it.")
    ],
    language: Annotated[str, typer.Option(help="Language of the speech, such as de; by default it is told.")] = "",
    force: Annotated[bool, typer.Option(help="Replace subtitles that are there.")] = False,
) -> None:
    """Write down what is said in videos as subtitles, which are read with them (OCTAVO_SPEECH__URL)."""
    from octavo.apps.cli.output import console
    from octavo.ingest.readers.discover import subtitles_of
    from octavo.ingest.readers.subtitles import format_cues
    from octavo.ingest.store.files import write_file
    from octavo.rag import Settings
    from octavo.rag.speech import transcribe as hear

    options = Settings.from_env().speech
    for video in videos:
        target = video.with_suffix(".vtt")
        if (there := subtitles_of(video)) and not force:
            console.print(f"{there[0].name} is there already: --force writes {target.name} all the same.")
            continue
        cues = hear(video, options, language)
        write_file(target, format_cues(cues).encode())
        console.print(f"{target.name}: {len(cues)} cues. `octavo ingest --force {video.name}` reads them.")
