"""Small files whose right reading is written down beside them, read as the ingest reads them."""

from __future__ import annotations

import shutil

import pytest

from octavo.ingest import Document, ReadOptions, Table
from octavo.ingest.reading import read
from tests.conftest import DATA

CASES = DATA / "reading-cases"

pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason="the reading cases (../shared/data/reading-cases) are not here"
)
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def document(case: str, name: str) -> Document:
    [result] = read([CASES / case / name], ReadOptions(workers=1), save_image=lambda webp: "image")
    assert isinstance(result, Document), result
    return result


def text(read: Document) -> str:
    return "\n".join(page.text for page in read.pages)


def tables(read: Document) -> list[Table]:
    return [e.table for page in read.pages for e in page.elements if e.table]


def body(read: Document) -> list[list[str]]:
    """The rows of all tables below their headers."""
    return [[cell.text for cell in t.row(n)] for t in tables(read) for n in range(t.header_rows, t.row_count)]


def test_pictures_in_html() -> None:
    said = text(document("html-base64", "base64.html"))
    assert "Opening hours: Monday to Friday from 7.30 to 16.45" in said
    assert "Opening hours board" in said


def test_declared_encodings() -> None:
    gbk = document("html-charset", "charset_gbk.html")
    assert gbk.title == "年度报告"
    assert "公司2021年营业收入为48.3亿元，净利润为9.6亿元。" in text(gbk)
    assert "2021年の売上高は48億円でした。従業員は412人です。" in text(document("html-charset", "charset_sjis.html"))


def test_spans_in_html() -> None:
    [table] = tables(document("html-spans", "table_spans.html"))
    rows = {table.row(n)[0].text: [c.text for c in table.row(n)[1:]] for n in range(table.header_rows, table.row_count)}
    assert table.column_count == 5
    assert rows["Red"] == ["1,210", "640", "1,395", "702"]
    assert rows["Green (opened in May 2023)"][-2:] == ["455", "230"]
    assert [table.header(n) for n in (1, 4)] == [("2022", "Peak"), ("2023", "Off-peak")]


def test_wide_tables_in_html() -> None:
    assert "R0C23 value" in text(document("html-wide", "table_wide.html"))


def test_html_in_markdown() -> None:
    read = document("md-html", "gfm.md")
    said = text(read)
    assert ["Seal", "14 euros"] in body(read)
    assert not {"<table>", "<details>"} & set(said.split())
    for words in ("The warranty lasts 36 months.", "Diagram of the pump with 4 valves", "Photo of the gauge"):
        assert words in said


def test_encodings_of_texts() -> None:
    assert text(document("txt-encoding", "sjis.txt")) == "2021年の売上高は48億円でした。従業員は412人です。"
    assert text(document("txt-encoding", "utf16_nobom.txt")) == "Revenue in 2021 was 48.3 million euros."


def test_lines_of_texts() -> None:
    read = document("txt-lines", "plain_lines.txt")
    [table] = tables(read)
    assert ["Nut M8", "0.08", "977"] in body(read)
    assert table.header(1) == ("Price",)
    assert "08:14 pump 4 stopped, pressure 7.2 bar" in text(read).split("\n")


@needs_office
def test_tracked_changes() -> None:
    said = text(document("docx-tracked", "tracked.docx"))
    assert "The monthly rent is 2,950 euros, payable in advance." in said
    assert "2,400 euros" not in said
    assert "Check with the lawyer: clause 7 conflicts." in said


@needs_office
def test_cells_that_wrap_in_docx() -> None:
    read = document("docx-wrapped", "wrapped_table.docx")
    rows = body(read)
    assert [row[0] for row in rows] == [f"Pump {n}" for n in range(1, 41)]
    assert [row[2] for row in rows] == [f"{n + 2} weeks" for n in range(1, 41)]
    assert all(row[1].startswith(f"Check the seals and the bearings of pump {n}, ") for n, row in enumerate(rows, 1))
    assert all(row[1].endswith(" of the shift.") for row in rows)
