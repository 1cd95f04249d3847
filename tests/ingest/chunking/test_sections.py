"""Paths of headings, told from titles and numbers."""

from __future__ import annotations

import pytest

from octavo.ingest import Box, Element, Kind
from octavo.ingest.chunking.sections import paths

BOX = Box(0, 0, 10, 10)


def path_texts(*headings: str) -> list[str]:
    """Paths of headings; a name that ends in `!` is a title."""
    elements = [
        Element(n, Kind.TITLE if name.endswith("!") else Kind.SECTION_HEADER, BOX, name.rstrip("!"))
        for n, name in enumerate(headings)
    ]
    return [" > ".join(path) for path in paths(elements)]


def test_headings_without_numbers_stand_side_by_side_below_the_title() -> None:
    assert path_texts("Report!", "Finances", "Staff") == ["Report", "Report > Finances", "Report > Staff"]


def test_a_new_title_opens_a_new_path() -> None:
    assert path_texts("One!", "Data", "Two!", "Data") == ["One", "One > Data", "Two", "Two > Data"]


def test_numbers_tell_the_depth() -> None:
    assert path_texts("1 Data", "1.1 Text", "1.1.1 Pages", "1.2 Tables", "2. Results") == [
        "1 Data",
        "1 Data > 1.1 Text",
        "1 Data > 1.1 Text > 1.1.1 Pages",
        "1 Data > 1.2 Tables",
        "2. Results",
    ]


def test_headings_between_numbers_lie_within_the_numbered_one_and_those_after_the_last_do_not() -> None:
    assert path_texts("Study!", "Abstract", "1 Data", "Licences", "2 Results", "References") == [
        "Study",
        "Study > Abstract",
        "Study > 1 Data",
        "Study > 1 Data > Licences",
        "Study > 2 Results",
        "Study > References",
    ]


@pytest.mark.parametrize("name", ["10 years of growth", "2.5 million visitors", "2018 in short", "99 Balloons"])
def test_a_number_that_does_not_carry_on_is_part_of_the_name(name: str) -> None:
    assert path_texts("1 Data", "1.1 Text", name)[-1] == name or path_texts("3 Staff", name)[-1] == name


def test_numbers_begin_anew_below_a_new_title() -> None:
    assert path_texts("A!", "1 Data", "4 Late", "B!", "1 Data")[-2:] == ["B", "B > 1 Data"]


def test_no_headings() -> None:
    assert paths([]) == []
