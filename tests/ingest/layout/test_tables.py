"""Tables of each kind, drawn here, come back as their cells."""

from __future__ import annotations

from collections.abc import Sequence

import pymupdf
import pytest
from PIL import Image

from octavo.ingest import Box, Line, Page, Table, text_layer
from octavo.ingest.content import PageContent
from octavo.ingest.layout.continued import join_continued_tables, whole_tables
from octavo.ingest.layout.tables.columns import columns
from octavo.ingest.layout.tables.reader import Tables
from octavo.ingest.layout.tables.words import TableWord

Place = tuple[float, float, str]
WAGES = [
    ["Plant", "2019", "2020"],
    ["Larkfield", "1,204", "1,377"],
    ["Moorend", "866", "904"],
    ["Ashby", "2,310", "2,288"],
]
"""A small table of numbers."""


def page_of(places: Sequence[Place], rules: Sequence[tuple[float, float, float, float]] = ()) -> pymupdf.Page:
    page = pymupdf.open().new_page(width=500, height=400)
    for x, y, text in places:
        page.insert_text((x, y), text, fontsize=9, fontname="helv")
    for x0, y0, x1, y1 in rules:
        page.draw_line((x0, y0), (x1, y1), width=0.6)
    return page


def grid(rows: Sequence[Sequence[str]], xs: Sequence[float], top: float = 60, pitch: float = 16) -> list[Place]:
    return [(xs[c], top + pitch * r, text) for r, row in enumerate(rows) for c, text in enumerate(row) if text]


def boxed(xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float, float, float]]:
    return [(x, ys[0], x, ys[-1]) for x in xs] + [(xs[0], y, xs[-1], y) for y in ys]


def read(page: pymupdf.Page) -> list[Table | None]:
    frame = Box(*page.rect)
    pixels = page.get_pixmap(dpi=72)
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    lines = text_layer.read(PageContent(page), image).lines
    return [
        table for _, _, table in Tables(PageContent(page), frame).read(Box.around(line.box for line in lines), lines)
    ]


def only(page: pymupdf.Page) -> Table:
    (table,) = read(page)
    assert table
    return table


def texts(table: Table) -> list[list[str]]:
    return [[cell.text if cell else "" for cell in row] for row in table.grid()]


def test_a_table_without_lines_has_the_columns_that_its_words_stand_in() -> None:
    table = only(page_of(grid(WAGES, (50, 200, 260))))
    assert texts(table) == WAGES
    assert table.header_rows == 1
    assert table.header(2) == ("2020",)
    (cell,) = [cell for cell in table.cells if cell.text == "1,377"]
    assert cell.box.coverage(Box(255, 60, 300, 85)) == 1


def test_a_cell_that_wraps_between_rules_is_one_cell() -> None:
    places = [
        (52, 60, "Customer"), (152, 60, "Scope of the work"), (352, 60, "Fee"),
        (52, 80, "Harbour Trust"), (152, 80, "Cleaning of all offices, twice a"), (352, 80, "1,250"),
        (152, 91, "week, and of the windows once"), (152, 102, "in a quarter"),
        (52, 122, "Ashby Clinic"), (152, 122, "Disposal of waste"), (352, 122, "310"),
    ]  # fmt: skip
    rules = [(50, y, 400, y) for y in (48, 66, 108, 128)]
    expected = [
        ["Customer", "Scope of the work", "Fee"],
        ["Harbour Trust", "Cleaning of all offices, twice a week, and of the windows once in a quarter", "1,250"],
        ["Ashby Clinic", "Disposal of waste", "310"],
    ]
    assert texts(only(page_of(places, rules))) == expected
    assert texts(only(page_of(places, boxed((50, 150, 350, 400), (48, 66, 108, 128))))) == expected


