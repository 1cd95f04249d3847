"""Short facts: contacts, questions of two parts, and yes or no in the question's language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

BOATHOUSE = """# Boathouse

The boathouse was rebuilt by Edda Marlow in 2019. It is open daily from 9 am to 6 pm.

## Contact

Bookings: Nils Oakes, nils.oakes@boathouse.example, 0171 555 20 31.
Repairs: Vera Lind, vera.lind@boathouse.example, 0171 555 20 45.

## Rules

Dogs are not allowed on the pier. Cards are accepted and parking is free.
"""
HAUS = """<html><body><h1>Bootshaus Weiden</h1><p>Das Haus ist für alle Mitglieder da und wird von ihnen gepflegt.</p>
<p>Hunde sind auf dem Steg nicht erlaubt.</p><p>Gäste dürfen die Duschen benutzen.</p></body></html>"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {"boathouse.md": BOATHOUSE, "bootshaus.html": HAUS}
    with pipeline_over(tmp_path_factory.mktemp("facts"), texts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is the phone number for repairs at the boathouse?", ["0171 555 20 45: "]),
        ("What is the e-mail address of Nils Oakes?", ["nils.oakes@boathouse.example: "]),
        ("What are the opening hours of the boathouse?", ["9 am to 6 pm: "]),
        ("Who rebuilt the boathouse and when?", ["Edda Marlow in 2019"]),
        ("Are dogs allowed on the pier?", ["No: “Dogs are not allowed"]),
        ("Sind Hunde auf dem Steg erlaubt?", ["Nein: “Hunde sind"]),
        ("Dürfen Gäste die Duschen benutzen?", ["Ja: “Gäste"]),
    ],
)
def test_a_fact_comes_first(pipeline: Pipeline, question: str, said: list[str]) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert all(part in answer.text.split("\n\n")[0] for part in said)


def test_a_person_without_a_number_has_none(pipeline: Pipeline) -> None:
    assert pipeline.ask("What is the phone number of Petra Novak?").abstained


def test_both_parts_of_a_question_are_answered(pipeline: Pipeline) -> None:
    text = pipeline.ask("When is the boathouse open and what is the phone number for repairs?").text
    assert "9 am to 6 pm" in text
    assert "0171 555 20 45" in text
