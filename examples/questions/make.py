"""Makes the documents and puts the questions beside them: a data set that `octavo eval` reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

from . import files, finance, papers

DOCUMENTS: dict[str, Callable[[Path], None]] = {
    "northgate-2022.pdf": partial(finance.annual, year=2022),
    "northgate-2023.pdf": partial(finance.annual, year=2023),
    "brightwater-q2-2024.pdf": finance.quarter,
    "sun-on-schools.pdf": finance.deck,
    "lease-harbour-street.pdf": papers.lease,
    "kx200-manual.pdf": papers.manual,
    "mangrove-paper.pdf": papers.paper,
    "scanned-letter.pdf": papers.letter,
    "receipt.png": papers.receipt,
    "price-list.pdf": papers.prices,
    "minutes-april.pdf": papers.minutes,
    "benefits-handbook.pdf": papers.handbook,
    "dolorix-leaflet.pdf": papers.leaflet,
    "cv-okonjo.pdf": papers.resume,
    "invoice-0317.pdf": papers.invoice,
    "ferry-timetable.pdf": papers.timetable,
    "ferrum-d18.pdf": papers.ferrum,
    "volta-c20.pdf": papers.volta,
    "hausordnung.pdf": papers.house_rules,
    "cafetera.pdf": papers.coffee,
    "water-cycle.pptx": files.lesson,
    "travel-policy.docx": files.travel_policy,
    "parcelo-api.html": files.web_page,
    "mediatheque.html": files.library_rules,
    "museo-valcerta.md": files.museum,
    "roode-beek.txt": files.garden_rules,
    "piscina.html": files.pool,
    "heron-runbook.md": files.runbook,
    "handover.txt": files.incident,
    "stations.csv": files.stations,
    "budget.xlsx": files.budget,
    "order-change.eml": files.message,
}
"""The function that makes each document, by file name."""


def make(folder: Path, documents: Collection[str] = tuple(DOCUMENTS)) -> Path:
    """Writes the documents that are not there yet, and the questions about them, into `folder`, and returns it."""
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    for name in documents:
        path = folder / "documents" / name
        if not path.is_file():
            DOCUMENTS[name](path)
    for file in sorted(Path(__file__).parent.glob("*.jsonl")):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        asked = [line for line in lines if {Path(doc).name for doc in documents_of(json.loads(line))} <= set(documents)]
        (folder / file.name).write_text("".join(asked), encoding="utf-8")
    return folder


def documents_of(row: dict[str, Any]) -> list[str]:
    """Returns the documents that a question is about."""
    return row.get("docs") or ([row["doc"]] if "doc" in row else [])
