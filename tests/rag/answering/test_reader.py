"""The reader as it is shipped: where a passage answers, and whether it does."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings, strategies as st

from octavo.ingest import Box, Kind
from octavo.rag.answering.passage_lines import Place
from octavo.rag.answering.passages import Passage
from octavo.rag.answering.reader import Reader, blocks, row_text

READER = Reader()
HEADER = ["", "2019", "2018"]
SEGMENTS = [["Revenue", "4,120", "3,871"], ["Research and development", "312", "287"], ["Headcount", "918", "902"]]
PASSAGES = [
    "Karin Holt has led Northwind since 2019. Before that she ran the plant in Bergen for nine years.",
    "The harbour was closed for eleven days in January because of snow.",
    "The measuring tip has a diameter of 1.9 mm and is made of tungsten.",
    "Visitors may enter the garden every second Sunday. Dogs stay outside.",
    "Results by segment, in millions\n" + "\n".join(row_text(HEADER, row) for row in SEGMENTS),
]


@pytest.mark.parametrize(
    ("question", "where", "answer"),
    [
        ("Who leads Northwind?", 0, "Karin Holt"),
        ("How long was the harbour closed?", 1, "eleven days"),
        ("What is the diameter of the tip?", 2, "1.9 mm"),
        ("When may visitors enter the garden?", 3, "every second Sunday"),
    ],
)
def test_a_fact_is_found_in_its_passage(question: str, where: int, answer: str) -> None:
    spans = READER.read(question, PASSAGES)
    assert max(range(len(spans)), key=lambda n: spans[n].score) == where
    assert spans[where].text == answer
    assert spans[where].score > 0


@pytest.mark.parametrize("question", ["What was the headcount in 2018?", "How much was the revenue in 2019?"])
def test_a_row_of_a_table_is_found(question: str) -> None:
    spans = READER.read(question, PASSAGES)
    assert max(range(len(spans)), key=lambda n: spans[n].score) == 4
    assert spans[4].score > 0


@pytest.mark.parametrize("question", ["What is the capital of France?", "Who wrote Don Quixote?"])
def test_a_question_without_a_matching_passage_has_no_answer(question: str) -> None:
    assert max(span.score for span in READER.read(question, PASSAGES)) < 0


def test_a_year_that_a_table_lacks_scores_lower_than_one_that_it_holds() -> None:
    held, lacking = (READER.read(f"What was the revenue in {year}?", PASSAGES[4:])[0] for year in (2019, 2011))
    assert held.score > 0 > lacking.score


def test_a_long_passage_is_read_to_its_end() -> None:
    filler = "The committee met in the usual room and approved the minutes of the meeting before. " * 40
    (span,) = READER.read("Who leads Northwind?", [filler + PASSAGES[0]])
    assert span.text == "Karin Holt"
    assert span.start > len(filler) - 1


def test_a_span_stays_within_its_cell() -> None:
    for question in ("What was the revenue?", "What were research and development and headcount?"):
        (span,) = READER.read(question, PASSAGES[4:])
        assert "\n" not in span.text
        assert "; " not in span.text


def test_passages_without_words_have_no_answer() -> None:
    spans = READER.read("Who leads Northwind?", ["", " \n", PASSAGES[0]])
    assert [span.score for span in spans[:2]] == [-math.inf, -math.inf]
    assert spans[2].text == "Karin Holt"
    assert READER.read("Who leads Northwind?", []) == []


def test_scores_do_not_depend_on_the_other_passages() -> None:
    together = READER.read("Who leads Northwind?", PASSAGES)
    alone = [READER.read("Who leads Northwind?", [passage])[0] for passage in PASSAGES]
    assert together == alone


@given(st.text(max_size=80), st.text(max_size=200))
@settings(max_examples=25)
def test_any_text_gives_a_range_of_the_passage(question: str, passage: str) -> None:
    (span,) = READER.read(question, [passage])
    assert 0 <= span.start <= span.end <= len(passage)
    assert span.text == passage[span.start : span.end]


def test_a_very_long_question_is_read_by_its_beginning() -> None:
    (span,) = READER.read("Who leads Northwind? " + "please " * 400, PASSAGES[:1])
    assert span.text == "Karin Holt"


def passage(text: str, kind: Kind = Kind.TEXT, header: str = "", context: str = "") -> Passage:
    box = Box(0, 0, 10, 10)
    return Passage(text, kind, (Place(0, box, text),), Place(0, box, header) if header else None, context)


def test_sentences_are_read_together_and_found_again() -> None:
    found = [passage("One is red."), passage("Two is blue."), passage("Three is green.")]
    (block,) = blocks(found)
    assert block.text == "One is red. Two is blue. Three is green."
    where = block.text.index("blue")
    assert block.at(where, where + 4) == (found[1],)
    assert block.at(0, len(block.text)) == tuple(found)
    assert [b.text for b in blocks(found, letters=25)] == ["One is red. Two is blue.", "Three is green."]


def test_rows_are_written_with_their_headers_under_the_table_s_caption() -> None:
    above = "Results by segment\n(millions) | 2019 | 2018\nSegments"
    rows = [
        passage("Pumps | 4,120 | 3,871", Kind.TABLE, "(millions) | 2019 | 2018", above),
        passage("Valves | 312 | 287", Kind.TABLE, "(millions) | 2019 | 2018", above),
    ]
    prose, table = blocks([passage("The table follows."), *rows])
    assert prose.text == "The table follows."
    assert table.text == (
        "Results by segment\n"
        "Segments, (millions): Pumps; 2019: 4,120; 2018: 3,871\n"
        "Segments, (millions): Valves; 2019: 312; 2018: 287"
    )
    where = table.text.index("312")
    assert table.at(where, where + 3) == (rows[1],)
    assert table.at(0, 7) == ()
