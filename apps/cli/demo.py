"""`octavo demo`: copies documents, reads them, asks five questions, and draws where an answer stands."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from rich.markup import escape

from octavo.apps.cli import output
from octavo.apps.cli.arguments import settings_of
from octavo.apps.cli.progress import IngestProgress
from octavo.apps.samples import QUESTIONS, copy_samples
from octavo.rag import Pipeline


def run(folder: Path) -> int:
    """Runs the demo in `folder`; returns how many of the questions came out as they should, for the exit code."""
    documents = copy_samples(folder / "documents")
    if shutil.which("soffice") is None:
        output.console.print(
            "LibreOffice is not installed, so the demo's deck is a PDF: install libreoffice-impress to read PPTX."
        )
    right = 0
    with Pipeline(settings_of(folder / "library")) as pipeline:
        with IngestProgress(len(documents)) as progress:
            results = []
            for result in pipeline.ingest_each(sorted(documents), progress=progress.update):
                progress.finished(result)
                results.append(result)
        output.results(results, progress.seconds)
        for number, (question, expected) in enumerate(QUESTIONS, 1):
            answer = pipeline.ask(question)
            right += answer.abstained if expected is None else expected.lower() in answer.text.lower()
            output.console.print(f"\n[bold]{escape(question)}[/]")
            if not answer.abstained:
                print(answer.text)
            output.answer(answer)
            if answer.citations:
                first = answer.citations[0]
                picture = folder / f"answer-{number}.png"
                pipeline.highlight(answer, first.document, first.page).save(picture)
                output.console.print(f"  cited page: {picture}")
    output.console.print(
        f"\n{right} of {len(QUESTIONS)} came out as they should; one of them has no answer in the documents."
    )
    library, program = folder / "library", _program()
    output.console.print(
        f"\n[bold]What to try next[/]\n"
        f"  look at a cited page      {folder / 'answer-1.png'}\n"
        f'  ask a question            {program} ask "How much is the loan\'s rate of interest?" --library {library}\n'
        f"  read your own documents   {program} ingest PATH --library {library}\n"
        f"  open the chat             {program} chat --library {library}",
        highlight=False,
        soft_wrap=True,
    )
    return right


def _program() -> str:
    """Returns how this program is called: by its name where the shell finds it, else by the path that started it."""
    started = Path(sys.argv[0])
    return "octavo" if shutil.which("octavo") or started.stem != "octavo" else str(started)
