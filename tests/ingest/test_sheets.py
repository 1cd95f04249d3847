"""Spreadsheets made here, and what is read of them: values as shown, spans, places, charts, hidden sheets."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from octavo.ingest import Element, ReadError, ReadOptions, Table
from octavo.ingest.markup.numbers import format_value
from octavo.ingest.readers import Source, open
from octavo.ingest.readers.cells import Sheet
from tests.ingest.pages import read_page


def opened(path: Path, **options: object) -> Source:
    return open(path, ReadOptions.model_validate(options), workdir=path.parent)


def elements(source: Source) -> list[Element]:
    return [e for page in range(source.page_count) for e in source.elements[page]]


def tables(source: Source) -> list[Table]:
    return [e.table for e in elements(source) if e.table]


def workbook(path: Path) -> Path:
    book = Workbook()
    costs = book.active
    costs.title = "Costs"
    costs["B2"] = "Costs of the plants in the year 2021, in euros"
    for row, values in enumerate([("Plant", "Since", "Cost", "Share"), ("Moorend", 0, 1204.5, 0.256)], 4):
        for column, value in enumerate(values, 2):
            costs.cell(row, column, value)
    costs["C5"], costs["C5"].number_format = dt.datetime(2021, 3, 4), "d mmm yyyy"
    costs["D5"].number_format, costs["E5"].number_format = '#,##0.00 "EUR"', "0.0%"
    costs["D5"].comment = Comment("Check with the lawyer", "Kim")
    riders = book.create_sheet("Riders by line")
    for row in [
        ("Line", "2022", None, "2023", None),
        (None, "Peak", "Off", "Peak", "Off"),
        ("Red", 1210, 640, 1395, 702),
    ]:
        riders.append(row)
    for span in ("A1:A2", "B1:C1", "D1:E1"):
        riders.merge_cells(span)
    chart = BarChart()
    chart.title = "Off-peak riders"
    chart.add_data(Reference(riders, min_col=3, min_row=2, max_row=3), titles_from_data=True)
    riders.add_chart(chart, "G2")
    book.create_sheet("Old").append(["Retired", 7])
    book["Old"].sheet_state = "hidden"
    book["Old"]["A3"] = "=1+1"
    book.save(path)
    return path


def test_a_workbook_is_read_as_it_shows_its_values(tmp_path: Path) -> None:
    source = opened(workbook(tmp_path / "plants.xlsx"))
    said = [e.text for e in elements(source)]
    assert said[:2] == ["Costs", "Costs of the plants in the year 2021, in euros"]
    assert said[2:5] == [
        "Costs!B4:E5",
        "Plant | Since | Cost | Share\nMoorend | 4 Mar 2021 | 1,204.50 EUR | 25.6%",
        "Comment on D5: Check with the lawyer",
    ]
    costs, riders, *_ = tables(source)
    assert costs.header_rows == 1
    assert costs.reference(1) == "Costs!B5:E5"
    assert riders.reference(2) == "'Riders by line'!A3:E3"
    assert [(riders.header(cell.column), cell.text) for cell in riders.row(2)] == [
        (("Line",), "Red"),
        (("2022", "Peak"), "1210"),
        (("2022", "Off"), "640"),
        (("2023", "Peak"), "1395"),
        (("2023", "Off"), "702"),
    ]
    assert "Old (hidden sheet)" in said
    assert "2" in said
    assert source.problems == ("the sheet Old holds 1 formula without a value, worked out here",)


def test_cells_stand_where_they_are_said_to(tmp_path: Path) -> None:
    page, image = read_page(workbook(tmp_path / "plants.xlsx"))
    table = next(e.table for e in page.elements if e.table)
    for text in ("Plant", "Moorend", "25.6%"):
        box = next(cell.box for cell in table.cells if cell.text == text)
        assert (np.asarray(image.convert("L").crop(page.pixels(box, image.size))) < 128).mean() > 0.03


def test_charts_give_the_values_behind_them(tmp_path: Path) -> None:
    import zipfile

    path = workbook(tmp_path / "plants.xlsx")
    cache = "<c:numCache><c:formatCode>#,##0</c:formatCode><c:pt idx='0'><c:v>1640</c:v></c:pt></c:numCache></c:numRef>"
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    chart = parts["xl/charts/chart1.xml"].decode()
    space = "c:" if "<c:" in chart else ""
    cache = cache.replace("c:", space)
    parts["xl/charts/chart1.xml"] = chart.replace(f"</{space}numRef>", cache).encode()
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    said = [e.text for e in elements(opened(path))]
    assert "Chart: Off-peak riders" in said
    assert "1 | 1,640" in "\n".join(said)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'Plant,Cost\n"Moorend, old","1,204"\nAshby,7\n'),
        ("a.csv", "Plant;Cost\nMoorend, old;1,204\nAshby;7\n"),
        ("a.tsv", "Plant\tCost\nMoorend, old\t1,204\nAshby\t7\n"),
        ("a.csv", 'sep=;\nPlant;Cost\n"Moorend,\nold";1,204\n;\nAshby;7\n'),
        ("a.xls", "Plant\tCost\nMoorend, old\t1,204\nAshby\t7\n"),
    ],
)
def test_values_parted_by_signs_are_a_table(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    [table] = tables(opened(tmp_path / name))
    assert (table.header_rows, table.csv()) == (1, 'Plant,Cost\r\n"Moorend, old","1,204"\r\nAshby,7\r\n')


def test_rows_below_an_empty_row_go_on_the_table_unless_they_name_columns(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (["Plant", "Cost"], ["Ashby", 7], ["Moorend", 8], [], ["Total", 15], [], ["Line", "Riders"], ["Red", 9]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    first, second = tables(opened(tmp_path / "a.xlsx"))
    assert [line.text for line in first.lines()] == ["Plant | Cost", "Ashby | 7", "Moorend | 8", "", "Total | 15"]
    assert (first.header(1), first.reference(4)) == (("Cost",), "Sheet!A5:B5")
    assert (second.header(1), second.reference(1)) == (("Riders",), "Sheet!A8:B8")


def test_tables_side_by_side_are_told_apart_and_columns_of_numbers_are_not(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (
        ["Plant", "2020", None, "2021", None, "Rate", "Value"],
        ["Ashby", 7, None, 8, None, "VAT", 0.2],
        ["Moorend", 5, None, 6, None, "Duty", 0.1],
    ):
        sheet.append(row)
    sheet["A5"], sheet["B5"] = "Sum", "=SUM(B2:B3)"
    sheet.column_dimensions["D"].hidden = True
    book.save(tmp_path / "a.xlsx")
    source = opened(tmp_path / "a.xlsx")
    assert [(table.csv(), table.reference(1)) for table in tables(source)] == [
        ("Plant,2020,,2021\r\nAshby,7,,8\r\nMoorend,5,,6\r\n,,,\r\nSum,12,,\r\n", "Sheet!A2:D2"),
        ("Rate,Value\r\nVAT,0.2\r\nDuty,0.1\r\n", "Sheet!F2:G2"),
    ]
    assert source.problems == (
        "the sheet Sheet holds 1 formula without a value, worked out here",
        "the sheet Sheet hides 1 column, read all the same",
    )


def test_notes_below_tables_that_stand_side_by_side_are_text(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (
        ["Plant", "Cost", None, "Rate", "Value"],
        ["Ashby", 7, None, "VAT", 0.2],
        ["Moorend", 5, None, "Duty", 0.1],
    ):
        sheet.append(row)
    sheet["A4"], sheet["B4"], sheet["D5"] = "Sum", 12, "Rates as of May."
    sheet["A6"] = "Costs in euros."
    book.save(tmp_path / "a.xlsx")
    said = [e.text for e in elements(opened(tmp_path / "a.xlsx")) if not e.text.startswith("Sheet")]
    assert said == [
        "Plant | Cost\nAshby | 7\nMoorend | 5\nSum | 12",
        "Costs in euros.",
        "Rate | Value\nVAT | 0.2\nDuty | 0.1",
        "Rates as of May.",
    ]


def test_many_rows_apart_are_told_apart_in_one_pass() -> None:
    texts = Sheet("", {(2 * n, 0): f"row {n}" for n in range(20_000)}, is_one=True)
    assert sum(1 for _ in texts.blocks()) == 20_000
    numbers = Sheet("S", {(3 * n + r, c): f"{r}{c}" for n in range(5_000) for r in range(2) for c in range(2)})
    assert sum(1 for _ in numbers.blocks()) == 1
    named = Sheet(
        "S", {(3 * n + r, c): f"{'ab'[c]}{'xy'[r]}" for n in range(5_000) for r in range(2) for c in range(2)}
    )
    assert sum(1 for _ in named.blocks()) == 5_000


def test_a_chart_that_keeps_no_values_is_read_from_its_cells(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (["Line", "Riders"], ["Red", 1210], ["Blue", 640]):
        sheet.append(row)
    sheet["B2"].number_format = "#,##0"
    chart = BarChart()
    chart.title = "Riders a day"
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=3))
    sheet.add_chart(chart, "D2")
    book.save(tmp_path / "a.xlsx")
    said = [e.text for e in elements(opened(tmp_path / "a.xlsx"))]
    assert said[-2:] == ["Chart: Riders a day", "Riders\nRed | 1,210\nBlue | 640"]


def test_a_sheet_over_the_limit_is_cut_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Item,Cost\n" + "".join(f"item {n},{n}\n" for n in range(500)))
    source = opened(tmp_path / "a.csv", max_cells=200)
    assert source.problems == (
        "the file has more than 200 cells: only its first 101 rows are read (OCTAVO_READING__MAX_CELLS)",
    )
    assert sum(table.row_count - table.header_rows for table in tables(source)) == 100


def test_a_workbook_that_is_broken_is_one_sentence(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as packed:
        packed.writestr("[Content_Types].xml", "")
        packed.writestr("xl/workbook.xml", "<workbook")
    with pytest.raises(ReadError, match=r"a\.xlsx is no readable workbook: it is broken"):
        opened(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234.5, '"$"#,##0', "$1,235"),
        (-5, "0.0;[Red]-0.0", "-5.0"),
        (1234, "[$€-407] #,##0", "€ 1,234"),
        (0, '0;-0;"–"', "–"),
        (0.1 + 0.2, "General", "0.3"),
        (7, "000", "007"),
        (1.5, "# ?/?", "1 1/2"),
        (-1234, "_($* #,##0_);_($* (#,##0)_)", "$(1,234)"),
        (2.675, "0.00", "2.68"),
        (dt.datetime(2021, 3, 4, 13, 5), "h:mm AM/PM", "1:05 PM"),
        (dt.datetime(2021, 3, 4), "mm/dd/yy", "03/04/21"),
        (True, "General", "TRUE"),
        (44259, "dd/mm/yyyy", "04/03/2021"),
        (44259.75, "d mmm hh:mm", "4 Mar 18:00"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (dt.timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
        (dt.timedelta(hours=26, minutes=5), "h:mm", "2:05"),
        ("Ashby", '"<"@">"', "<Ashby>"),
    ],
)
def test_numbers_are_shown_as_their_format_says(value: object, number_format: str, text: str) -> None:
    assert format_value(value, number_format) == text
