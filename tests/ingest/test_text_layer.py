"""The text layer: which one is sound."""

from __future__ import annotations

import pymupdf
import pytest
from hypothesis import given, strategies as st

from octavo.ingest import Box, Line
from octavo.ingest.text_layer import clean, is_garbled, is_sparse, lines

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
        assert [line.text for line in lines(page)] == ["Seen"]