def test_a_cell_that_wraps_without_rules_is_told_by_its_leading() -> None:
    places = [
        (52, 60, "Line"), (302, 60, "2022"), (352, 60, "2023"),
        (52, 78, "Purchases of property, plant and"), (302, 78, "203"), (352, 78, "187"), (52, 89, "equipment"),
        (52, 107, "Sale of ships"), (302, 107, "96"), (352, 107, "91"),
        (52, 125, "Dividends"), (302, 125, "14"), (352, 125, "15"),
    ]  # fmt: skip
    table = only(page_of(places))
    assert texts(table)[1] == ["Purchases of property, plant and equipment", "203", "187"]
    assert table.row_count == 4


def test_groups_of_rows_are_no_wrapped_cells() -> None:
    rows = [["Item", "A", "B"], ["North", "1", "2"], ["South", "3", "4"], ["East", "5", "6"], ["West", "7", "8"]]
    heights = (60, 72, 84, 104, 116)
    places = [((52, 200, 250)[c], y, text) for y, row in zip(heights, rows, strict=True) for c, text in enumerate(row)]
    assert texts(only(page_of(places))) == rows


def test_lines_that_are_left_out_make_cells_that_cover_several_places() -> None:
    places = [
        (52, 60, "Region"), (190, 60, "2022"), (330, 60, "2023"), (152, 76, "Peak"), (222, 76, "Other"),
        (292, 76, "Peak"), (362, 76, "Other"), (52, 100, "Red"),
        (152, 92, "10"), (222, 92, "20"), (292, 92, "30"), (362, 92, "40"),
        (152, 108, "11"), (222, 108, "21"), (292, 108, "31"), (362, 108, "41"),
    ]  # fmt: skip
    rules = [
        (50, 50, 430, 50), (150, 65, 430, 65), (50, 81, 430, 81), (150, 97, 430, 97), (50, 113, 430, 113),
        (50, 50, 50, 113), (150, 50, 150, 113), (290, 50, 290, 113), (430, 50, 430, 113),
        (220, 65, 220, 113), (360, 65, 360, 113),
    ]  # fmt: skip
    table = only(page_of(places, rules))
    assert [(c.text, c.row_span, c.column_span) for c in table.cells if c.row_span * c.column_span > 1] == [
        ("Region", 2, 1), ("2022", 1, 2), ("2023", 1, 2), ("Red", 2, 1),
    ]  # fmt: skip
    assert table.header_rows == 2
    assert [table.header(c.column) for c in table.row(3)[1:3]] == [("2022", "Peak"), ("2022", "Other")]
    assert table.lines()[3].text == "Red | 11 | 21 | 31 | 41"


def test_names_over_several_columns_are_known_without_lines() -> None:
    places = [
        (190, 60, "2022"),
        (330, 60, "2023"),
        *grid([["", "Peak", "Other", "Peak", "Other"]], (52, 160, 220, 300, 360), 76),
    ]
    places += grid([["Red", "10", "20", "30", "40"], ["Blue", "11", "21", "31", "41"]], (52, 160, 220, 300, 360), 92)
    table = only(page_of(places))
    assert [table.header(column) for column in range(1, 5)] == [
        ("2022", "Peak"), ("2022", "Other"), ("2023", "Peak"), ("2023", "Other"),
    ]  # fmt: skip


def test_values_of_text_alone_are_rows_and_no_header() -> None:
    rows = [["Destination", "Trondheim"], ["Carrier", "Blue Ferry"], ["Cargo", "general goods"]]
    table = only(page_of(grid(rows, (50, 200)), boxed((45, 190, 320), (48, 65, 81, 97))))
    assert (texts(table), table.header_rows) == (rows, 0)
    assert table.lines()[0].text == "Destination | Trondheim"


def test_labels_with_values_of_words_and_numbers_have_no_header() -> None:
    rows = [
        ["Premises", "Kitchen of the Mill School, Orchard Way"],
        ["Operator", "Green Catering"],
        ["Inspector", "Ida Kern"],
        ["Meals a day", "215"],
        ["New rating", "4 out of 5, good"],
    ]
    rules = boxed((50, 150, 400), (48, 64, 80, 96, 112, 128))
    rules += [(50, y, 400, y) for y in (64, 80, 96, 112)]
    table = only(page_of(grid(rows, (52, 152)), rules))
    assert texts(table) == rows
    assert not table.header_rows


