"""Profiles of reading: what each gives the layout model, and which words it reads."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from octavo.ingest import Kind, Profile, TextSource, page as pages
from octavo.ingest.layout.detector import Features
from tests.ingest.pages import drawn, picture_of, read_page

PROSE = "The kiln was rebuilt in spring and has burned every week since then. " * 12


def prose(page: pymupdf.Page) -> None:
    page.insert_text((72, 80), "The new kiln", fontsize=20)
    page.insert_textbox((72, 110, 520, 420), PROSE, fontsize=11)


def ruled(page: pymupdf.Page) -> None:
    prose(page)
    page.draw_line((72, 95), (520, 95), width=0.7)


def charted(page: pymupdf.Page) -> None:
    prose(page)
    for n, height in enumerate((60, 120, 90, 150)):
        page.draw_rect((120 + 80 * n, 700 - height, 180 + 80 * n, 700), fill=(0.1, 0.4, 0.7))


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Features]:
    """What the layout model was given, a page each."""
    calls: list[Features] = []
    detect = pages.detect_regions

    def recorded(page: pymupdf.Page, features: Features) -> pages.Regions:
        calls.append(features)
        return detect(page, features)

    monkeypatch.setattr(pages, "detect_regions", recorded)
    return calls


@pytest.mark.parametrize(
    ("profile", "features"),
    [
        (Profile.FAST, [Features.LINES, Features.LINES, Features.LINES]),
        (Profile.BALANCED, [Features.LINES, Features.LINES, Features.PICTURE]),
        (Profile.THOROUGH, [Features.PICTURE, Features.PICTURE, Features.PICTURE]),
    ],
)
def test_a_page_of_text_and_rules_is_laid_out_by_its_lines(
    tmp_path: Path, given: list[Features], profile: Profile, features: list[Features]
) -> None:
    path = drawn(tmp_path / "a.pdf", prose, ruled, charted)
    found = [read_page(path, number, profile=profile)[0] for number in range(3)]
    assert given == features
    for page in found:
        assert page.elements[0].kind in (Kind.TITLE, Kind.SECTION_HEADER)
        assert page.elements[0].text == "The new kiln"
        assert page.elements[1].kind is Kind.TEXT
        assert page.elements[1].text == PROSE.strip()


def test_a_scan_is_laid_out_by_its_picture(tmp_path: Path, given: list[Features]) -> None:
    path = drawn(tmp_path / "a.pdf", lambda page: page.insert_text((72, 100), "The council met in May.", fontsize=16))
    scan = drawn(tmp_path / "scan.pdf", lambda page: page.insert_image(page.rect, stream=picture_of(path)))
    assert read_page(scan, profile=Profile.BALANCED)[0].source is TextSource.OCR
    assert read_page(scan, profile=Profile.FAST)[0].source is TextSource.OCR
    assert given == [Features.PICTURE, Features.LINES]


def test_words_in_a_picture_beside_text_are_not_read_fast(tmp_path: Path) -> None:
    sign = drawn(tmp_path / "sign.pdf", lambda page: page.insert_text((20, 60), "HARBOUR", fontsize=40), height=100)
    picture = picture_of(sign)

    def both(page: pymupdf.Page) -> None:
        prose(page)
        page.insert_image((72, 500, 520, 576), stream=picture)

    path = drawn(tmp_path / "a.pdf", both)
    balanced, fast = (read_page(path, profile=profile)[0] for profile in (Profile.BALANCED, Profile.FAST))
    assert (balanced.source, fast.source) == (TextSource.MIXED, TextSource.LAYER)
    assert "HARBOUR" in balanced.text
    assert "HARBOUR" not in fast.text
    assert Kind.FIGURE in {e.kind for e in fast.elements}
