"""Numbers of other things than those asked about: no plan computes with them, and no other document is quoted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

FURNACE = """# Furnace book: melts of the glass workshop

| No. | Day | kWh | Hours | Lit by |
|---|---|---|---|---|
| 71 | 4 May | 58 | 9 | Ada Fenn |
| 72 | 11 May | 113 | 14 | Per Lund |
| 73 | 18 May | 76 | 11 | Ada Fenn |

## Trouble in melt 72

The glass stayed above 900 degrees. Three of the eight burners were blocked on the left side. All eight burners were
renewed on 2 June by Corran Gas at a price of £655.

| Minute | Temperature in melt 72 |
|---|---|
| 10 | 240 |
| 20 | 610 |
| 30 | 880 |
"""
CLEANING = """# Window cleaning contract WC-88

5.1 Either side may end the contract at the end of its term by four months' written notice; otherwise it runs on.

5.2 The customer may end it early where two visits are missed.

5.3 On early ending of the contract by the customer, 30 per cent of the fees for the remaining term fall due.
"""
LIBRARY = """# Library energy report 2023

In 2023 the library had 61,400 readers, 7 per cent more than in 2022. A music room stands on the roof.

| Source | 2022 | 2023 | Cost 2023 (£) |
|---|---|---|---|
| Oil (MWh) | 820 | 655 | 48,200 |
| Power (MWh) | 310 | 295 | 61,900 |
"""
INN = """# Crossed Keys Inn: quotation

The bar closes at 01:15.

- Dancing must end at 00:45.
- No confetti, please.
"""
BARN = """# Terms of the tithe barn

A day in the barn costs £140. Dancing may go on until the time of 22:30.
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {"furnace.md": FURNACE, "cleaning.md": CLEANING, "library.md": LIBRARY, "inn.md": INN, "barn.md": BARN}
    with pipeline_over(tmp_path_factory.mktemp("other"), texts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said", "plan"),
    [
        ("How much did the new furnace burners cost?", "£655", "lookup"),
        ("How much notice is needed to end the cleaning contract at the end of its term?", "four months", "lookup"),
        ("How many MWh less oil was used in 2023 than in 2022?", "165 = 820 - 655", "compute"),
        ("Which melt used the most electricity?", "72", "extremes"),
    ],
)
def test_numbers_of_other_things_are_no_operands(pipeline: Pipeline, question: str, said: str, plan: str) -> None:
    answer = pipeline.ask(question)
    assert answer.plan == plan
    assert said in answer.text.split("\n\n")[0]


def test_a_table_that_says_no_word_of_the_measure_is_not_compared(pipeline: Pipeline) -> None:
    assert "610" not in pipeline.ask("Which melt used the most sand?").text.split("\n\n")[0]


def test_another_document_than_the_named_one_is_not_quoted(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Until what time may the dancing go on at the Crossed Keys Inn?")
    assert "00:45" in answer.text
    assert {citation.name for citation in answer.citations} == {"inn.md"}


@pytest.mark.parametrize(
    "question",
    [
        "What does it cost to hire the tithe barn music room?",
        "What is the price of the tithe barn music room?",
        "How much is the hire of the tithe barn music room?",
    ],
)
def test_a_thing_that_only_another_document_has_is_not_priced(pipeline: Pipeline, question: str) -> None:
    assert pipeline.ask(question).abstained
