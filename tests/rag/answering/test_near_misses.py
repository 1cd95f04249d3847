"""Near misses: what is asked for resembles what stands there, and no plan answers around it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

PUMPS = """# Bilge pumps of the ZR series

| Property | ZR-20 | ZR-45 |
|---|---|---|
| Maximum flow (l/min) | 20 | 45 |
| Weight (kg) | 1.2 | 2.6 |

| Boat | Low season | High season |
|---|---|---|
| Tern 4 | £120 | £150 |
| Tern 6 | £160 | £190 |

The mooring agreement costs £640 a year.
"""
SCHOOL = """# Drama club of Fernley School

| Fee | 2023/24 | 2024/25 |
|---|---|---|
| Adults | £84 | £90 |
| Children | £40 | £42 |

The spring play is on 26 March 2025, and 25 parents help backstage.
"""
DOGS = """# Hundesteuer der Gemeinde Oberrotbach

Die Steuer für den ersten Hund beträgt 66 Euro im Jahr, für jeden weiteren Hund 120 Euro.
Am Samstag ist das Steueramt geschlossen.
"""
CLINIC = """# Boarding kennels: conditions

If the owner cannot be reached, the kennels may agree to treatment by the vet up to £400.

| Day | Reception | Grooming |
|---|---|---|
| Friday | 8:00 to 17:00 | 9:00 to 12:00 |
| Sunday | 9:00 to 11:00 | closed |
"""
TRIP = """# Field week at Marley Beck

Dear parents, we are pleased to offer a week at the Marley Beck hostel from 8 June 2026. If more pupils apply, we draw
lots on 9 February 2026.

## Health form

Every pupil needs a signed health form by 3 April 2026.

## Tablets

Tablets stay at school, because there are no sockets in the dormitories.
"""
BOATS = """# Boat house

A day costs £12. Guests over 75 pay half. Members of the club pay nothing.

| Night | Low season (Nov–Mar) | High season (Jun–Aug) |
|---|---|---|
| Boat house | £22 | £31 |
"""
OVEN = """# Ovenette: manual

Thank you for choosing the Ovenette. Slide the drawer in until it clicks, and pull the Ovenette drawer out to clean it.

Never put these into the drawer: plastic boxes, candles, spray cans.

Within reach: the motor, the door and the lamp. Out of reach: scratches, bent trays and worn seals.
"""


@pytest.fixture(scope="module")
def trips(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {"field-week.md": TRIP, "boats.md": BOATS, "kennels.md": CLINIC, "ovenette.md": OVEN}
    with pipeline_over(tmp_path_factory.mktemp("trips"), texts) as opened:
        yield opened


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {"pumps.md": PUMPS, "drama-club.md": SCHOOL, "hundesteuer.md": DOGS, "kennels.md": CLINIC}
    with pipeline_over(tmp_path_factory.mktemp("near"), texts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("What is the maximum flow of the ZR-60?", "ZR-60"),
        ("What does the Tern 8 cost for 8 days in the high season?", "Tern 8"),
        ("What is the fee of the drama club for adults in 2025/26?", "2025/26"),
        ("What does the security guard agreement cost a year?", "security guard"),
        ("Was kostet der erste Hund in der Gemeinde Unterrotbach?", "unterrotbach"),
    ],
)
def test_what_stands_nowhere_is_not_answered_around(pipeline: Pipeline, question: str, missing: str) -> None:
    answer = pipeline.ask(question)
    assert answer.abstained
    assert f"“{missing}”" in answer.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is the maximum flow of the ZR-45?", "45"),
        ("What is the fee of the drama club for adults in 2024/25?", "£90"),
        ("What is the fee of the drama club for adults in 2024/2025?", "£90"),
        ("Was kostet der erste Hund in der Gemeinde Oberrotbach?", "66 Euro"),
    ],
)
def test_what_stands_there_is_answered(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained
    assert said in answer.text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("If nobody reaches me, may the kennels agree to a £350 treatment?", "Yes"),
        ("If nobody reaches me, may the kennels agree to a £450 treatment?", "No"),
        ("Is grooming possible on Sunday?", "No"),
        ("Hat das Steueramt am Samstag geöffnet?", "Nein"),
    ],
)
def test_the_clause_or_cell_that_is_asked_for_bears_the_verdict(pipeline: Pipeline, question: str, begins: str) -> None:
    answer = pipeline.ask(question)
    assert answer.text.startswith(begins), answer.text


def test_a_price_is_that_of_the_thing_that_is_asked_for(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What does the Bilge workshop charge to fit a float switch?")
    assert answer.abstained


def test_a_number_that_is_asked_for_has_the_form_of_one(pipeline: Pipeline) -> None:
    assert pipeline.ask("What is the mobile number of the kennels' reception?").abstained


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("When is the health form for the Marley Beck trip due?", "3 April 2026"),
        ("Why can't the pupils take their tablets to Marley Beck?", "no sockets"),
        ("I'm 81. What do I pay for a day at the boat house?", "Guests over 75 pay half"),
    ],
)
def test_what_the_named_document_says_on_other_pages_is_quoted(trips: Pipeline, question: str, said: str) -> None:
    answer = trips.ask(question)
    assert not answer.abstained
    assert said in answer.text


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What should not go into the Ovenette drawer?", "plastic boxes"),
        ("What is out of reach of the Ovenette warranty?", "scratches"),
    ],
)
def test_the_list_with_the_same_negation_or_the_same_words_comes_first(
    trips: Pipeline, question: str, first: str
) -> None:
    assert first in trips.ask(question).text.split("\n\n")[0]


def test_a_month_between_two_short_names_is_named(trips: Pipeline) -> None:
    answer = trips.ask("What does a night at the boat house cost in July?")
    assert not answer.abstained
    assert "31" in answer.text


@pytest.fixture(scope="module")
def birds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    weights = {"auk": 940, "curlew": 811, "ibis": 1210}
    files = {f"{name}.txt": f"The {name.title()} of autumn weighs {grams} grams." for name, grams in weights.items()}
    with pipeline_over(tmp_path_factory.mktemp("birds"), files) as pipeline:
        yield pipeline


def test_a_passage_of_another_document_stands_beside_the_best_one_only_with_its_names(birds: Pipeline) -> None:
    answer = birds.ask("How many grams does the Auk of autumn weigh?")
    assert [citation.name for citation in answer.citations] == ["auk.txt"]
    assert "940" in answer.text
