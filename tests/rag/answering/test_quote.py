"""Answers without a model: what is quoted, word for word, from which lines."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from octavo.ingest import Kind
from octavo.ingest.sentences import split_sentences
from octavo.rag import Level
from octavo.rag.answering import QuoteAnswerer
from octavo.rag.answering.passages import passages
from octavo.rag.answering.quote import MAX_QUOTES, NOTICE
from tests.rag.model_server import MemoryPages, finished

REPORT = MemoryPages(
    [
        (Kind.PAGE_HEADER, ["Capital expenditure report 2018"]),
        (Kind.SECTION_HEADER, ["Capital expenditure"]),
        (
            Kind.TEXT,
            [
                "The observatory employed 312 people in 2019, as",
                "the board had planned [12]. It opened a second",
                "dome in 2017. Dr. Vega leads the night shift. This is a long-",
                "term plan, with a fore-",
                "cast for each year, and long-term loans.",
            ],
        ),
        (
            Kind.TABLE,
            [
                "Years ended December 31",
                "(millions) | 2018 | 2017",
                "Investing activities",
                "Capital expenditure | 1,577 | 1,373",
                "Acquisitions | 13 | 2,023",
                "December 31, 2016 | Restated",
                "Capital expenditure | 1,420",
            ],
        ),
        (Kind.LIST, ["• Mirrors are polished by the optics", "workshop in spring", "• Lenses are bought from Jena"]),
        (Kind.TEXT, ["Visitors may enter the dome on"]),
    ],
    [(Kind.TEXT, ["every second Sunday, except in winter. Bring a coat."]), (Kind.FIGURE, [])],
)
ANSWERER = QuoteAnswerer(REPORT)


def test_the_best_sentence_is_quoted_with_the_boxes_of_its_lines() -> None:
    shown, answer = finished(ANSWERER.stream("How many people did the observatory employ?", [REPORT.on_page(0)]))
    assert shown == answer.text
    first, *_, last = answer.text.split("\n\n")
    assert first == "“The observatory employed 312 people in 2019, as the board had planned.” [1]"
    assert last == NOTICE
    assert answer.model == ""
    assert not answer.abstained
    citation = answer.citations[0]
    lines = REPORT.lines(0)
    assert [lines[box] for box in citation.boxes] == [
        "The observatory employed 312 people in 2019, as",
        "the board had planned [12]. It opened a second",
    ]
    assert citation.quote.endswith("the board had planned [12].")


def test_a_row_is_quoted_with_the_row_that_names_its_columns() -> None:
    _, answer = finished(ANSWERER.stream("What was capital expenditure in 2018?", [REPORT.on_page(0)]))
    cell, row, *_ = answer.text.split("\n\n")
    assert cell == "Capital expenditure, 2018: 1,577 million [1]"
    assert row == "“Capital expenditure | 2018: 1,577 | 2017: 1,373” [1]"
    assert answer.citations[0].quote == "(millions) | 2018 | 2017\nCapital expenditure | 1,577 | 1,373"
    assert len(answer.citations[0].boxes) == 2


def test_a_row_below_a_second_header_goes_with_that_one() -> None:
    _, answer = finished(ANSWERER.stream("What was capital expenditure in 2016?", [REPORT.on_page(0)]))
    assert "“Capital expenditure | Restated: 1,420” [1]" in answer.text


def test_a_sentence_that_goes_on_over_the_page_is_one_quote_with_places_on_both() -> None:
    chunk = REPORT.chunk((0, 5), (1, 0))
    _, answer = finished(ANSWERER.stream("On which days may visitors enter the dome?", [chunk]))
    assert answer.text.startswith(
        "“Visitors may enter the dome on every second Sunday, except in winter. Bring a coat.” [1]"
    )
    assert [(c.page, c.quote) for c in answer.citations[:2]] == [
        (0, "Visitors may enter the dome on"),
        (1, "every second Sunday, except in winter.\nBring a coat."),
    ]


def test_words_parted_at_the_end_of_a_line_are_whole_and_compounds_keep_their_hyphen() -> None:
    said = [p.text for p in passages(REPORT.on_page(0), REPORT)]
    assert "This is a long-term plan, with a forecast for each year, and long-term loans." in said
    assert "• Mirrors are polished by the optics workshop in spring" in said
    assert "• Lenses are bought from Jena" in said
    assert not any("Capital expenditure report" in text for text in said)


def test_the_same_words_are_quoted_once_and_numbers_name_the_evidence() -> None:
    row = REPORT.of_element(0, 3)
    staff = REPORT.of_element(0, 2, score=0.5)
    _, answer = finished(ANSWERER.stream("Who leads the night shift?", [row, replace(row, id="twin"), staff]))
    assert answer.text.startswith("“Dr. Vega leads the night shift.” [3]")
    assert answer.citations[0].evidence == "d/p0/e2"
    quotes = answer.text.split("\n\n")[:-1]
    assert len(set(quotes)) == len(quotes) <= MAX_QUOTES


def test_speaker_notes_are_quoted_from_their_page() -> None:
    slides = MemoryPages([(Kind.TITLE, ["Outlook"])], notes="Say thanks first.\nThe launch moves to October.")
    _, answer = finished(QuoteAnswerer(slides).stream("When is the launch?", [slides.on_page(0)]))
    assert "“The launch moves to October.” [1]" in answer.text
    assert (answer.citations[0].boxes, answer.citations[0].part) == ((), "speaker notes")


def test_notes_that_a_chunk_holds_in_part_are_quoted_from_that_part() -> None:
    slides = MemoryPages([(Kind.TITLE, ["Outlook"])], notes="Say thanks first. The launch moves to October.")
    part = replace(slides.on_page(0), level=Level.CHUNK, text="Speaker notes: The launch moves to October.")
    _, answer = finished(QuoteAnswerer(slides).stream("When is the launch? Say thanks.", [part]))
    assert "“The launch moves to October.” [1]" in answer.text
    assert "thanks" not in answer.text


def test_evidence_without_words_is_pointed_to() -> None:
    figure = REPORT.of_element(1, 1)
    shown, answer = finished(ANSWERER.stream("What does the picture show?", [figure]))
    assert shown == answer.text == f"The nearest place holds no words to quote: see report.pdf, page 2 [1].\n\n{NOTICE}"
    assert answer.citations[0].boxes == (figure.regions[0].box,)


def test_labels_of_a_figure_are_told_apart_and_keep_their_numbers() -> None:
    lines = ["Offices", "20", "Countries", "12", "Night staff of", "both domes", "57", "Engagement:", "shares, likes,"]
    pages = MemoryPages([(Kind.FIGURE, [*lines, "comments"])])
    shown, _ = finished(QuoteAnswerer(pages).stream("In how many countries?", [pages.on_page(0)]))
    first = "“Offices 20 · Countries 12 · Night staff of both domes 57 · Engagement: shares, likes, comments” [1]"
    assert shown.split("\n\n")[0] == first


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many more barges than ferries are there?", "12 = 24 - 12."),
        ("How many times as many barges as ferries are there?", "2.00 = 24 ÷ 12."),
        ("How many barges, ferries and tugs are there in total?", "41 = 24 + 12 + 5."),
        ("Between barges and tugs, how large is the difference?", "19 = 24 - 5."),
    ],
)
def test_labels_of_a_figure_are_computed_with(question: str, said: str) -> None:
    pages = MemoryPages([(Kind.FIGURE, ["Vessels", "Barges", "24", "Ferries", "12", "Tugs", "5"])])
    shown, _ = finished(QuoteAnswerer(pages).stream(question, [pages.on_page(0)]))
    assert shown.startswith(said)


def test_where_a_number_is_asked_for_one_goes_before_a_heading_that_repeats_the_question() -> None:
    pages = MemoryPages(
        [
            (Kind.TEXT, ["Travel Costs Reimbursement Program of the Observatory"]),
            (Kind.TEXT, ["With this program, costs of up to $1000 are paid back to people who travel by rail."]),
        ]
    )
    shown, _ = finished(QuoteAnswerer(pages).stream("How much does the program reimburse?", [pages.on_page(0)]))
    assert "$1000" in shown.split("\n\n")[0]


def test_a_sentence_that_announces_a_list_is_quoted_with_its_items_once() -> None:
    pages = MemoryPages(
        [
            (Kind.TEXT, ["The plan covers the following activities:"]),
            (Kind.LIST, ["• rowing", "• skiing lessons", "• yoga"]),
            (Kind.TEXT, ["It ends in May."]),
        ]
    )
    shown, answer = finished(QuoteAnswerer(pages).stream("Which activities does it cover?", [pages.on_page(0)]))
    assert shown.split("\n\n")[:-1] == [
        "“The plan covers the following activities: • rowing • skiing lessons • yoga” [1]"
    ]
    assert len(answer.citations[0].boxes) == 4


def test_a_bullet_on_a_line_of_its_own_belongs_to_the_item_after_it() -> None:
    pages = MemoryPages(
        [
            (Kind.TEXT, ["The plan covers the following activities:"]),
            (Kind.LIST, ["•", "Rowing", "•", "Skiing lessons for beginners", "•", "Yoga"]),
        ]
    )
    shown, _ = finished(QuoteAnswerer(pages).stream("Which activities does it cover?", [pages.on_page(0)]))
    assert "activities: • Rowing • Skiing lessons for beginners • Yoga” [1]" in shown


def test_an_explanation_has_the_sentences_around_it_and_a_fact_none() -> None:
    pages = MemoryPages(
        [
            (Kind.SECTION_HEADER, ["Moorings"]),
            (Kind.TEXT, ["The harbour was dredged first. Then 14 moorings were laid by divers. Each has two chains."]),
            (Kind.SECTION_HEADER, ["Fees"]),
            (Kind.TEXT, ["Fees are due in March."]),
        ]
    )
    answerer = QuoteAnswerer(pages)
    shown, _ = finished(answerer.stream("Describe the moorings that divers laid", [pages.on_page(0)]))
    assert shown.split("\n\n")[0] == (
        "“The harbour was dredged first. Then 14 moorings were laid by divers. Each has two chains.” [1]"
    )
    shown, _ = finished(answerer.stream("How many moorings were laid by divers?", [pages.on_page(0)]))
    assert shown.split("\n\n")[0] == "“Then 14 moorings were laid by divers.” [1]"


def test_text_repeated_on_every_page_is_not_quoted() -> None:
    footer = "Alder Boats report on moorings | page"
    pages = MemoryPages(
        *(
            [(Kind.TEXT, [f"Chapter {n} is about {topic}. It is short."]), (Kind.TEXT, [f"{footer} {n}"])]
            for n, topic in enumerate(("divers", "chains", "fees of moorings", "boats"), 1)
        )
    )
    evidence = [pages.on_page(n) for n in range(4)]
    shown, _ = finished(QuoteAnswerer(pages).stream("What does Alder Boats report on moorings?", evidence))
    assert "Chapter 3 is about fees of moorings." in shown.split("\n\n")[0]
    assert footer not in shown


def test_a_question_that_shares_no_word_gets_one_quote() -> None:
    _, answer = finished(ANSWERER.stream("Zzz?", [REPORT.of_element(0, 2)]))
    assert answer.text.count("[1]") == 1


WORDS = st.sampled_from(
    ["the", "dome", "2017", "grew", "5%", "Fig.", "U.S.", "end.", "Revenue!", "[3]", "a)", "•", "|", "long-"]
)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Kind)), st.lists(st.lists(WORDS, min_size=1, max_size=9), max_size=5)),
        max_size=5,
    ),
    st.lists(WORDS, max_size=6),
)
def test_every_quote_stands_in_the_lines_of_its_boxes(
    elements: list[tuple[Kind, list[list[str]]]], asked: list[str]
) -> None:
    pages = MemoryPages([(kind, [" ".join(line) for line in lines]) for kind, lines in elements])
    shown, answer = finished(QuoteAnswerer(pages).stream(" ".join(asked), [pages.on_page(0)]))
    assert shown == answer.text
    assert set(re.findall(r"\[(\d+)\]", shown)) <= {"1"}
    lines = pages.lines(0)
    for citation in answer.citations:
        assert citation.boxes
        for piece in citation.quote.splitlines():
            assert any(piece in lines[box] for box in citation.boxes)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("Acme Inc. and Smith et al. paid $3.5 million to J. Doe in No. 7.", 1),
        ("1. Introduction to domes", 1),
        ("He said “stop.” She did.", 2),
        ("売上は伸びた。費用は減った。", 2),
        ("", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(split_sentences(text)) == count


@given(st.text(max_size=100))
def test_splitting_loses_nothing(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_long_text_is_parted_in_time_that_grows_with_its_length() -> None:
    lines = [f"Line {n} speaks of a long-" if n % 2 else "term plan and of other things" for n in range(20_000)]
    pages = MemoryPages([(Kind.TEXT, lines)])
    found = passages(pages.of_element(0, 0), pages)
    assert sum(len(passage.places) for passage in found) == len(lines)
    assert found[0].text.startswith("term plan and of other things Line 1 speaks of a long-term plan")
    assert split_sentences("." * 50_000) == ["." * 50_000]
    assert split_sentences("See Fig. 1. " * 20_000)[-2:] == ["See Fig. 1.", "See Fig. 1."]
