"""Bounds of numbers in tables: by a measure, by a unit in the name of a column, by a currency."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

OFFCUTS = """no,timber,length_m,width_cm,price_per_m_gbp,rack
T1,Larch board,2.5,14,8.40,A
T2,Oak plank,6.2,20,22.50,B
T3,Ash rail,1.8,6,5.10,B
T4,Elm slab,7.5,45,31.00,C
"""
BOATS = """# Boats of the club

| Race | Date | Boat |
|---|---|---|
| Spring sprint | 11 May | Heron |
| Autumn head | 14 October | Dipper |

| Boat | Class | Built | Refit |
|---|---|---|---|
| Heron | four | 2011 | 2022 |
| Dipper | quad | 2016 | 2021 |
| Old Madge | eight | 1998 | 2019 |

| Wool | Raw, per kg | Washed, per kg |
|---|---|---|
| Shetland | £9.50 | £17.00 |
| Gotland | £12.60 | £22.00 |
| Herdwick | £4.00 | £9.90 |

A full shelf ¹ costs £12 a firing; 20 shelves ² fit into the kiln.
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline_over(tmp_path_factory.mktemp("bounds"), {"offcut_list.csv": OFFCUTS, "boats.md": BOATS}) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Which offcuts are longer than 5 metres?", "T2 Oak plank; T4 Elm slab (2 of 4 rows)"),
        ("How many offcuts are wider than 15 cm?", "2: T2 Oak plank, T4 Elm slab"),
        ("How many offcuts are narrower than 15 cm?", "2: T1 Larch board, T3 Ash rail"),
        ("Which timber costs more than 20 pounds per metre?", "Oak plank; Elm slab (2 of 4 rows)"),
        ("Which wool costs less than £10 per kg raw?", "Shetland; Herdwick (2 of 3 rows)"),
        ("How many metres of ash rail are there?", "T3, length_m: 1.8"),
        ("Which boat is the oldest?", "Old Madge: 1998"),
        ("Which boat was built first?", "Old Madge: 1998"),
    ],
)
def test_a_bound_is_read_in_the_column_of_its_measure(pipeline: Pipeline, question: str, said: str) -> None:
    assert pipeline.ask(question).text.startswith(said)


def test_a_raised_mark_before_a_price_is_no_number(pipeline: Pipeline) -> None:
    assert "£12 a firing" in pipeline.ask("How much does it cost to fire a full shelf in the kiln?").text