def test_empty_cells_stay_empty() -> None:
    rows = [["Plant", "2019", "2020"], ["Larkfield", "", "1,377"], ["Moorend", "866", ""], ["Ashby", "2,310", "2,288"]]
    assert texts(only(page_of(grid(rows, (50, 200, 260))))) == rows


def test_currency_signs_belong_to_their_numbers() -> None:
    places = [
        (50, 60, "Item"), (160, 60, "2019"), (50, 76, "Revenue"), (150, 76, "$"), (190, 76, "412"),
        (50, 92, "Costs"), (190, 92, "300"), (50, 108, "Profit"), (150, 108, "$"), (190, 108, "112"),
    ]  # fmt: skip
    assert texts(only(page_of(places)))[1:] == [["Revenue", "$ 412"], ["Costs", "300"], ["Profit", "$ 112"]]


def test_tables_side_by_side_are_two() -> None:
    other = [
        ["Port", "2021"],
        ["Oslo", "17"],
        ["Porto", "23"],
        ["Malmö", "31"],
        ["Vienna", "8"],
        ["Bergen", "2"],
        ["Riga", "5"],
    ]
    places = [*grid(WAGES, (50, 130, 180)), *grid(other, (280, 380))]
    found = read(page_of(places, [(48, 48, 210, 48), (48, 65, 210, 65), (278, 48, 410, 48), (278, 65, 410, 65)]))
    assert [texts(table) for table in found if table] == [WAGES, other]


@pytest.mark.parametrize("turn", [90, 270])
def test_a_table_on_its_side_is_read_along_its_text(turn: int) -> None:
    upright = page_of(grid(WAGES, (50, 200, 260)))
    page = pymupdf.open().new_page(width=500, height=600)
    page.show_pdf_page(pymupdf.Rect(50, 50, 450, 550), upright.parent, 0, rotate=turn)
    table = only(page)
    assert texts(table) == WAGES
    header, row = table.lines()[0].box, table.lines()[1].box
    assert row.height > 3 * row.width
    assert (header.x1 < row.x0) if turn == 90 else (header.x0 > row.x1)


def test_prose_is_no_table() -> None:
    lines = [
        "The reactor was built in four years, and it has run",
        "since then without a longer stop, apart from the",
        "two weeks in which the pumps were replaced.",
    ]
    assert read(page_of([(50, 60 + 12 * n, line) for n, line in enumerate(lines)])) == [None]


def test_a_table_that_goes_on_has_the_names_of_the_page_before() -> None:
    first = only(page_of(grid(WAGES, (50, 200, 260))))
    rest = only(page_of(grid([["Oldham", "17", "23"], ["Porto", "31", "32"], ["Vienna", "8", "9"]], (50, 200, 260))))
    box = Box(40, 40, 300, 120)
    pages = [Page(n, 500, 400, elements=(table.element(box),)) for n, table in enumerate((first, rest))]
    (element,) = join_continued_tables(pages)[1].elements
    assert element.table
    assert (element.table.continues, element.table.header(2)) == (True, ("2020",))
    assert element.markdown.splitlines()[0] == "| Plant | 2019 | 2020 |"
    assert [line.text for line in element.lines] == ["Oldham | 17 | 23", "Porto | 31 | 32", "Vienna | 8 | 9"]


def test_a_row_that_the_end_of_a_page_cuts_is_whole_where_it_begins() -> None:
    top = Table.of([["Machine", "Work", "Interval"], ["Pump 7", "Check the seals, replace the filter", "9 weeks"]], 1)
    rest = Table.of([["", "cartridge and write the log", ""], ["Pump 8", "Check the seals", "3 weeks"]], 1)
    box = Box(40, 40, 300, 120)
    pages = join_continued_tables(
        [Page(n, 500, 400, elements=(table.element(box),)) for n, table in enumerate((top, rest))]
    )
    assert [line.text for page in pages for e in page.elements for line in e.lines] == [
        "Machine | Work | Interval",
        "Pump 7 | Check the seals, replace the filter cartridge and write the log | 9 weeks",
        "Pump 8 | Check the seals | 3 weeks",
    ]
    assert [table.header_rows for table in whole_tables(pages)] == [1]


