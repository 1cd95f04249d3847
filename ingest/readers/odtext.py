"""ODT files made ready for LibreOffice: what it would lose or run together is written into their text.

Tracked changes are accepted; alternative texts and the values of charts stand below what they are about; formulas are
written in one line.
"""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path

from lxml import etree

from octavo.ingest.markup import odf
from octavo.ingest.markup.blocks import Grid
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive
from octavo.ingest.readers.wordml import is_file_name

_PARTS = ("content.xml", "styles.xml")
_HREF = "{http://www.w3.org/1999/xlink}href"
_MARKS = tuple(odf.TEXT + name for name in ("change", "change-start", "change-end"))


def prepare_odt(path: Path, options: ReadOptions) -> tuple[dict[str, bytes], list[str]]:
    """Returns the parts of an ODT that change, and what is left out, in sentences."""
    changed: dict[str, bytes] = {}
    deleted = 0
    with archive.open_archive(path, options) as packed:
        names = set(packed.namelist())
        for name in filter(names.__contains__, _PARTS):
            root = odf.parse_xml(packed.read(name))
            if root is None:  # LibreOffice says what it makes of it
                continue
            deleted += _accept(root)
            for frame in [*root.iter(odf.DRAW + "frame")]:
                _say_frame(frame, packed, names)
            changed[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    if not deleted:
        return changed, []
    return changed, [f"{deleted} tracked deletion{'s are' if deleted > 1 else ' is'} left out"]


def _accept(root: etree._Element) -> int:
    """Accepts tracked changes, whose deleted text the file keeps apart; how many deletions of text that were."""
    deleted = 0
    for changes in [*root.iter(odf.TEXT + "tracked-changes")]:
        deleted += sum(bool(odf.words(deletion)) for deletion in changes.iter(odf.TEXT + "deletion"))
        _remove(changes)
    for mark in [*root.iter(*_MARKS)]:
        _remove(mark)
    return deleted


def _remove(node: etree._Element, replacement: str = "") -> None:
    """Takes a node out; the text `replacement` and what follows it stay in its place."""
    parent, before, text = node.getparent(), node.getprevious(), replacement + (node.tail or "")
    if before is not None:
        before.tail = (before.tail or "") + text
    else:
        parent.text = (parent.text or "") + text
    parent.remove(node)


def _say_frame(frame: etree._Element, packed: zipfile.ZipFile, names: set[str]) -> None:
    """Writes what stands for a picture, a chart or a formula into the text."""
    inside = frame.find(odf.DRAW + "object")
    part = posixpath.normpath(f"{inside.get(_HREF, '')}/content.xml") if inside is not None else ""
    content = packed.read(part) if part in names else b""
    if content and (formula := odf.formula(content)):
        _remove(frame, f" {formula} ")
        return
    paragraphs: list[etree._Element] = []
    if content and (grid := odf.chart(content)):
        paragraphs += [_paragraph(grid.caption), _table(grid)]
    texts = (" ".join((frame.findtext(odf.SVG + name) or "").split()) for name in ("desc", "title"))
    text = next((text for text in texts if text and not is_file_name(text)), "")
    if text:
        paragraphs.append(_paragraph(f"[Picture: {text}]"))
    if paragraphs:
        below = next(frame.iterancestors(odf.TEXT + "p", odf.TEXT + "h"), frame)
        tail, below.tail = below.tail, None
        for element in reversed(paragraphs):
            below.addnext(element)
        paragraphs[-1].tail = tail


def _paragraph(text: str) -> etree._Element:
    paragraph = etree.Element(odf.TEXT + "p")
    paragraph.text = "".join(c for c in text if c >= " ")
    return paragraph


def _table(grid: Grid) -> etree._Element:
    table = etree.Element(odf.TABLE + "table")
    etree.SubElement(
        table, odf.TABLE + "table-column", {odf.TABLE + "number-columns-repeated": str(grid.table.column_count)}
    )
    for row in grid.table.grid():
        line = etree.SubElement(table, odf.TABLE + "table-row")
        for cell in row:
            etree.SubElement(line, odf.TABLE + "table-cell").append(_paragraph(cell.text if cell else ""))
    return table
