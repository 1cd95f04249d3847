"""Editions: price lists and reports of two years, whose tables are joined by their rows and columns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over


def fees(year: int, half: str, full: str, white: str, red: str) -> str:
    return f"""# Kiln fees {year} of the Elm Lane Pottery

## Firing

| Service | Cone | Members | Non-members |
|---|---|---|---|
| Biscuit, half shelf | 06 | {half} | £9.40 |
| Biscuit, full shelf | 06 | {full} | £15.00 |

## Clay

| Body | Top temperature | 10 kg bag |
|---|---|---|
| Alder White | 1250 °C | {white} |
| Brook Red | 1110 °C | {red} |
"""


def review(year: int, juniors: int, adults: int) -> str:
    return f"""# Season review {year} of the Tarn Paddlers

| Section | Members | Annual fee |
|---|---|---|
| Juniors | {juniors} | £40 |
| Adults | {adults} | £95 |
| Total | {juniors + adults} | |

## Spending

| Item | Plan {year} | Result {year} | Plan {year + 1} |
|---|---|---|---|
| Travel to races | 500 | 560 | 600 |
| Insurance | 210 | 205 | 215 |
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {
        "kiln-fees-2024.md": fees(2024, "£6.20", "£11.00", "£13.50", "£9.80"),
        "kiln-fees-2025.md": fees(2025, "£6.90", "£12.00", "£13.50", "£10.60"),
        "paddlers-2024.md": review(2024, 31, 80),
        "paddlers-2025.md": review(2025, 38, 77),
    }
    with pipeline_over(tmp_path_factory.mktemp("editions"), texts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "How much dearer is a half shelf of biscuit for members in 2025 than in 2024?",
            "£0.70 = 6.90 - 6.20. From 2024: Biscuit, half shelf, Members: £6.20; 2025: Biscuit, half shelf",
        ),
        ("By how many did the total membership of the paddlers grow from 2024 to 2025?", "4 = 115 - 111"),
        ("How many fewer adults did the paddlers have in 2025 than in 2024?", "3 = 80 - 77"),
        ("Which clay costs the same in 2025 as in 2024?", "Alder White: £13.50 (2024), £13.50 (2025)"),
        ("Which clay costs more in 2025 than in 2024?", "Brook Red: £9.80 (2024), £10.60 (2025)"),
        ("Which clay costs more in 2024 than in 2025?", "No: Alder White: £13.50 (2024), £13.50 (2025); Brook Red"),
        ("Did the paddlers have more members in 2025 than in 2024?", "Yes: 2024: Total, Members: 111; 2025: Total"),
        ("Were there more adults at the paddlers in 2025 than in 2024?", "No: 2024: Adults, Members: 80; 2025: Adults"),
        ("By how much did the travel spending of the paddlers exceed the plan in 2024?", "60 = 560 - 500"),
    ],
)
def test_a_number_of_two_years_is_read_from_the_document_of_each(pipeline: Pipeline, question: str, said: str) -> None:
    assert pipeline.ask(question).text.startswith(said)


def test_both_documents_are_cited(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Which clay costs the same in 2025 as in 2024?")
    assert len({citation.document for citation in answer.citations}) == 2


def test_a_row_that_one_of_them_lacks_is_not_compared(pipeline: Pipeline) -> None:
    answer = pipeline.ask("How much dearer is a half shelf of raku for members in 2025 than in 2024?")
    assert answer.plan != "compute" or answer.abstained
