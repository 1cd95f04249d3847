"""Tables of Word and HTML files that LibreOffice prints, so that their truth is the file that was written."""

from __future__ import annotations

import html
import random
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from octavo.eval.benchmarks.drawn_tables import DrawnDocument, content
from octavo.ingest.readers import libreoffice
from octavo.ingest.table import Table

CONTENTS = ("ruled", "wrapped", "spanned", "headers", "texts", "empty")
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org"


def print_tables(count: int) -> Iterator[DrawnDocument]:
    """Yields `count` tables of each format, printed to PDF; raises `MissingToolError` without LibreOffice."""
    with tempfile.TemporaryDirectory() as folder:
        for kind, (suffix, target, write) in _FORMATS.items():
            for seed in range(count):
                source = random.Random(f"{kind} {seed}")  # noqa: S311 - not for secrets
                table = content(CONTENTS[seed % len(CONTENTS)], source)
                path = Path(folder, f"{seed}{suffix}")
                write(table, path)
                pdf = libreoffice.convert(path, target, Path(folder), timeout=120)
                yield DrawnDocument(kind, seed, pdf.read_bytes(), (table,))


def _write_html(table: Table, path: Path) -> None:
    body = table.html().replace("<table>", '<table border="1" cellspacing="0" cellpadding="4">')
    path.write_text(f'<meta charset="utf-8"><h1>Report</h1><p>The table shows the year.</p>{body}', "utf-8")


def _write_docx(table: Table, path: Path) -> None:
    width = 9_000 // table.column_count
    rows = "".join(
        f"<w:tr>{''.join(_docx_cell(table, number, column, width) for column in range(table.column_count))}</w:tr>"
        for number in range(table.row_count)
    )
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    edges = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in sides)
    columns = f'<w:gridCol w:w="{width}"/>' * table.column_count
    document = (
        f'<w:document xmlns:w="{_WORD}"><w:body><w:p><w:r><w:t>The table shows the year.</w:t></w:r></w:p>'
        f"<w:tbl><w:tblPr><w:tblBorders>{edges}</w:tblBorders></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
        "<w:p/></w:body></w:document>"
    )
    relation = f'Type="{_OFFICE}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="r1" {relation}/>'
        "</Relationships>",
        "word/document.xml": document,
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')


def _docx_cell(table: Table, row: int, column: int, width: int) -> str:
    """Returns the `w:tc` of a place; none where a cell to the left covers it."""
    cell = next((c for c in table.row(row) if c.column <= column < c.column + c.column_span), None)
    if cell and cell.column < column:
        return ""
    span = cell.column_span if cell else 1
    merge = "" if not cell or cell.row_span == 1 else "<w:vMerge/>" if cell.row < row else '<w:vMerge w:val="restart"/>'
    text = html.escape(cell.text, quote=False) if cell and cell.row == row else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width * span}" w:type="dxa"/><w:gridSpan w:val="{span}"/>{merge}</w:tcPr>'
        f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"
    )


_FORMATS: Mapping[str, tuple[str, str, Callable[[Table, Path], None]]] = {
    "docx": (".docx", "pdf:writer_pdf_Export", _write_docx),
    "html": (".html", "pdf:writer_web_pdf_Export", _write_html),
}
