"""The text layer: which one is sound."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from hypothesis import given, strategies as st

from octavo.ingest import Box, Line
from octavo.ingest.content import PageContent
from octavo.ingest.render import pixels
from octavo.ingest.text_layer import clean, is_garbled, is_sparse, read
from octavo.rag.query.analysis import terms
from tests.ingest.pages import drawn

FRAME = Box(0, 0, 100, 10)


def said(text: str) -> list[Line]:
    return [Line(text, FRAME)]


@given(st.text())
def test_clean_text_is_stable_and_can_be_stored(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once == once.strip()
    once.encode("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "The board approved the budget for the coming year without a vote. " * 3,
        "人工智能在医疗领域的应用正在迅速扩大" * 5,
        "Выручка выросла во всех регионах в прошлом году. " * 3,
        "USD 4,210 | EUR 3,905 | GBP 3,411",
        "",
    ],
)
def test_sound_text_in_any_script_is_trusted(text: str) -> None:
    assert not is_garbled(said(text))


@pytest.mark.parametrize("text", ["\ufffd\ufffd ab", "(cid:17)(cid:18) a", "\ue000\ue001 x", "bcdfg hjklm npqrs " * 9])
def test_broken_encodings_are_noticed(text: str) -> None:
    assert is_garbled(said(text))


def test_few_words_over_a_large_picture_are_too_few() -> None:
    assert is_sparse(said("7"), 0.9)
    assert is_sparse([], 0)
    assert not is_sparse(said("7"), 0.2)
    assert not is_sparse(said("word " * 40), 0.9)


def test_lines_outside_the_page_are_left_out() -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=200, height=200)
        page.insert_text((20, 50), "Seen")
        page.insert_text((20, 400), "Below")
        layer = read(PageContent(page), pixels(page, 144))
        assert [line.text for line in layer.lines] == ["Seen"]


def test_raised_and_lowered_letters_are_told_from_what_they_stand_beside(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for n, runs in enumerate(
            [
                [("Rent was $4,120", 12, 0), ("3", 7, 5), (" a month.", 12, 0)],
                [("It holds 10", 12, 0), ("6", 7, 5), (" litres of H", 12, 0), ("2", 7, -3), ("O.", 12, 0)],
                [("Sales", 12, 0), ("a", 7, 5), (" rose on the 21", 12, 0), ("st", 7, 5), (" of May.", 12, 0)],
            ]
        ):
            x = 40.0
            for text, size, rise in runs:
                page.insert_text((x, 60 + 40 * n - rise), text, fontsize=size)
                x += pymupdf.get_text_length(text, fontsize=size)

    with pymupdf.open(drawn(tmp_path / "raised.pdf", draw)) as document:
        said = [line.text for line in read(PageContent(document[0]), pixels(document[0], 144)).lines]
    assert said == ["Rent was $4,120³ a month.", "It holds 10⁶ litres of H2O.", "Salesᵃ rose on the 21st of May."]
    assert "4120" in terms(said[0])
