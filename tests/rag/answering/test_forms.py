"""Forms: labels and values in tables without names of columns, and tables of all against all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over


def table(*rows: str) -> str:
    lines = ("".join(f"<td>{cell.strip()}</td>" for cell in row.split("|")) for row in rows)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def inspection(number: str, day: str, year: str, inspector: str, fee: int, drift: float) -> str:
    form = table(
        "Owner | Fernhill Bakery",
        "Premises | Oven House, Mill Lane, Fernhill",
        "Oven | Deck oven, make Arlo DX-40",
        "Serial number | D40-7716",
        "Place of the inspection | bakehouse 3",
        f"Date of the inspection | {day} {year}",
        "Flue temperature | 184.0 °C",
        f"Inspected by | {inspector}",
        "Next inspection due | April 2026",
    )
    results = table(
        "Set point (°C) | Reading (°C) | Drift (K) | Verdict",
        "120 | 120.1 | 0.1 | pass",
        f"250 | {250 + drift} | {drift} | pass",
    )
    return (
        f"<h1>Oven inspection sheet {number}</h1>{form}<h2>Results</h2>{results}"
        f"<h2>Remarks</h2><p>The door did not close at 250 °C. The fee of £{fee} is billed apart.</p>"
    )


VENUE = f"""<h1>Boathouse booking</h1>{table("Booking no. | 88-K", "Date | 2 March 2025", "Taken by | Ute Lorenz")}
<h2>Party</h2>
{table("Hirer | Choir Lindenau", "Occasion | Jubilee concert", "Occasion date | Friday 6 June 2025", "Seats | 140")}
"""
HEADER = "Board | Name | Club | 1 | 2 | 3 | Points"
NORTH = (
    "1 | Ada Fenn | Norsand | – | W | W | 2",
    "2 | Per Lund | Tidewell | L | – | W | 1",
    "3 | Ute Roth | Aby | L | L | – | 0",
)
SOUTH = (
    "1 | Eva Holm | Tidewell | – | W | W | 2",
    "2 | Jon Pike | Aby | L | – | W | 1",
    "3 | Ina Falk | Tidewell | L | L | – | 0",
)
ROUND = f"""<h1>Chess evening</h1><p>Six players in two groups.</p>
<h2>Group North</h2>{table(HEADER, *NORTH)}
<h2>Group South</h2>{table(HEADER, *SOUTH)}
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {
        "sheet-311.html": inspection("OI-311", "3 May", "2023", "R. Amsel", 92, 1.4),
        "sheet-407.html": inspection("OI-407", "6 May", "2024", "T. Kerr", 99, 0.8),
        "venue.html": VENUE,
        "chess.html": ROUND,
    }
    with pipeline_over(tmp_path_factory.mktemp("forms"), texts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("When is the jubilee concert of the choir?", "Occasion date: Friday 6 June 2025"),
        ("Who inspected the bakery's oven in 2023?", "Inspected by: R. Amsel"),
        ("Who inspected the bakery's oven in 2024?", "Inspected by: T. Kerr"),
        ("Who took the booking of the boathouse?", "Taken by: Ute Lorenz"),
        ("Who took the booking of the jubilee concert?", "Taken by: Ute Lorenz"),
        ("Who inspected the oven house?", "Inspected by: "),
    ],
)
def test_the_field_of_the_kind_that_is_asked_for_answers(pipeline: Pipeline, question: str, first: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained
    assert answer.text.startswith(first), answer.text


def test_a_person_of_another_verb_is_no_answer(pipeline: Pipeline) -> None:
    assert not pipeline.ask("Who paid for the inspection of the bakery's oven in 2024?").text.startswith("Inspected by")


def test_a_sentence_of_the_form_of_a_year_is_about_that_year(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Did the oven's door close at 250 °C in May 2023?")
    assert "did not close" in answer.text


def test_columns_that_are_counted_have_names(pipeline: Pipeline) -> None:
    answer = pipeline.ask("How many points did Eva Holm get?")
    assert "Points: 2" in answer.text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How many players came from Tidewell?", "3: Per Lund; Eva Holm; Ina Falk."),
        ("How many players of Tidewell were in group South?", "2: Eva Holm; Ina Falk."),
    ],
)
def test_tables_of_groups_are_counted_as_one(pipeline: Pipeline, question: str, first: str) -> None:
    assert pipeline.ask(question).text.startswith(first)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Was the drift at 250 °C larger in 2023 or in 2024?", "2023: 250, Drift (K): 1.4; 2024: 250, Drift (K): 0.8"),
        ("Was the drift at 250 °C larger in 2024 than in 2023?", "No"),
        ("How much larger was the drift at 250 °C in 2023 than in 2024?", "0.6 = 1.4 - 0.8"),
        ("By how much did the fee rise from sheet OI-311 to OI-407?", "£7 = 99 - 92"),
        ("By how much did the inspection fee rise from 2023 to 2024?", "£7 = 99 - 92"),
    ],
)
def test_forms_of_two_days_or_numbers_are_compared(pipeline: Pipeline, question: str, first: str) -> None:
    answer = pipeline.ask(question)
    assert answer.text.startswith(first), answer.text
