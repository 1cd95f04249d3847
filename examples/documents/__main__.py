"""`python -m examples.documents [FOLDER]` draws the sample documents."""

from __future__ import annotations

import sys
from pathlib import Path

from examples.documents import deck, report, scan

SAMPLES = Path(__file__).resolve().parents[2] / "apps" / "samples"


def draw(folder: Path) -> list[Path]:
    """Draws all sample documents into a folder and returns their paths."""
    return [
        report.write(folder / "report.pdf"),
        scan.write(folder / "scan.pdf"),
        deck.write_pptx(folder / "deck.pptx"),
        deck.write_pdf(folder / "deck.pdf"),
    ]


if __name__ == "__main__":
    for path in draw(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES):
        print(path)
