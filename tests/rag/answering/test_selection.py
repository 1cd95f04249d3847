"""Rows and columns that a question selects: names in several columns, cells that are filled, idioms."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

REGATTA = """# Harbour Regatta

Sailing races on two days in the bay.

## Programme

| Day | Race | Start |
|---|---|---|
| Saturday | Women's single | 9:00 |
| Saturday | Men's double | 11:30 |
| Sunday | Women's double | 9:15 |
| Sunday | Veterans' single | 13:00 |

## Winners

| Year | Men's double | Women's double |
|---|---|---|
| 2022 | Tove Lund | Ilka Marsh |
| 2023 | Ben Rook | Ilka Marsh |
| 2024 | Aro Finch | Sela Dunn |
"""
RESULTS = """# Rowing results 2024

| Event | Crew | Place |
|---|---|---|
| Spring Sprint | Mixed four | 1st |
| Castle Head | Eight | 4th |
| Autumn Cup | Double | 3rd |
"""
POOL = """# Fencing, pool A

| Fencer | Club | Hits | Place |
|---|---|---|---|
| Lena Voss | Abbey | 20 | 2 |
| Piet Hall | Corran | 24 | 1 |
| Kit Orr | Northmoor | 14 | 3 |
"""
LOANS = """item,material,length_m,shelf,lent_to
Rope ladder,hemp,4.0,A1,Youth group
Awning,canvas,3.5,A2,
Ground sheet,canvas,2.0,A2,Ida Penn
Windbreak,cotton,5.0,B1,
Kite line,nylon,60,B2,
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {"regatta.md": REGATTA, "club-store.csv": LOANS, "results.md": RESULTS, "pool.md": POOL}
    with pipeline_over(tmp_path_factory.mktemp("selection"), texts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who won the women's double in 2024?", "Sela Dunn"),
        ("Who won the men's double in 2023?", "Ben Rook"),
        ("Which sailing races take place on Sunday?", "Women's double; Veterans' single"),
        ("Which event did the rowing crews win in 2024?", "Spring Sprint (1 of 3 rows)"),
        ("Who came third in the fencing of pool A?", "Kit Orr (1 of 3 rows)"),
        ("Who came first in the fencing of pool A?", "Piet Hall (1 of 3 rows)"),
        ("How many items are lent to someone?", "2: Rope ladder, Ground sheet"),
        ("How many items are not lent?", "3: Awning, Windbreak, Kite line"),
        ("Which canvas items are lent?", "Ground sheet"),
    ],
)
def test_rows_are_told_by_the_column_and_the_cells_that_the_question_says(
    pipeline: Pipeline, question: str, said: str
) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained
    assert answer.text.startswith(said)


def test_a_thing_that_stands_in_other_kinds_only_is_named_as_absent(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Who won the men's single at the Harbour Regatta in 2022?")
    assert answer.abstained
    assert "“men's single” stands nowhere" in answer.text
