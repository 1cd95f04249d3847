"""What the viewer shows of a citation, of evidence, and of pages without either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from octavo.apps.chat.page_view import View, of_citation, of_evidence, view_data
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.turns import Turn
from octavo.ingest import Box
from tests.apps.chat.turns import ANSWER, TURN


def test_a_citation_is_meant_and_the_others_are_marked_too() -> None:
    view = of_citation(TURN, 0)
    assert view is not None
    assert (view.document, view.page, view.focus) == ("d", 1, 0)
    assert of_citation(TURN, 9) is None


def test_a_concept_of_the_users_own_has_no_page() -> None:
    first = replace(ANSWER.citations[0], document="concept-1", boxes=(), part="concept")
    note = replace(ANSWER.evidence[0], document="concept-1")
    turn = replace(TURN, answer=replace(ANSWER, citations=(first,), evidence=(note,)))
    assert of_citation(turn, 0) is None
    assert of_evidence(turn, 0, "used") is None


def test_citations_that_share_a_number_open_their_own_places() -> None:
    first = ANSWER.citations[0]
    second = replace(first, page=4, quote="13", boxes=(Box(5, 6, 7, 8),))
    turn = replace(TURN, answer=replace(ANSWER, citations=(first, second)))
    view = of_citation(turn, 1)
    assert view is not None
    assert (view.page, view.marks[view.focus or 0].quote) == (4, "13")
    without = replace(TURN, answer=replace(ANSWER, citations=(replace(first, boxes=()), second)))
    there = of_citation(without, 0)
    assert there is not None
    assert (there.page, there.focus) == (1, None)


def test_evidence_is_marked_beside_the_citations() -> None:
    view = of_evidence(TURN, 0, "used")
    assert view is not None
    assert [mark.kind for mark in view.marks] == ["cited", "evidence"]
    assert view.focus == 1
    assert of_evidence(TURN, 5, "used") is None


def test_boxes_are_those_of_the_page_that_is_shown(service: ChatService, ask: Callable[..., Turn]) -> None:
    turn = ask("What was capital expenditure in 2018?")
    view = of_citation(turn, 0)
    assert view is not None
    there = view_data(view, service.pipeline.library, service.pages(""))
    assert there is not None
    assert there["name"] == "report.pdf"
    assert [mark["meant"] for mark in there["marks"]].count(True) == 1
    boxes = [box for mark in there["marks"] for box in mark["boxes"]]
    assert all(0 <= x0 < x1 <= there["width"] for x0, _, x1, _ in boxes)
    other = view_data(View(view.document, 0, view.marks), service.pipeline.library, service.pages(""))
    assert other is not None
    assert other["marks"] == []
    assert view_data(None, service.pipeline.library, service.pages("")) is None
