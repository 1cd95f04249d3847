"""The numbers that are printed on pages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from ingest import Box, Element, Kind, Line, Page
from ingest.numbering import labelled, printed


def page(number: int, *edge: str, label: str = "") -> Page:
    """A page with lines at its lower edge."""
    lines = tuple(Line(text, Box(50, 800, 500, 812)) for text in edge)
    return Page(
        number, 595, 842, label=label, elements=(Element(0, Kind.PAGE_FOOTER, Box(50, 800, 500, 812), lines=lines),)
    )


@given(start=st.integers(-5, 500), count=st.integers(4, 30), hidden=st.sets(st.integers(0, 29), max_size=1))
def test_numbers_that_rise_are_found_wherever_they_start(start: int, count: int, hidden: set[int]) -> None:
    shown = {n for n in range(count) if start + n > 0} - hidden
    pages = [page(n, f"- {start + n} -" if n in shown else "Annual report") for n in range(count)]
    found = printed(pages)
    if len(shown) < max(3, 0.3 * count):
        assert not any(found)
    else:
        assert found == [str(start + n) if n >= min(shown) else "" for n in range(count)]


@pytest.mark.parametrize("line", ["{} | Northlight Observatory", "Annual report {}", "Page {} of 40", "{}"])
def test_a_number_stands_alone_or_at_either_end_of_its_line(line: str) -> None:
    assert printed([page(n, line.format(n + 7)) for n in range(5)]) == ["7", "8", "9", "10", "11"]


def test_a_spread_has_two() -> None:
    assert printed([page(n, str(2 * n + 2), str(2 * n + 3)) for n in range(4)]) == ["2–3", "4–5", "6–7", "8–9"]


@pytest.mark.parametrize("lines", [["2018", "2018", "2018", "2018"], ["5", "", "9", "4"], ["$ 1", "$ 2", "$ 3", "$ 4"]])
def test_other_numbers_are_no_page_numbers(lines: Sequence[str]) -> None:
    assert printed([page(n, line) for n, line in enumerate(lines)]) == [""] * 4


def test_the_files_own_numbers_come_first_unless_they_only_count() -> None:
    roman = [page(n, str(n + 7), label=label) for n, label in enumerate(["i", "ii", "1", "2"])]
    assert labelled(roman) == roman
    counted = [page(n, str(n + 7), label=str(n + 1)) for n in range(4)]
    assert [p.label for p in labelled(counted)] == ["7", "8", "9", "10"]
