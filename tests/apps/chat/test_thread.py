"""A turn as HTML: what was asked, searched for, answered, and what the reader can do from there."""

from __future__ import annotations

from dataclasses import replace

from octavo.apps.chat.conversation import chips, turn, welcome
from octavo.apps.chat.turns import AskedQuestion, Turn
from tests.apps.chat.turns import ANSWER, EVIDENCE, SPOT, TURN


def test_an_answer_has_its_citations_problems_and_the_way_to_its_evidence() -> None:
    html = turn(TURN, 2)
    assert '<button type="button" class="cite" data-open="cite" data-turn="2" data-number="1"' in html
    assert "Searched for: <q>How much? 12</q>" in html
    assert '<p class="problem">one</p>' in html
    assert "Stopped by you" in html
    assert "1 of 2 places used" in html
    assert "You asked for an answer anyway" in html
    assert "a.pdf, page 2" in html


def test_how_a_search_came_about_is_said_where_it_matters() -> None:
    plain = Turn(AskedQuestion("And then?"), "And then?", answer=ANSWER)
    assert "Searched for" not in turn(plain, 0)
    assert "(by rules)" in turn(replace(plain, note="by rules"), 0)


def test_a_running_answer_has_no_foot_and_can_be_stopped() -> None:
    waiting = Turn(AskedQuestion("What?"), "")
    assert 'class="turn going"' in turn(waiting, 0, running=True)
    assert "Looking" in turn(waiting, 0, running=True)
    assert "places used" not in turn(TURN, 0, running=True)
    assert "going" not in turn(TURN, 0)


def test_abstaining_shows_each_near_page_once_and_offers_an_answer() -> None:
    looked = (EVIDENCE, replace(EVIDENCE, id="d/p1", score=0.1), replace(EVIDENCE, id="d/p2", page=2))
    abstained = replace(TURN, answer=replace(ANSWER, abstained=True, looked_at=looked))
    html = turn(abstained, 0)
    assert html.count('data-open="looked"') == 2
    assert 'data-number="0"' in html
    assert 'data-number="2"' in html
    assert 'data-open="anyway"' in html


def test_an_error_is_one_sentence_of_text() -> None:
    html = turn(Turn(AskedQuestion("<i>x</i>"), "", error="No <b>way</b>."), 0)
    assert 'role="alert">No &lt;b&gt;way&lt;/b&gt;.' in html
    assert "<i>x</i>" not in html


def test_chips_say_what_the_next_question_is_about() -> None:
    html = chips(SPOT, ("d",), {"d": "a.pdf"})
    assert "About this part of a.pdf, page 2" in html
    assert "Only in a.pdf" in html
    assert "Only in 2 documents" in chips(None, ("d", "e"), {"d": "a", "e": "b"})
    assert "No document is ticked" in chips(None, (), {"d": "a"})
    assert chips(None, None, {}) == ""


def test_without_a_model_an_empty_conversation_says_how_to_connect_one() -> None:
    assert "answers are quotes" in welcome(has_model=False)
    assert "quotes" not in welcome(has_model=True)
