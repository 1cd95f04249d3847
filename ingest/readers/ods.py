"""Spreadsheets of OpenDocument (ODS): each cell keeps the text that it shows."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from lxml import etree

from octavo.ingest.errors import ReadError
from octavo.ingest.markup import odf
from octavo.ingest.markup.blocks import Grid
from octavo.ingest.markup.pictures import ImageBlock, make_picture
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive
from octavo.ingest.readers.cells import Sheet

_MOST_COLUMNS = 16_384
_MOST_PICTURES = 100


def read(path: Path, options: ReadOptions) -> tuple[list[Sheet], list[Grid | ImageBlock], list[str]]:
    """Returns the sheets of a file, its charts and pictures, and what is left out.

    Raises `ReadError` where it is broken.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"PK"
        if not packed:  # the flat form, one XML file
            result, problems = _sheets(BytesIO(path.read_bytes()), options)
            return result, [], problems
        with archive.open_archive(path, options) as opened:
            if b"encryption-data" in opened.read("META-INF/manifest.xml"):
                raise ReadError(f"{path.name} is protected by a password: save it without one to read it.")
            with opened.open("content.xml") as content:
                result, problems = _sheets(content, options)
            return result, [*_charts(opened), *_pictures(opened)], problems
    except (KeyError, etree.XMLSyntaxError, ValueError) as error:
        raise ReadError(f"{path.name} is no readable workbook: it is broken.") from error


def _sheets(content: IO[bytes], options: ReadOptions) -> tuple[list[Sheet], list[str]]:
    hidden: set[str] = set()
    results: list[Sheet] = []
    problems: list[str] = []
    events = etree.iterparse(content, events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=True)
    row = 0
    for event, node in events:
        name = etree.QName(node).localname if isinstance(node.tag, str) else ""
        if event == "start":
            if node.tag == odf.TABLE + "table" and not _is_inside(node, odf.TABLE + "table-cell"):
                results.append(
                    Sheet(node.get(odf.TABLE + "name", ""), hidden=node.get(odf.TABLE + "style-name") in hidden)
                )
                row = 0
            continue
        if name == "table-properties" and node.get(odf.TABLE + "display") == "false":
            hidden.add(node.getparent().get(odf.STYLE + "name"))
        elif node.tag == odf.TABLE + "table-column" and results and node.get(odf.TABLE + "visibility") in _UNSEEN:
            results[-1].hidden_columns += _repetitions(node, "columns")
        elif node.tag == odf.TABLE + "table-row" and results and not _is_inside(node, odf.TABLE + "table-cell"):
            row = _row(results[-1], node, row, options, problems)
            node.clear()
    return results, problems


_UNSEEN = ("collapse", "filter")


def _row(sheet: Sheet, node: etree._Element, row: int, options: ReadOptions, problems: list[str]) -> int:
    """Fills in a row and those that repeat it; the number of the row after them."""
    count = _repetitions(node, "rows")
    cells = list(_cells(node))
    if node.get(odf.TABLE + "visibility") in _UNSEEN and cells:
        sheet.hidden_rows += count
    for number in range(row, row + count) if cells else ():
        if len(sheet.cells) > options.max_cells:
            texts = (
                f"the sheet {sheet.name} has more than {options.max_cells:,} cells: only its first {number:,} rows are "
                "read (OCTAVO_READING__MAX_CELLS)"
            )
            if texts.split(":")[0] not in {problem.split(":")[0] for problem in problems}:
                problems.append(texts)
            break
        for column, text, spans, comment in cells:
            if text:
                sheet.cells[number, column] = text
            if spans != (1, 1):
                sheet.spans[number, column] = spans
            if comment:
                sheet.comments[number, column] = comment
    return row + count


def _cells(row: etree._Element) -> Iterator[tuple[int, str, tuple[int, int], str]]:
    """Yields the cells of a row that show something: column, text, spans and comment."""
    column = 0
    for cell in row.iterchildren(odf.TABLE + "table-cell", odf.TABLE + "covered-table-cell"):
        count = _repetitions(cell, "columns")
        covered = cell.tag == odf.TABLE + "covered-table-cell"
        text = "" if covered else " ".join(odf.words(p) for p in cell.iterchildren(odf.TEXT + "p")).strip()
        comment = "" if covered else " ".join(map(odf.comment, cell.iterchildren(odf.OFFICE + "annotation")))
        spans = (
            int(cell.get(odf.TABLE + "number-rows-spanned", 1)),
            int(cell.get(odf.TABLE + "number-columns-spanned", 1)),
        )
        for n in range(column, min(column + count, _MOST_COLUMNS)) if text or comment else ():
            yield n, text, spans, comment
        column += count


def _repetitions(node: etree._Element, what: str) -> int:
    return max(1, int(node.get(f"{odf.TABLE}number-{what}-repeated", 1)))


def _is_inside(node: etree._Element, tag: str) -> bool:
    return next(node.iterancestors(tag), None) is not None


def _charts(packed: zipfile.ZipFile) -> Iterator[Grid]:
    for name in sorted(packed.namelist()):
        if name.count("/") == 1 and name.endswith("/content.xml") and (grid := odf.chart(packed.read(name))):
            yield grid


def _pictures(packed: zipfile.ZipFile) -> Iterator[ImageBlock]:
    for name in [name for name in packed.namelist() if name.startswith("Pictures/")][:_MOST_PICTURES]:
        if picture := make_picture(packed.read(name)):
            yield picture
