"""Wholes: a thing at a price per unit, and a list of which something is taken off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

OFFCUTS = """no,timber,length_m,width_cm,price_per_m_eur,rack
T1,Larch board,2.5,14,8.40,A
T2,Oak plank,3.2,20,22.50,B
T3,Ash rail,1.8,6,5.10,B
"""
SOLAR = """# Our solar roof

## What it cost

| Item | Price |
|---|---|
| Twelve panels | £3,600 |
| Inverter | £1,150 |
| Scaffolding | £650 |
| Grant | –£1,400 |
| We paid | £4,000 |
"""
CHOIR = """# Accounts of the Alder Choir for 2023

| Heading | Income | Spending |
|---|---|---|
| Subscriptions | 2,400 | |
| Concert | 1,310 | 870 |
| Hall | | 1,950 |
| Total | 3,710 | 2,820 |
"""
MINUTES = """<html><body><h1>Minutes of the swimming bath committee</h1>
<table><tr><td>Chair</td><td>Nell Orme</td></tr><tr><td>Present</td><td>Nell Orme, Abe Lund</td></tr>
<tr><td>Apologies</td><td>Ines Falk, Ted Rowe</td></tr></table>
<p>Tickets brought in £4,310 over the quarter, down from £4,900 in the quarter before.</p>
<table><tr><th>No.</th><th>Action</th><th>Owner</th></tr>
<tr><td>1</td><td>Book the plumber for the meeting in October</td><td>Abe</td></tr></table></body></html>
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {"timber-offcuts.csv": OFFCUTS, "solar-roof.md": SOLAR, "choir.md": CHOIR, "bath.html": MINUTES}
    with pipeline_over(tmp_path_factory.mktemp("wholes"), texts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What would the whole oak plank cost?", "72.00 = 3.2 × 22.50"),
        ("What is the ash rail worth?", "9.18 = 1.8 × 5.10"),
        ("What would all the larch board cost?", "21.00 = 2.5 × 8.40"),
        ("What surplus did the choir have in 2023?", "890 = 3,710 - 2,820"),
        ("What is the difference between the ticket takings of the last two quarters?", "£590 = 4,900 - 4,310"),
        ("How much was paid for the solar roof after the grant?", "We paid, Price: £4,000"),
    ],
)
def test_a_whole_is_what_its_measure_or_its_list_comes_to(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert answer.plan == "compute"
    assert answer.text.startswith(said)


def test_the_price_of_one_unit_is_quoted_as_it_stands(pipeline: Pipeline) -> None:
    assert pipeline.ask("What is the price per metre of the oak plank?").text.startswith("T2, price_per_m_eur: 22.50")


def test_who_did_not_come_stands_in_the_field_of_apologies(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Who could not come to the swimming bath meeting in October?")
    assert answer.text.startswith("Apologies: Ines Falk, Ted Rowe")
