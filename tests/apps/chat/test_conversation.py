"""A turn as HTML: what was asked, searched for, answered, and what the reader can do from there."""

from __future__ import annotations

import re
from dataclasses import replace

from octavo.apps.chat.conversation import chips, turn, welcome
from octavo.apps.chat.turns import AskedQuestion, Turn
from octavo.rag import PageRef, Step
from octavo.rag.evidence import Span
from tests.apps.chat.turns import ANSWER, AT, AT_DATA, EVIDENCE, REGION, TURN


def test_an_answer_has_its_citations_problems_and_the_way_to_its_evidence() -> None:
    html = turn(TURN, AT)
    assert f'<button type="button" class="cite" data-open="cite" {AT_DATA} data-number="0"' in html
    assert "Searched for: <q>How much? 12</q>" in html
    assert '<p class="problem">one</p>' in html
    assert "Stopped before its end" in html
    assert "1 of 2 places used" in html
    assert "You asked for an answer anyway" in html
    assert "a.pdf, page 2" in html


def test_a_reworded_search_is_shown_with_its_reason() -> None:
    plain = Turn(AskedQuestion("And then?"), "And then?", answer=ANSWER)
    assert "Searched for" not in turn(plain, AT)
    assert "(by rules)" in turn(replace(plain, note="by rules"), AT)


def test_steps_before_the_answer_are_a_list_that_opens() -> None:
    page = PageRef("d", "<b>.pdf", 2)
    steps = (
        Step("judge", "2017", (), 0.5),
        Step("search", "a<i>", (page,), 1.25),
        Step("open", "page 9", (), 0, "none"),
    )
    html = turn(replace(TURN, answer=replace(ANSWER, steps=steps)), AT)
    assert '<details class="steps"><summary>3 steps before the answer</summary>' in html
    assert "Searched again: <q>a&lt;i&gt;</q> → &lt;b&gt;.pdf, page 3 · 1.2 s" in html
    assert "Opened a page: <q>page 9</q> (failed: none)" in html
    assert "steps" not in turn(TURN, AT)


def test_a_sentence_that_its_evidence_does_not_support_has_a_note_behind_it() -> None:
    text = "It grew [1]. It shrank [1].\n\n| a | b |\n|---|---|\n| c | d |\n"
    at = text.index("It shrank")
    row = text.index("| c")
    spans = (
        Span(0, 12, True, 0.5),
        Span(at, at + 14, True, 0.25, "<b>"),
        Span(row, row + 9, True, 0.0),
        Span(row, row + 9, False, None),
    )
    html = turn(replace(TURN, answer=replace(ANSWER, model="m", text=text, spans=spans)), AT)
    note = ' <span class="unsupported" title="Support {}">not supported by its evidence</span>'
    assert html.count('class="unsupported"') == 2
    assert re.search(r"It shrank <button[^>]*>1</button>\." + re.escape(note.format("0.25: &lt;b&gt;")), html)
    assert f"<td>d{note.format('0.00')}</td>" in html


def test_a_running_answer_has_no_foot_and_can_be_stopped() -> None:
    waiting = Turn(AskedQuestion("What?"), "")
    assert 'class="turn going"' in turn(waiting, AT, running=True)
    assert "Looking" in turn(waiting, AT, running=True)
    assert "places used" not in turn(TURN, AT, running=True)
    assert "going" not in turn(TURN, AT)


def test_claims_that_share_a_number_have_the_places_that_say_them() -> None:
    first = ANSWER.citations[0]
    citations = (
        replace(first, quote="Year | 2014 | 2015\nCost | 4.9 | 6.2"),
        replace(first, page=2, quote="Year | 2014 | 2015"),  # the header that the next row continues
        replace(first, page=3, quote="Tax | 1.1 | 1.3"),
        replace(first, page=4, quote="The harbour has seven boats."),
        replace(first, number=2, page=5, quote="Boats"),
    )
    quoted = (
        "“Tax | 1.1 | 1.3”, under “Year | 2014 | 2015” [1]\n\n“The harbour has seven boats.” [1]\n\n"
        "“Cost | 4.9 | 6.2”, under “Year | 2014 | 2015” [1]\n\n“Boats” [2]"
    )
    html = turn(replace(TURN, answer=replace(ANSWER, text=quoted, citations=citations, model="")), AT)
    assert re.findall(r'data-open="cite" [^>]*data-number="(\d)"', html) == ["2", "3", "0", "4"]
    written = "- There are **seven boats** in the harbour [1][2]\n- Tax was 1.3 [1]."
    html = turn(replace(TURN, answer=replace(ANSWER, text=written, citations=citations)), AT)
    assert re.findall(r'data-open="cite" [^>]*data-number="(\d)"', html) == ["3", "4", "2"]


def test_a_citation_of_an_answer_that_is_being_written_opens_its_evidence() -> None:
    begun = replace(TURN, answer=replace(ANSWER, citations=()))
    assert re.findall(r'data-open="used" [^>]*data-number="(\d)"', turn(begun, AT, running=True)) == ["0"]


def test_stopped_and_failed_questions_can_be_asked_again() -> None:
    for over in (Turn(AskedQuestion("What?"), ""), Turn(AskedQuestion("What?"), "", error="No.")):
        assert f'data-open="retry" {AT_DATA}' in turn(over, AT)
    assert "broken off" in turn(replace(TURN, answer=replace(ANSWER, text="")), AT)
    assert "broken off" not in turn(TURN, AT)


def test_abstaining_shows_each_near_page_once_and_offers_an_answer() -> None:
    looked = (EVIDENCE, replace(EVIDENCE, id="d/p1", score=0.1), replace(EVIDENCE, id="d/p2", page=2))
    abstained = replace(TURN, answer=replace(ANSWER, abstained=True, candidates=looked))
    html = turn(abstained, AT)
    assert html.count('data-open="looked"') == 2
    assert 'data-number="0"' in html
    assert 'data-number="2"' in html
    assert 'data-open="anyway"' in html


def test_an_error_is_one_sentence_of_text() -> None:
    html = turn(Turn(AskedQuestion("<i>x</i>"), "", error="No <b>way</b>."), AT)
    assert 'role="alert">No &lt;b&gt;way&lt;/b&gt;.' in html
    assert "<i>x</i>" not in html


def test_chips_say_what_the_next_question_is_about() -> None:
    html = chips((REGION,), ("d",), {"d": "a.pdf"})
    assert "About this part of a.pdf, page 2" in html
    assert "Only in a.pdf" in html
    assert "Only in 2 documents" in chips((), ("d", "e"), {"d": "a", "e": "b"})
    assert "No document is ticked" in chips((), (), {"d": "a"})
    assert chips((), None, {}) == ""


def test_without_a_model_an_empty_conversation_says_how_to_connect_one() -> None:
    assert "answers are quotes" in welcome(AT.conversation, has_model=False)
    assert "quotes" not in welcome(AT.conversation, has_model=True)


def test_an_answer_that_came_before_all_files_were_read_says_so() -> None:
    early = replace(TURN, unread=3)
    assert "3 files were still being read" in turn(early, AT)
    assert "still being read" not in turn(TURN, AT)
    nothing = replace(early, answer=replace(ANSWER, text="3 files are …", abstained=True, candidates=()))
    html = turn(nothing, AT)
    assert 'data-open="retry"' in html
    assert "were still" not in html
