"""Conditions in SQL that a model writes: what they may do, and that all else is one clear error."""

from __future__ import annotations

import pytest

from octavo.ingest import Box
from octavo.rag.answering.rows import NamedCell, Row
from octavo.rag.answering.steps.table_query import query_table
from octavo.rag.answering.store.table_rows import ConditionError, select_rows

CITIES = {"City": ["Oslo", "Bergen", "Narvik"], "Staff": [58.0, 31.0, None]}


@pytest.mark.parametrize(
    ("condition", "places"),
    [
        ("", [0, 1, 2]),
        ("Staff > (SELECT avg(Staff) FROM cells)", [0]),
        ("City LIKE '%r%' AND Staff IS NOT NULL", [1]),
        ("lower(replace(City, 'N', 'm')) = 'marvik' -- a comment", [2]),
        ("0) UNION SELECT 999 UNION SELECT 'x' UNION SELECT (1", [1]),
    ],
)
def test_a_condition_selects_rows_of_the_table_alone(condition: str, places: list[int]) -> None:
    assert select_rows(CITIES, condition) == places


@pytest.mark.parametrize(
    "condition",
    [
        "length(randomblob(900000000)) > 0",
        "length(zeroblob(900000000)) > 0",
        "printf('%.900000000d', 1) > 0",
        "hex(City) > 0",
        "load_extension('x')",
        "writefile('x', City)",
        "1; DELETE FROM cells",
        "1); ATTACH 'x' AS other; SELECT (1",
        "EXISTS (SELECT 1 FROM pragma_database_list)",
        "EXISTS (SELECT 1 FROM sqlite_master AS a, json_each('[1]'))",
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n) > 0",
        "City = '\0'",
        "City = '\ud800'",
    ],
)
def test_what_takes_memory_or_leaves_the_table_is_an_error(condition: str) -> None:
    with pytest.raises(ConditionError, match=r'cannot be evaluated .*columns: "City", "Staff"\.'):
        select_rows(CITIES, condition)


def test_a_condition_that_does_not_end_is_given_up() -> None:
    many = {"n": [float(n) for n in range(300)]}
    with pytest.raises(ConditionError, match="interrupted"):
        select_rows(many, "(SELECT count(*) FROM cells a, cells b, cells c) > 0")


def test_a_table_with_columns_called_as_those_of_sqlite_is_asked_alike() -> None:
    assert select_rows({"rowid": ["7", "8"], "place_": ["a", "b"]}, "place_ = 'b'") == [1]


def test_columns_whose_names_differ_in_case_alone_are_told_apart() -> None:
    box = Box(0, 0, 1, 1)
    cells = (NamedCell(("Staff",), "58", box), NamedCell(("STAFF",), "31", box, column=1))
    selected = query_table([Row(0, "Oslo", cells, "", 0)], "Staff (2)", "Staff > 40", "sum")
    assert selected.text.splitlines()[0] == "sum of STAFF (2) where Staff > 40: 31"
