"""Documents of an invented observatory, for `octavo demo` and the chat's first minute.

The code that draws them is `examples/documents`.
"""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

QUESTIONS: tuple[tuple[str, str | None], ...] = (
    ("What was capital expenditure in 2018?", "15.8"),
    ("At what temperature is the spectrograph kept?", "12.5 °C"),
    ("To what torque were the shutter bolts tightened?", "85"),
    ("When does the laying of the fibre cable start?", "starts in May"),
    ("How many visitors came to the planetarium?", None),
)
"""Questions, each with what the answer must say; None where the documents do not say it."""


def copy_sample(name: str, folder: Path) -> Path:
    """Copies a sample document into a folder, which is made if need be, and returns its path there."""
    folder.mkdir(parents=True, exist_ok=True)
    with as_file(files(__name__) / name) as source:
        return Path(shutil.copyfile(source, folder / name))


def copy_samples(folder: Path) -> list[Path]:
    """Copies all sample documents into a folder and returns their paths there.

    They are `report.pdf`, `scan.pdf` and `deck.pptx`, or `deck.pdf` where LibreOffice, which reads decks, is missing.
    """
    deck = "deck.pptx" if shutil.which("soffice") else "deck.pdf"
    return [copy_sample(name, folder) for name in ("report.pdf", "scan.pdf", deck)]
