"""The numbers that are printed on pages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from octavo.ingest import Box, Element, Kind, Line, Page
from octavo.ingest.layout.page_numbers import REACH, assign_labels, printed_numbers
from tests.work import calls


def element(text: str, top: float, *, kind: Kind = Kind.TEXT, height: float = 12) -> Element:
    box = Box(50, top, 500, top + height)
    return Element(0, kind, box, text, (Line(text, box),))


def page(number: int, *edge: str, label: str = "") -> Page:
    """A page with lines at its lower edge, below a paragraph."""
    texts = [element("Snow fell on the hills.", 300), *(element(text, 800, kind=Kind.PAGE_FOOTER) for text in edge)]
    return Page(number, 595, 842, label=label, elements=tuple(texts))


def pages(*edges: str) -> list[Page]:
    return [page(n, *([edge] if edge else [])) for n, edge in enumerate(edges)]


@given(start=st.integers(-5, 500), count=st.integers(4, 30), hidden=st.sets(st.integers(0, 29), max_size=2))
def test_numbers_that_rise_are_found_wherever_they_start(start: int, count: int, hidden: set[int]) -> None:
    shown = {n for n in range(count) if start + n > 0} - hidden
    found = printed_numbers(pages(*(f"- {start + n} -" if n in shown else "Annual report" for n in range(count))))
    if len(shown) < 3:
        assert not any(found)
    else:
        assert found == [str(start + n) if min(shown) <= n <= max(shown) else "" for n in range(count)]


@pytest.mark.parametrize(
    "line", ["{} | Northlight Observatory", "Annual report {}", "Page {} of 40", "Page | {}", "{}", "- {} -", "{}/40"]
)
def test_a_number_stands_alone_or_at_either_end_of_its_line(line: str) -> None:
    assert printed_numbers(pages(*(line.format(n + 7) for n in range(5)))) == ["7", "8", "9", "10", "11"]


def test_a_spread_has_two() -> None:
    spreads = [page(n, str(2 * n + 2), str(2 * n + 3)) for n in range(4)]
    assert printed_numbers(spreads) == ["2–3", "4–5", "6–7", "8–9"]


def test_a_document_may_have_several_series() -> None:
    roman, plain, annex = ["i", "ii", "iii", "iv"], ["1", "2", "3", "4", "5"], ["F-1", "F-2", "F-3"]
    shown = ["", *roman, *plain, *annex, "", "1", "2", "3"]
    assert printed_numbers(pages(*shown)) == shown


def test_where_a_printed_page_takes_two_of_the_file_the_next_goes_on_as_it_should() -> None:
    shown = ["1", "2", "3", "", "4", "5", "", "6", "7", "8"]
    assert printed_numbers(pages(*shown)) == shown


def test_far_apart_numbers_are_no_series() -> None:
    gap = [""] * REACH
    assert not any(printed_numbers(pages("1", *gap, str(REACH + 2), *gap, str(2 * REACH + 3))))


@pytest.mark.parametrize(
    "lines",
    [
        ["2018", "2018", "2018", "2018"],
        ["5", "", "9", "4"],
        ["$ 1", "$ 2", "$ 3", "$ 4"],
        ["1.", "2.", "3.", "4."],
        ["(1)", "(2)", "(3)", "(4)"],
        ["10%", "11%", "12%", "13%"],
        ["1 Introduction", "2 Data", "3 Results", "4 Outlook"],
        ["Revenue in 2019", "Costs in 2020", "Staff in 2021", "Outlook for 2022"],
        ["12", "", "", "15"],
    ],
)
def test_other_numbers_are_no_page_numbers(lines: Sequence[str]) -> None:
    assert printed_numbers(pages(*lines)) == [""] * 4


def test_the_number_of_a_heading_is_not_the_pages() -> None:
    slides = [
        Page(n, 720, 540, elements=(element(f"Step {n + 1}", 20, height=30), element("Mix the paint.", 200)))
        for n in range(6)
    ]
    assert not any(printed_numbers(slides))


def test_a_number_below_the_last_line_is_the_pages_wherever_that_is_and_no_text() -> None:
    short = [
        Page(n, 612, 792, elements=(element("Snow fell.", 40), element(f"{n + 51}", 80 + 200 * n)), text="as read")
        for n in range(4)
    ]
    found = assign_labels(short)
    assert [p.label for p in found] == ["51", "52", "53", "54"]
    assert [p.elements[1].kind for p in found] == [Kind.PAGE_HEADER] * 2 + [Kind.PAGE_FOOTER] * 2
    assert {p.text for p in found} == {"Snow fell."}


def test_the_files_own_numbers_stand_where_none_are_printed_unless_they_only_count() -> None:
    given_labels = ["i", "ii", "1", "2", "3"]
    unprinted = [page(n, label=label) for n, label in enumerate(given_labels)]
    assert assign_labels(unprinted) == unprinted
    mixed = [page(n, label if n > 1 else "Foreword", label=label) for n, label in enumerate(given_labels)]
    assert [p.label for p in assign_labels(mixed)] == given_labels
    counted = [page(n, *([str(n + 7)] if n else []), label=str(n + 1)) for n in range(4)]
    assert [p.label for p in assign_labels(counted)] == ["", "8", "9", "10"]
    agreed = [page(n, *([str(n + 1)] if n else []), label=str(n + 1)) for n in range(4)]
    assert [p.label for p in assign_labels(agreed)] == ["1", "2", "3", "4"]


def test_work_grows_with_the_length_of_the_document() -> None:
    short, long = (pages(*(str(n + 1) for n in range(count))) for count in (500, 2_000))
    assert printed_numbers(long)[-1] == "2000"
    assert calls(lambda: printed_numbers(long)) < 6 * calls(lambda: printed_numbers(short))
