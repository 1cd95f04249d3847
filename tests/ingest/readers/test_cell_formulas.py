"""Formulas whose values a workbook does not hold, with the values that spreadsheet programs show."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from octavo.ingest import ReadOptions
from octavo.ingest.readers import open
from octavo.ingest.readers.cell_formulas import Formulas, UnknownFormulaError

CELLS: dict[str, dict[tuple[int, int], object]] = {
    "Costs": {(1, 1): "Plant", (2, 1): 7, (3, 1): 5.5, (4, 1): None, (5, 1): "=SUM(A2:A4)", (6, 1): True},
    "P&L '21": {(1, 2): 40},
}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=A2+A3*2", 18.0),
        ("=-A2^2", 49.0),
        ("=2^-1", 0.5),
        ("=(A2+A3)*10%", 1.25),
        ("=A5/A2-1", 12.5 / 7 - 1),
        ("=SUM(A1:A6)", 25.0),
        ("=SUM(A2,A3,'P&L ''21'!B1)", 52.5),
        ("=Costs!$A$2", 7),
        ("=AVERAGE(A2:A4)", 6.25),
        ("=COUNT(A1:A6)", 3.0),
        ("=COUNTA(A1:A3)", 3.0),
        ("=MAX(A2:A3)-MIN(A2:A3)", 1.5),
        ("=ROUND(2.345,2)", 2.35),
        ("=ROUND(1234,-2)", 1200.0),
        ('=IF(A2>=7,"high","low")', "high"),
        ('=A1&": "&A3', "Plant: 5.5"),
        ("=SUBTOTAL(9,A2:A3)", 12.5),
        ('=IF("a"="A",1,2)', 1.0),
    ],
)
def test_values_of_formulas(formula: str, value: object) -> None:
    cells = CELLS | {"Costs": CELLS["Costs"] | {(9, 9): formula}}
    assert Formulas(cells).value("Costs", 9, 9) == pytest.approx(value)


@pytest.mark.parametrize(
    "formula",
    ["=VLOOKUP(1,A1:A3,1)", "=A2/0", "=A1+1", "=I9+1", "=SUM(", "=Elsewhere!A1", "=A1:A2+1", "=" + "(" * 5000 + "1"],
)
def test_unsupported_formulas_are_left(formula: str) -> None:
    cells = CELLS | {"Costs": CELLS["Costs"] | {(9, 9): formula}}
    with pytest.raises(UnknownFormulaError):
        Formulas(cells).value("Costs", 9, 9)


def test_values_have_the_formats_of_their_cells_and_what_is_left_is_told(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (["Plant", "Cost"], ["Ashby", 1200], ["Moorend", 34.5], ["Sum", "=SUM(B2:B3)"], ["Now", "=NOW()"]):
        sheet.append(row)
    sheet["B4"].number_format = '#,##0.00 "EUR"'
    book.save(tmp_path / "a.xlsx")
    source = open(tmp_path / "a.xlsx", ReadOptions(), workdir=tmp_path)
    assert source.elements[0][-1].text.splitlines()[-2:] == ["Sum | 1,234.50 EUR", "Now | =NOW()"]
    assert source.problems == (
        "the sheet Sheet holds 1 formula without a value, worked out here",
        "the sheet Sheet holds 1 formula without a value: open and save it to have them",
    )
