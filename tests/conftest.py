"""Documents that the tests make themselves, and where the measuring data lies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from hypothesis import settings

from octavo.ingest.engines import pool
from octavo.ingest.workers.pool import WorkerPool
from octavo.rag import Pipeline

settings.register_profile("octavo", deadline=None, max_examples=30)
settings.load_profile("octavo")

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"

REPORT = (
    ("Annual report", "Northlight Observatory is a made-up observatory. It opened its second dome in 2017."),
    ("Finances", "Capital expenditure in 2018 was 1,577 million crowns. Revenue rose to 4,210 million crowns."),
    ("Staff", "In 2019 the observatory employed 312 people, of whom 58 worked on the night shift."),
)


def make_pdf(path: Path, pages: tuple[tuple[str, str], ...] = REPORT) -> Path:
    """A PDF with a heading and a paragraph on each page."""
    with pymupdf.open() as document:
        for heading, text in pages:
            page = document.new_page(width=595, height=842)
            page.insert_text((60, 90), heading, fontsize=22)
            page.insert_textbox((60, 120, 535, 400), text, fontsize=11)
        document.save(path)
    return path


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of measuring data; tests that need it skip where it is absent."""
    if not DATA.is_dir():
        pytest.skip("the measuring data (../shared/data) is not here")
    return DATA


@pytest.fixture(scope="session")
def report_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that holds `report.pdf` and a note; not to be written into."""
    folder = tmp_path_factory.mktemp("report")
    make_pdf(folder / "report.pdf")
    (folder / "note.txt").write_text(
        "The telescope's mirror was polished in the spring of 2021 by the optics workshop."
    )
    with Pipeline(folder / "library") as pipeline:
        results = pipeline.ingest(folder / "report.pdf", folder / "note.txt")
    assert [r.status for r in results] == ["added", "added"]
    return folder / "library"


@pytest.fixture
def own_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ingest starts and ends reading processes of its own, as it does outside of tests."""
    monkeypatch.setattr(pool, "WorkerPool", WorkerPool)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses (seconds) that would be made from now on; none of them is waited for."""
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", lambda seconds: asked.append(seconds) if seconds else None)
    return asked


@pytest.fixture
def pipeline(report_library: Path) -> Iterator[Pipeline]:
    """A pipeline over the report's library, for reading."""
    with Pipeline(report_library) as opened:
        yield opened
