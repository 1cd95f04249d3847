"""Workbooks of Excel 97 to 2003, written record by record (MS-XLS)."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from octavo.ingest import ReadError, ReadOptions
from octavo.ingest.readers.xls import sheets


def record(kind: int, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack("<HH", kind, len(data)) + data


def begin(kind: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0))


def text(said: str) -> bytes:
    return struct.pack("<HB", len(said), 0) + said.encode("latin-1")


def label(row: int, column: int, said: str) -> bytes:
    return record(0x0204, struct.pack("<HHH", row, column, 0), text(said))


def number(row: int, column: int, value: float, style: int) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, style, value))


def workbook(path: Path) -> Path:
    formats = ['#,##0.00 "EUR"', "0.0%", "dd/mm/yyyy", "#,##0;(#,##0)"]
    styles = [0, *range(164, 164 + len(formats))]
    lead = begin(0x0005) + b"".join(
        record(0x041E, struct.pack("<H", 164 + n), text(code)) for n, code in enumerate(formats)
    )
    lead += b"".join(record(0x00E0, struct.pack("<HHH", 0, style, 0) + bytes(14)) for style in styles)
    sheet = begin(0x0010) + record(0x00E5, struct.pack("<HHHHH", 1, 0, 0, 0, 2))
    sheet += record(0x0208, struct.pack("<HHHHHHI", 3, 0, 3, 255, 0, 0, 0x20))  # the row of Moorend is hidden
    sheet += label(0, 0, "Costs of plants") + label(1, 0, "Plant") + label(1, 1, "Cost") + label(1, 2, "Share")
    sheet += label(2, 0, "Ashby") + number(2, 1, 1234.5, 1) + number(2, 2, 0.256, 2)
    sheet += label(3, 0, "Moorend") + number(3, 1, -7, 4) + number(3, 2, 44259, 3) + record(0x000A)
    named = record(0x0085, struct.pack("<IBB", 0, 0, 0), struct.pack("<BB", 5, 0) + b"Costs")
    place = len(lead) + len(named) + len(record(0x000A))
    named = record(0x0085, struct.pack("<IBB", place, 1, 0), struct.pack("<BB", 5, 0) + b"Costs")
    path.write_bytes(lead + named + record(0x000A) + sheet)
    return path


def test_values_are_shown_as_their_formats_say(tmp_path: Path) -> None:
    [(sheet, left_out)] = sheets(workbook(tmp_path / "a.xls"), ReadOptions())
    assert [sheet.cells.get((row, column), "") for row in (0, 2, 3) for column in range(3)] == [
        *("Costs of plants", "", ""),
        *("Ashby", "1,234.50 EUR", "25.6%"),
        *("Moorend", "(7)", "04/03/2021"),
    ]
    assert (sheet.name, sheet.hidden, sheet.spans) == ("Costs", True, {(0, 0): (1, 3)})
    assert (left_out, sheet.problems()) == ((), ["the sheet Costs hides 1 row, read all the same"])


def test_a_broken_workbook_is_one_sentence(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xls")
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ReadError, match=r"a\.xls is no readable workbook"):
        list(sheets(path, ReadOptions()))