def test_a_word_that_a_cell_parts_is_whole() -> None:
    places = [
        (52, 60, "Line"), (202, 60, "Value"), (52, 80, "The calcu-"), (202, 80, "17"), (52, 91, "lation of rents"),
        (52, 111, "Sale"), (202, 111, "5"),
    ]  # fmt: skip
    table = only(page_of(places, boxed((50, 200, 300), (48, 66, 97, 117))))
    assert texts(table)[1] == ["The calculation of rents", "17"]


def test_a_column_of_thin_pieces_is_one() -> None:
    lines = [[TableWord("|", Box(100, 10 * n, 101.5, 10 * n + 8))] for n in range(6)]
    assert columns(lines, 5, []) == [(100, 101.5)]


def test_rows_between_shaded_ones_stay_in_their_table() -> None:
    xs, rows = [40, 140, 220], [*WAGES, *WAGES[1:], ["All plants"], ["Total", "8,760", "9,138"]]
    page = page_of(grid(rows, xs))
    for row in range(0, len(rows), 2):
        page.draw_rect((36, 48 + 16 * row, 300, 64 + 16 * row), color=None, fill=(0.85, 0.9, 1))
    lines = [Line(text, Box(x, y - 9.5, x + 40, y + 2.5)) for x, y, text in grid(rows, xs)]
    region = Box(36, 48, 300, 48 + 16 * len(rows))
    assert Tables(PageContent(page), Box(*page.rect)).apart(region, lines) == [region]


def test_colours_that_part_values_alone_leave_labels_apart_from_their_numbers() -> None:
    rows = [*WAGES, ["Hedley", "1,010", "1,022"], ["Total", "5,390", "5,591"]]
    page = page_of(grid(rows, [40, 240, 330]))
    for row in range(1, len(rows)):
        fill = (0.85, 0.9, 1) if row % 2 else (0.95, 0.95, 0.95)
        for x0, x1 in ((36, 299.5), (300.5, 400)):
            page.draw_rect((x0, 48 + 16 * row, x1, 64 + 16 * row), color=None, fill=fill, overlay=False)
    assert texts(only(page)) == rows


def test_boxed_tables_above_one_another_are_told_apart_by_the_text_between_them() -> None:
    def apart(places: Sequence[Place]) -> list[tuple[int, int]]:
        xs = [40, 140, 220, 300]
        rules = [*boxed(xs, [48, 64, 80, 96, 112]), *boxed(xs, [158, 174, 190, 206, 222])]
        page = page_of([*grid(WAGES, xs, top=60), *places, *grid(WAGES, xs, top=170)], rules)
        lines = [Line(text, Box(x, y - 8, x + 60, y)) for x, y, text in places]
        found = Tables(PageContent(page), Box(*page.rect)).apart(Box(48, 50, 290, 220), lines)
        return [(round(box.y0), round(box.y1)) for box in found]

    assert apart([(42, 138, "Without overtime:")]) == [(50, 112), (158, 220)]
    assert apart([]) == [(50, 220)]
    assert apart([(42, 40, "Wages of the plants"), (42, 236, "Without overtime")]) == [(48, 222)]
    assert apart([(42, 40, "Plant"), (142, 40, "2019")]) == [(50, 220)]


def test_raised_marks_stay_at_their_cells() -> None:
    rows = [["Plant", "2019", "2020"], ["Larkfield", "1,204", "1,377"], ["Moorend", "866", "904"]]
    marks = {"1,204": "(a)", "1,377": "2"}
    page = page_of([])
    for x, y, text in grid(rows, [40, 140, 220]):
        page.insert_text((x, y), text, fontsize=9, fontname="helv")
        end = x + pymupdf.get_text_length(text, "helv", 9)
        page.insert_text((end, y - 4.5), marks.get(text, ""), fontsize=5.5, fontname="helv")
    assert texts(only(page))[1] == ["Larkfield", "1,204\u207d\u1d43\u207e", "1,377\u00b2"]
