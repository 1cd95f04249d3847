"""Charts of office files: the title and the values behind them, which the file keeps beside the drawing."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from lxml import etree

from octavo.ingest.markup.blocks import Grid
from octavo.ingest.markup.numbers import shown
from octavo.ingest.table import Table

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MOST_POINTS = 2_000


def charts(packed: zipfile.ZipFile, folder: str) -> Iterator[tuple[str, Grid]]:
    """Each chart in a folder of a packed office file: its part's name and its values, the series as columns."""
    for name in packed.namelist():
        if name.startswith(f"{folder}chart") and name.endswith(".xml") and "/" not in name[len(folder) :]:
            grid = values(packed.read(name))
            if grid:
                yield name, grid


def values(part: bytes) -> Grid | None:
    """What a chart shows, from its XML; `None` where it keeps no values."""
    try:
        root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError:
        return None
    series = list(root.iter(f"{_C}ser"))
    columns = [(_name(one), _points(one.find(f"{_C}val")) or _points(one.find(f"{_C}yVal"))) for one in series]
    names: dict[int, str] = {}
    for one in series:
        names = names or _points(one.find(f"{_C}cat")) or _points(one.find(f"{_C}xVal"))
    places = sorted({place for _, points in columns for place in points} | set(names))[:_MOST_POINTS]
    if not places or not columns:
        return None
    rows = [["", *(name for name, _ in columns)]]
    rows += [[names.get(place, str(place + 1)), *(points.get(place, "") for _, points in columns)] for place in places]
    title = root.find(f".//{_C}chart/{_C}title")
    said = "" if title is None else " ".join("".join(t.text or "" for t in title.iter(f"{_A}t", f"{_C}v")).split())
    return Grid(Table.of(rows, header_rows=1), f"Chart: {said}" if said else "Chart")


def _name(series: etree._Element) -> str:
    said = series.find(f"{_C}tx")
    return "" if said is None else " ".join("".join(v.text or "" for v in said.iter(f"{_C}v")).split())


def _points(values: etree._Element | None) -> dict[int, str]:
    """The cached values of a series or the names of its categories, by their number; several levels are joined."""
    if values is None:
        return {}
    found: dict[int, str] = {}
    for cache in values.iter(f"{_C}numCache", f"{_C}strCache", f"{_C}numLit", f"{_C}strLit", f"{_C}lvl"):
        code = cache.findtext(f"{_C}formatCode") or "General"
        for point in cache.iterchildren(f"{_C}pt"):
            text = _value(point.findtext(f"{_C}v") or "", code)
            place = int(point.get("idx", "0"))
            found[place] = f"{text} {found[place]}" if place in found else text
    return found


def _value(text: str, code: str) -> str:
    try:
        return shown(float(text), code)
    except ValueError:
        return " ".join(text.split())
