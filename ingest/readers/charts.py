"""Charts of office files: the title and the values behind them, which the file keeps beside the drawing."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence

from lxml import etree

from octavo.ingest.markup.blocks import Grid
from octavo.ingest.markup.numbers import format_value
from octavo.ingest.table import Table

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MOST_POINTS = 2_000
_RANGE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?$")

Lookup = Callable[[str], Sequence[str]]
"""From the cells that a chart refers to (`Costs!$B$2:$B$9`) to what they show, for charts that keep no copy of it."""


def charts(packed: zipfile.ZipFile, folder: str, lookup: Lookup | None = None) -> Iterator[tuple[str, Grid]]:
    """Yields each chart in a folder of a packed office file: its part's name and its values, the series as columns."""
    for name in packed.namelist():
        if name.startswith(f"{folder}chart") and name.endswith(".xml") and "/" not in name[len(folder) :]:
            grid = values(packed.read(name), lookup)
            if grid:
                yield name, grid


def values(part: bytes, lookup: Lookup | None = None) -> Grid | None:
    """Returns the title and values of a chart from its XML; `None` where it keeps no values."""
    try:
        root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError:
        return None
    series = list(root.iter(f"{_C}ser"))

    def points(item: etree._Element, *names: str) -> dict[int, str]:
        return next(filter(None, (_points(item.find(f"{_C}{name}"), lookup) for name in names)), {})

    columns = [(_name(item, lookup), points(item, "val", "yVal"), points(item, "bubbleSize")) for item in series]
    names: dict[int, str] = {}
    for item in series:
        names = names or points(item, "cat", "xVal")
    places = sorted({place for _, *item in columns for there in item for place in there} | set(names))[:_MOST_POINTS]
    if not places or not columns:
        return None
    shown_columns = [(name, item) for name, item, _ in columns]
    shown_columns += [(f"{name} (size)".strip(), sizes) for name, _, sizes in columns if sizes]
    rows = [[_axis(root), *(name for name, _ in shown_columns)]]
    rows += [
        [names.get(place, str(place + 1)), *(item.get(place, "") for _, item in shown_columns)] for place in places
    ]
    title = _title(root.find(f".//{_C}chart/{_C}title"))
    if not title and len(series) == 1 and root.find(f".//{_C}autoTitleDeleted[@val='0']") is not None:
        title = columns[0][0]
    return Grid(Table.of(rows, header_rows=1), f"Chart: {title}" if title else "Chart")


def cells_of(formula: str, sheets: Mapping[str, Mapping[tuple[int, int], str]]) -> list[str]:
    """Returns the texts of the cells of a range, row by row; none for what is no range of one row or column.

    >>> cells_of("'P&L'!$B$2:$B$3", {"P&L": {(1, 1): "7", (2, 1): "9"}})
    ['7', '9']
    """
    match = _RANGE.match(formula)
    cells = sheets.get((match[1] or "").replace("''", "'") or match[2] or "") if match else None
    if match is None or cells is None:
        return []
    first, top = _column(match[3]), int(match[4]) - 1
    last, bottom = (_column(match[5]), int(match[6]) - 1) if match[5] else (first, top)
    if (first != last and top != bottom) or bottom - top > _MOST_POINTS or last - first > _MOST_POINTS:
        return []
    return [cells.get((row, column), "") for row in range(top, bottom + 1) for column in range(first, last + 1)]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _axis(root: etree._Element) -> str:
    """Returns the title of the axis of categories."""
    return next(filter(None, (_title(axis.find(f"{_C}title")) for axis in root.iter(f"{_C}catAx", f"{_C}dateAx"))), "")


def _title(title: etree._Element | None) -> str:
    if title is None:
        return ""
    return " ".join(" ".join("".join(t.text or "" for t in p) for p in _paragraphs(title)).split())


def _paragraphs(title: etree._Element) -> Iterator[Iterator[etree._Element]]:
    paragraphs = list(title.iter(f"{_A}p")) or [title]
    for paragraph in paragraphs:
        yield paragraph.iter(f"{_A}t", f"{_C}v")


def _name(series: etree._Element, lookup: Lookup | None) -> str:
    name = series.find(f"{_C}tx")
    if name is None:
        return ""
    cached = " ".join("".join(v.text or "" for v in name.iter(f"{_C}v")).split())
    return cached or " ".join(_looked_up(name, lookup)).strip()


def _looked_up(values: etree._Element, lookup: Lookup | None) -> Sequence[str]:
    formula = next((f.text for f in values.iter(f"{_C}f")), None)
    return lookup(formula) if lookup and formula else ()


def _points(values: etree._Element | None, lookup: Lookup | None) -> dict[int, str]:
    """Returns the values of a series or the names of its categories, by their number; several levels are joined."""
    if values is None:
        return {}
    points: dict[int, str] = {}
    for cache in values.iter(f"{_C}numCache", f"{_C}strCache", f"{_C}numLit", f"{_C}strLit", f"{_C}lvl"):
        code = cache.findtext(f"{_C}formatCode") or "General"
        for point in cache.iterchildren(f"{_C}pt"):
            text = _value(point.findtext(f"{_C}v") or "", point.get("formatCode") or code)
            place = int(point.get("idx", "0"))
            points[place] = f"{text} {points[place]}" if place in points else text
    return points or {place: text for place, text in enumerate(_looked_up(values, lookup)) if text}


def _value(text: str, code: str) -> str:
    try:
        return format_value(float(text), code)
    except ValueError:
        return " ".join(text.split())
