"""A document's title names it: metadata that does not is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.ingest import Box, Element, Kind, Page
from octavo.ingest.titles import is_empty, title_of

FILE = Path("harbour-2021.pdf")
HEADING = "Annual report of Tern Harbour"


def pages(heading: str = "", text: str = "It earned 48.3 million euros.") -> list[Page]:
    box = Box(0, 0, 100, 20)
    elements = [Element(0, Kind.TITLE, box, heading), Element(1, Kind.TEXT, box, text)]
    return [Page(0, 595, 842, elements=tuple(e for e in elements if e.text))]


@pytest.mark.parametrize(
    "metadata",
    [
        "", "untitled", "Untitled-1", "Microsoft Word - x.docx", "paper.html", "Report final.indd",
        "RECOMMENDED CITATION", "PowerPoint Presentation", "Click to add title", "Slide 1", "Document1", "(none)",
        "2021_v3_FINAL",
        "----", "12345",
    ],
)  # fmt: skip
def test_metadata_that_names_no_document_is_passed_over(metadata: str) -> None:
    assert title_of(metadata, FILE, pages(HEADING)) == HEADING
    assert title_of(metadata, FILE, pages()) == "harbour-2021"


def test_metadata_of_another_document_is_passed_over() -> None:
    assert title_of("Minutes of the board of 2014", FILE, pages(HEADING)) == HEADING
    assert title_of("Annual Report, Tern Harbour", FILE, pages(HEADING)) == "Annual Report, Tern Harbour"
    assert title_of("Annual report 2021", FILE, pages()) == "Annual report 2021"


def test_a_heading_that_names_nothing_is_no_title() -> None:
    assert title_of("", FILE, pages("Table of contents")) == "harbour-2021"


@pytest.mark.parametrize(
    "title", ["Annual report 2021", "年度报告", "Titles of nobility", "Abstract art", "New draft rules"]
)
def test_titles_stay(title: str) -> None:
    assert not is_empty(title)
