"""The XML of OpenDocument files: words, comments, formulas, and the values behind charts."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from octavo.ingest.markup import formulas
from octavo.ingest.markup.blocks import Grid
from octavo.ingest.table import Table

_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
OFFICE, TEXT, TABLE, STYLE, DRAW = (_SPACE % name for name in ("office", "text", "table", "style", "drawing"))
SVG = _SPACE % "svg-compatible"
_CHART = _SPACE % "chart"
_DC = "{http://purl.org/dc/elements/1.1/}"
_MATH = "{http://www.w3.org/1998/Math/MathML}math"
_MOST_ROWS = 2_000
_UNSEEN = frozenset({
    OFFICE + "annotation", OFFICE + "annotation-end", TEXT + "note-citation", TEXT + "tracked-changes", SVG + "title",
    SVG + "desc",
})  # fmt: skip


def parse_xml(part: bytes) -> etree._Element | None:
    """Returns the tree of an XML part; `None` where it is broken. Nothing outside of it is read."""
    try:
        return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError:
        return None


def words(node: etree._Element) -> str:
    """Returns the words of a paragraph on one line, without its comments."""
    return " ".join("".join(_texts(node)).split())


def _texts(node: etree._Element) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if child.tag in (TEXT + "s", TEXT + "tab", TEXT + "line-break"):
            yield " "
        elif isinstance(child.tag, str) and child.tag not in _UNSEEN:
            yield from _texts(child)
        yield child.tail or ""


def comment(node: etree._Element) -> str:
    """Returns the text of an annotation after its author."""
    author = " ".join((node.findtext(_DC + "creator") or "").split())
    text = " ".join(words(p) for p in node.iter(TEXT + "p"))
    return f"{author}: {text}" if author and text else text


def formula(part: bytes) -> str:
    """Returns the formula of an embedded object in one line; empty where it is none."""
    root = parse_xml(part)
    math = None if root is None else root if root.tag == _MATH else root.find(f".//{_MATH}")
    return "" if math is None else formulas.linear(math)


def chart(part: bytes) -> Grid | None:
    """Returns the title and the values of an embedded chart; `None` where it is none, or keeps no values."""
    root = parse_xml(part)
    chart_node = None if root is None else root.find(f".//{_CHART}chart")
    table = None if chart_node is None else chart_node.find(TABLE + "table")
    if chart_node is None or table is None:
        return None
    rows = [
        [" ".join(words(p) for p in cell.iterchildren(TEXT + "p")) for cell in row.iterchildren(TABLE + "table-cell")]
        for row in table.iter(TABLE + "table-row")
    ][:_MOST_ROWS]
    width = max(map(len, rows), default=0)
    if width < 2 or len(rows) < 2:
        return None
    title = chart_node.find(_CHART + "title")
    title_text = "" if title is None else " ".join(words(p) for p in title.iter(TEXT + "p"))
    return Grid(
        Table.of([[*row, *[""] * (width - len(row))] for row in rows], header_rows=1),
        f"Chart: {title_text}" if title_text else "Chart",
    )
