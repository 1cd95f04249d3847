"""Provisions: what a rule says of the asker's own case, yes or no by days and amounts, and what stands nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

FIELD = """# Rules of the Withy Field gardens

## 4 Fires

Fires are allowed only from 15 October to the end of March, never on a Sunday.

## 5 Animals

Up to four hens may be kept on a plot, but no cockerels. Rabbits need a permit.

## 6 Members

A vote is held by members who have belonged to the society for at least six months.

## 7 Photographs

Guests may take photographs of the gardens without a tripod.
"""
BOAT = """# Hire of the Marsh Otter

| Post | Details |
|---|---|
| Skipper | Orla Fenn |
| Wages | 140 pounds a day |
| Reports to | Dag Holm, fleet manager |

## Calling off

Between twelve and six weeks before the trip, 40 per cent of the price is due.
Less than six weeks before the trip, the whole price is due.

## Documents

Please bring: a driving licence, a bank card and proof of address.
"""
FREIBAD = """# Badeordnung des Freibads Erlenau

Das Becken ist vom 15. Mai bis 10. September geöffnet, montags nie.
Wasser aus dem Brunnen darf nicht für Säuglinge verwendet werden.
Die Hauptversammlung der Schwimmer ist am 4. April.
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    files = {"field.md": FIELD, "boat.md": BOAT, "freibad.md": FREIBAD}
    with pipeline_over(tmp_path_factory.mktemp("rules"), files) as made:
        yield made


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("Can I light a fire on my garden plot in September?", "No: "),
        ("Are fires allowed in the gardens on a Sunday?", "No: "),
        ("Are fires allowed on a plot on 3 December?", "Yes: "),
        ("I joined the gardens society two months ago. Can I vote already?", "No: "),
        ("May guests take photographs of the gardens with a tripod?", "No: "),
    ],
)
def test_the_condition_of_a_rule_decides_yes_or_no(pipeline: Pipeline, question: str, start: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert answer.text.removeprefix("4 Fires: ").startswith(start), answer.text


def test_the_provision_that_an_amount_of_the_question_meets_comes_first(pipeline: Pipeline) -> None:
    answer = pipeline.ask("We call off the hire of the Marsh Otter five weeks before the trip. What is due?")
    assert "whole price" in answer.text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("How many chickens may I keep on my plot?", "four hens"),
        ("What documents do I need to bring for the Marsh Otter?", "bank card"),
        ("Darf ich Wasser aus dem Brunnen für das Baby nehmen?", "Nein"),
        ("Wann ist die Versammlung der Schwimmer?", "4. April"),
    ],
)
def test_other_words_for_the_same_are_not_demanded(pipeline: Pipeline, question: str, fact: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert fact in answer.text


def test_what_is_said_of_others_is_not_said_of_a_person(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What are Dag Holm's wages?")
    assert answer.abstained, answer.text
