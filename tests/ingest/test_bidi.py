"""Arabic and Hebrew in the order in which they are read, whatever order the file has them in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymupdf
import pytest

from octavo.ingest import bidi
from octavo.ingest.model import Box
from tests.ingest.pages import read_page

LAM_ALEF = "\u0644\u0623"


def line(pieces: list[str], left: float = 50, baseline: float = 100) -> dict[str, Any]:
    """A line as "rawdict" has it: glyphs from the left, the letters of a ligature at one place."""
    chars, x = [], left
    for piece in pieces:
        chars.append({"c": piece[0], "bbox": (x, baseline - 10, x + 6, baseline + 2), "origin": (x, baseline)})
        x += 6
        chars += [{"c": c, "bbox": (x, baseline - 10, x, baseline + 2), "origin": (x, baseline)} for c in piece[1:]]
    span = {"size": 11.0, "font": "f", "flags": 0, "alpha": 255, "origin": (left, baseline), "chars": chars}
    box = (left, baseline - 10, x, baseline + 2)
    return {"dir": (1, 0), "bbox": box, "spans": [{**span, "bbox": box}]}


def text(found: list[bidi.ReorderedLine]) -> list[str]:
    return ["".join(span["text"] for span in row.line["spans"]) for row in found]


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        ([*"\u0645\u0627\u0639"], "\u0639\u0627\u0645"),
        (["\u0644", LAM_ALEF, "\u0627"], "\u0627" + LAM_ALEF + "\u0644"),
        (["\ufefb"], "\u0644\u0627"),
        ([*"12.5% \u0629\u0628"], "\u0628\u0629 12.5%"),
        ([*"1,377 \u0649 1,204 \u0646"], "\u0646 1,204 \u0649 1,377"),
        ([*".\u0629 Larkfield Mills 2021 \u0644"], "\u0644 Larkfield Mills 2021 \u0629."),
        ([*"2021-2019 \u05d1"], "\u05d1 2021-2019"),
    ],
)
def test_glyphs_from_the_left_are_read_from_the_right(seen: list[str], read: str) -> None:
    assert text(list(bidi.reorder([line(seen)], True))) == [read]


def test_a_word_from_right_to_left_in_another_line_stays_at_its_place() -> None:
    found = list(bidi.reorder([line([*"The word \u05dd\u05d5\u05dc\u05e9 means peace"])], False))
    assert text(found) == ["The word \u05e9\u05dc\u05d5\u05dd means peace"]
    assert [word for _, word in found[0].words] == ["The", "word", "\u05e9\u05dc\u05d5\u05dd", "means", "peace"]


def test_pieces_of_one_line_are_joined_and_others_stay() -> None:
    pieces = [line([*"\u05d2\u05d1\u05d0"], 100), line([*"48.3"], 70), line([*"Total"], 50, 140)]
    found = list(bidi.reorder(pieces, True))
    assert text(found) == ["\u05d0\u05d1\u05d2 48.3", "Total"]
    assert [row.places for row in found] == [(0, 1), (2,)]
    assert found[0].words[0] == (Box(100, 90, 118, 102), "\u05d0\u05d1\u05d2")
    assert found[1].words == ()


def test_a_page_of_hebrew_with_numbers_and_names_is_read_in_order(tmp_path: Path) -> None:
    said = "\u05d4\u05db\u05e0\u05e1\u05d5\u05ea 2021 \u05e9\u05dc Larkfield Mills \u05e2\u05dc\u05d5 12.5%."
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        page.insert_text((60, 200), "Summary", fontsize=18)
        page.insert_htmlbox((60, 230, 535, 300), f'<p dir="rtl" style="font-size:12px">{said}</p>')
        document.save(tmp_path / "a.pdf")
    page, _ = read_page(tmp_path / "a.pdf")
    assert said in page.text
