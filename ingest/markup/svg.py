"""SVG drawings made ready for MuPDF, which draws no HTML in them."""

from __future__ import annotations

import re

from lxml import etree

_SVG = "{http://www.w3.org/2000/svg}"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_LINES = frozenset({"div", "p", "br", "li", "tr", "h1", "h2", "h3"})
_SIZE = 12.0
_FOREIGN = re.compile(rb"foreignObject|<image", re.I)


def prepare_svg(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Returns a drawing whose HTML parts (`<foreignObject>`, as of diagram programs' labels) are text, and what is
    left out of it, in sentences.
    """
    if not _FOREIGN.search(data):
        return data, ()
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError:
        return data, ()
    for foreign in [*root.iter(f"{_SVG}foreignObject")]:
        lines = [line for line in _lines(foreign) if line]
        foreign.getparent().replace(foreign, _text(foreign, lines))
    elsewhere = sum(1 for image in root.iter(f"{_SVG}image") if not _address(image).startswith(("data:", "#")))
    left_out = "1 picture is" if elsewhere == 1 else f"{elsewhere} pictures are"
    return etree.tostring(root), (f"{left_out} elsewhere and not fetched",) if elsewhere else ()


def _address(image: etree._Element) -> str:
    return next((address for name in _HREFS if (address := image.get(name))), "#")


def _lines(node: etree._Element) -> list[str]:
    """Returns the words of HTML, each block on a line."""
    lines = [""]

    def walk(part: etree._Element) -> None:
        is_line = isinstance(part.tag, str) and etree.QName(part).localname in _LINES
        if is_line:
            lines.append("")
        lines[-1] += part.text or "" if isinstance(part.tag, str) else ""
        for child in part:
            walk(child)
            lines[-1] += child.tail or ""
        if is_line:
            lines.append("")

    walk(node)
    return [" ".join(line.split()) for line in lines]


def _text(foreign: etree._Element, lines: list[str]) -> etree._Element:
    """Returns the lines as text in the middle of the box that the HTML is laid out in."""
    x, y, width, height = (_number(foreign.get(name)) for name in ("x", "y", "width", "height"))
    group = etree.Element(f"{_SVG}g")
    if transform := foreign.get("transform"):
        group.set("transform", transform)
    top = y + height / 2 - (len(lines) - 1) * _SIZE * 0.6 + _SIZE * 0.35
    for n, line in enumerate(lines):
        place = {"x": f"{x + width / 2:.1f}", "y": f"{top + n * _SIZE * 1.2:.1f}"}
        text = etree.SubElement(group, f"{_SVG}text", place | {"font-size": str(_SIZE), "text-anchor": "middle"})
        text.text = line
    group.tail = foreign.tail
    return group


def _number(value: str | None) -> float:
    match = re.match(r"\s*(-?\d+(?:\.\d+)?)(?:px)?\s*$", value or "")
    return float(match[1]) if match else 0.0
