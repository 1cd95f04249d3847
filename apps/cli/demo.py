"""The demo's own documents: an invented observatory's annual report, a scanned inspection record, a slide deck.

They are made from nothing but this package, the same bytes each time, so that the demo works offline and on any
machine, and reading them again changes nothing.
"""

from __future__ import annotations

import shutil
from pathlib import Path

QUESTIONS: tuple[tuple[str, str | None], ...] = (
    ("What was capital expenditure in 2018?", "15.8"),
    ("At what temperature is the spectrograph kept?", "12.5 °C"),
    ("To what torque were the shutter bolts tightened?", "85"),
    ("Who pays for half of the fibre link to the mainland?", "harbour authority"),
    ("How many visitors came to the planetarium?", None),
)
"""Questions, each with what the answer must say; None where the documents do not say it."""


def make_documents(folder: Path) -> list[Path]:
    """Writes the demo's documents into `folder`, which is made if need be, and returns their paths.

    They are `report.pdf`, `scan.pdf` and `deck.pptx`, or `deck.pdf` where LibreOffice, which reads decks, is missing.
    """
    from octavo.apps.samples import deck, report, scan

    folder.mkdir(parents=True, exist_ok=True)
    has_office = shutil.which("soffice") is not None
    return [
        report.write(folder / "report.pdf"),
        scan.write(folder / "scan.pdf"),
        deck.write_pptx(folder / "deck.pptx") if has_office else deck.write_pdf(folder / "deck.pdf"),
    ]
