"""The evidence panel: a bar and a card for each place, what was dropped apart, text as text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from octavo.apps.chat.evidence_view import panel
from octavo.apps.chat.markup import pages, picture
from octavo.apps.chat.pictures import PREFIX
from octavo.ingest import Box, Region
from tests.apps.chat.turns import AT, AT_DATA, EVIDENCE, TURN


def test_used_and_dropped_places_have_their_cards_and_scores() -> None:
    html = panel(TURN, AT)
    assert html.count('class="card used cited"') == 1
    assert html.count('class="card looked"') == 1
    assert "Looked at and dropped (1)" in html
    assert "page 2 · table · 0.75" in html
    assert AT_DATA in html


def test_a_turn_without_an_answer_has_no_evidence() -> None:
    assert "appears here" in panel(None, AT)
    assert panel(replace(TURN, answer=None), AT) == panel(None, AT)


def test_bars_are_as_tall_as_scores_and_the_threshold_lies_between() -> None:
    low = replace(EVIDENCE, score=0.25)
    answer = replace(TURN.answer, evidence=(EVIDENCE,), candidates=(EVIDENCE, replace(low, id="low")))
    svg = panel(replace(TURN, answer=answer, threshold=0.5), AT)
    tall, short = map(float, re.findall(r'<rect [^>]*height="([\d.]+)"', svg))
    (line,) = map(float, re.findall(r'class="threshold"[^>]*y1="([\d.]+)"', svg))
    assert tall / short == pytest.approx(3, rel=0.02)
    assert 56 - tall < line < 56 - short
    assert ">0.75</text>" in svg


def test_document_names_are_text() -> None:
    evil = replace(EVIDENCE, name="<script>x</script>", text='" onload="x')
    answer = replace(TURN.answer, evidence=(evil,), candidates=(evil,))
    html = panel(replace(TURN, answer=answer), AT)
    assert "<script" not in html
    assert 'onload="' not in html


def test_pages_and_pictures_of_evidence() -> None:
    assert pages(EVIDENCE) == "page 2"
    box = Box(0, 0, 9, 9)
    assert pages(replace(EVIDENCE, regions=(Region(1, box), Region(2, box)))) == "pages 2–3"
    assert picture(EVIDENCE) == "/pictures/crops/d/1/1.0,2.0,3.0,4.0.webp?width=320"
    assert picture(replace(EVIDENCE, document=f"{PREFIX}ab")) == "/pictures/questions/ab.webp"


def test_used_places_under_the_threshold_are_explained() -> None:
    assert "under the line" in panel(replace(TURN, threshold=0.76), AT)
    assert "under the line" not in panel(replace(TURN, threshold=0.75), AT)


def test_of_quotes_only_what_they_cite_counts_as_used() -> None:
    other = replace(EVIDENCE, id="d/p3", score=0.6)
    answer = replace(TURN.answer, evidence=(other, EVIDENCE), candidates=(EVIDENCE, other), model="")
    html = panel(replace(TURN, answer=answer), AT)
    assert re.findall(r'class="card (used|looked)[^"]*" data-open="(\w+)" [^>]*data-number="(\d)"', html) == [
        ("used", "used", "1"),
        ("looked", "looked", "1"),
    ]
    assert "Looked at and dropped (1)" in html
