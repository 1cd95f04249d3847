"""What people point at as one: figures and tables with captions, headings and labels."""

from __future__ import annotations

from octavo.ingest import Box, Element, Kind, Page
from octavo.ingest.layout.groups import groups


def page(*elements: tuple[Kind, tuple[float, float, float, float], str], width: float = 600, about: int = -1) -> Page:
    made = [Element(n, kind, Box(*box), text) for n, (kind, box, text) in enumerate(elements)]
    if about >= 0:
        last = made[-1]
        made[-1] = Element(last.index, last.kind, last.box, last.text, about=about)
    return Page(0, width, 800 if width == 600 else 500, elements=tuple(made))


def members(page: Page) -> list[tuple[int, ...]]:
    return [tuple(e.index for e in group.members) for group in groups(page)]


def test_a_table_is_one_with_its_caption_and_its_box_is_around_both() -> None:
    told = page(
        (Kind.TEXT, (50, 50, 550, 150), "Running text."),
        (Kind.TABLE, (50, 200, 300, 400), "A | 1"),
        (Kind.CAPTION, (50, 405, 300, 420), "Table 1: Costs."),
        about=1,
    )
    assert members(told) == [(0,), (1, 2)]
    assert groups(told)[1].box == Box(50, 200, 300, 420)


def test_a_heading_just_above_a_table_stands_by_itself_and_with_the_table() -> None:
    told = page(
        (Kind.SECTION_HEADER, (50, 180, 200, 195), "Shareholders"),
        (Kind.TABLE, (50, 200, 300, 400), "A | 1"),
        (Kind.SECTION_HEADER, (320, 180, 500, 195), "Elsewhere"),
    )
    assert members(told) == [(0,), (0, 1), (2,)]


def test_a_heading_wider_than_its_table_or_far_above_it_is_not_the_tables() -> None:
    told = page(
        (Kind.SECTION_HEADER, (50, 180, 550, 195), "All of it"),
        (Kind.TABLE, (50, 200, 300, 400), "A | 1"),
        (Kind.SECTION_HEADER, (50, 420, 200, 435), "Far"),
        (Kind.TABLE, (50, 500, 300, 700), "B | 2"),
    )
    assert members(told) == [(0,), (1,), (2,), (3,)]


def test_on_a_slide_a_figure_takes_its_labels_and_parts_but_no_prose() -> None:
    prose = "This is a whole sentence about the figure that has far more words than a label."
    told = page(
        (Kind.FIGURE, (100, 100, 400, 300), ""),
        (Kind.TEXT, (100, 305, 200, 320), "Sales by year"),
        (Kind.FIGURE, (405, 100, 500, 300), ""),
        (Kind.TEXT, (100, 322, 400, 380), prose),
        (Kind.TEXT, (700, 450, 800, 470), "Source"),
        width=900,
    )
    assert members(told) == [(0, 1, 2), (3,), (4,)]


def test_a_label_that_could_only_be_taken_with_prose_stays_alone() -> None:
    prose = "This is a whole sentence about the figure that has far more words than a label."
    told = page(
        (Kind.FIGURE, (100, 100, 200, 300), ""),
        (Kind.TEXT, (205, 280, 600, 300), "A long thin label"),
        (Kind.TEXT, (210, 110, 590, 270), prose),
        width=900,
    )
    assert members(told) == [(0,), (1,), (2,)]


def test_on_an_upright_page_words_beside_a_figure_stay_alone() -> None:
    told = page((Kind.FIGURE, (100, 100, 400, 300), ""), (Kind.TEXT, (100, 305, 200, 320), "Sales by year"))
    assert members(told) == [(0,), (1,)]
