"""Slides in their own XML: notes, hidden ones, tables, charts, alternative texts, formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from octavo.ingest.described import DrawingDescription
from octavo.ingest.errors import ReadError
from octavo.ingest.markup import formulas
from octavo.ingest.markup.text import header_rows, is_data
from octavo.ingest.model import Box, Kind
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive, charts
from octavo.ingest.readers.wordml import is_file_name
from octavo.ingest.table import Cell, Table
from octavo.ingest.text_layer import clean

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A14 = "{http://schemas.microsoft.com/office/drawing/2010/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SLIDE = re.compile(r"ppt/slides/slide\d+\.xml")
_AUTOMATIC = re.compile(
    r"\s*(?:Description automatically generated|AI-generated content may be incorrect"
    r"|Automatisch generierte Beschreibung|KI-generierte Inhalte können fehlerhaft sein).*$",
    re.S,
)
_WHOLE = Box(0, 0, 1, 1)


@dataclass(frozen=True, slots=True)
class Slides:
    """Slides by their number from 0, as a deck's XML describes them; `problems` are sentences about omissions."""

    notes: Mapping[int, str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    described: Mapping[int, tuple[DrawingDescription, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def prepare_pptx(path: Path, options: ReadOptions) -> dict[str, bytes]:
    """Returns the parts of a PPTX to replace for LibreOffice, which draws no formulas: they become a line of text."""
    changed: dict[str, bytes] = {}
    with archive.open_archive(path, options) as packed:
        for name in filter(_SLIDE.fullmatch, packed.namelist()):
            part = packed.read(name)
            if b"oMath" not in part:
                continue
            try:
                root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
            except etree.XMLSyntaxError:
                continue  # LibreOffice says what it makes of it
            _say_formulas(root)
            changed[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return changed


def _say_formulas(root: etree._Element) -> None:
    for math in [*root.iter(f"{_A14}m")]:
        formula = "; ".join(formulas.linear_office(formula_node) for formula_node in math.iter(f"{_M}oMath"))
        run = etree.Element(f"{_A}r")
        style = next(math.iter(f"{_A}rPr"), None)
        if style is not None:
            run.append(style)
        etree.SubElement(run, f"{_A}t").text = f" {formula} "
        if math.tail and math.tail.strip():
            run.tail = math.tail
        math.getparent().replace(math, run)
        choice = next(run.iterancestors(f"{_MC}Choice"), None)
        if choice is not None and choice.getparent().tag == f"{_MC}AlternateContent":
            alternative = choice.getparent()
            for shape in choice:
                alternative.addprevious(shape)
            alternative.getparent().remove(alternative)


def read(deck: Path, name: str) -> Slides:
    """Reads a PPTX; raises `ReadError`, which calls it `name`, where it is broken."""
    from pptx import Presentation
    from pptx.exc import PackageNotFoundError

    try:
        presentation = Presentation(str(deck))
        size = presentation.slide_width or 1, presentation.slide_height or 1
        slides = list(presentation.slides)
        notes = {n: s.notes_slide.notes_text_frame for n, s in enumerate(slides) if s.has_notes_slide}
        texts = {n: clean(frame.text.replace("\n", " ")) for n, frame in notes.items() if frame is not None}
        hidden = frozenset(n for n, s in enumerate(slides) if s.element.get("show") in ("0", "false"))
        described = {n: tuple(_describe(slide, size)) for n, slide in enumerate(slides)}
        media = sum(1 for slide in slides for _ in slide.element.iter(f"{_A}videoFile", f"{_A}audioFile"))
    except (PackageNotFoundError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise ReadError(f"{name} holds slides whose notes cannot be read: it is broken.") from error
    return Slides(
        {n: text for n, text in texts.items() if text},
        hidden,
        {n: item for n, item in described.items() if item},
        (f"{media} {'videos or sounds are' if media > 1 else 'video or sound is'} left out",) if media else (),
    )


def _describe(slide: Any, size: tuple[int, int]) -> Iterator[DrawingDescription]:
    for shape, box in _shapes(slide.shapes, (1 / size[0], 1 / size[1], 0.0, 0.0)):
        if getattr(shape, "has_table", False):
            if table := _table(shape.table, box):
                yield DrawingDescription(Kind.TABLE, box, table=table)
            continue
        if paragraphs := _paragraphs(shape):
            title = paragraphs[0] if _begins_with_title(shape) else ""
            yield DrawingDescription(Kind.TEXT, box, "\n".join(paragraphs[bool(title) :]), title=title)
        alternative = _alternative(shape)
        if getattr(shape, "has_chart", False) and (grid := charts.values(shape.chart.part.blob)):
            yield DrawingDescription(Kind.CHART, box, grid.caption, grid.table)
        if alternative:
            yield DrawingDescription(Kind.FIGURE, box, f"[Picture: {alternative}]")
        if points := _diagram(slide, shape):
            yield DrawingDescription(Kind.FIGURE, box, " · ".join(points))


def _shapes(shapes: Any, frame: tuple[float, float, float, float]) -> Iterator[tuple[Any, Box]]:
    """Yields all shapes, those in groups too, with their boxes as fractions of the slide.

    `frame` is what turns a shape's measures into those: two factors, and what is added to them.
    """
    x, y, left, top = frame
    for shape in shapes:
        if shape.left is None or shape.width is None:
            box = _WHOLE
        else:
            x0, y0 = left + shape.left * x, top + shape.top * y
            box = Box(x0, y0, x0 + shape.width * x, y0 + shape.height * y)
        if not hasattr(shape, "shapes"):
            yield shape, box
            continue
        inner = shape.element.find(f"{_P}grpSpPr/{_A}xfrm")
        start, extent = (None, None) if inner is None else (inner.find(f"{_A}chOff"), inner.find(f"{_A}chExt"))
        if start is None or extent is None or not int(extent.get("cx", 0)) or not int(extent.get("cy", 0)):
            yield from _shapes(shape.shapes, frame)
            continue
        across, down = box.width / int(extent.get("cx")), box.height / int(extent.get("cy"))
        origin = box.x0 - int(start.get("x", 0)) * across, box.y0 - int(start.get("y", 0)) * down
        yield from _shapes(shape.shapes, (across, down, *origin))


def _alternative(shape: Any) -> str:
    """Returns the alternative text of a shape, without what programs write by themselves."""
    about = next(shape.element.iter(f"{_P}cNvPr"), None)
    text = "" if about is None else _AUTOMATIC.sub("", about.get("descr") or "").strip()
    text = " ".join(text.split())
    return "" if is_file_name(text) else text


def _paragraphs(shape: Any) -> list[str]:
    """Returns the paragraphs of a text box with several."""
    if not getattr(shape, "has_text_frame", False):
        return []
    texts = [clean(paragraph.text.replace("\v", " ")) for paragraph in shape.text_frame.paragraphs]
    filled = [text for text in texts if text]
    return filled if len(filled) > 1 else []


def _begins_with_title(shape: Any) -> bool:
    """Returns whether the first paragraph of a text box is bold or larger, and the second is not."""
    filled = [paragraph for paragraph in shape.text_frame.paragraphs if paragraph.text.strip()][:2]
    if len(filled) < 2 or not all(paragraph.runs for paragraph in filled):
        return False
    first, second = (paragraph.runs[0].font for paragraph in filled)
    is_bold = bool(first.bold) and not second.bold
    return is_bold or bool(first.size and second.size and first.size > second.size)


def _table(table: Any, box: Box) -> Table | None:
    """Returns a table with its cells' boxes, as the file plans them."""
    widths, heights = [column.width for column in table.columns], [row.height for row in table.rows]
    xs, ys = _steps(widths, box.x0, box.width), _steps(heights, box.y0, box.height)
    cells = []
    for r, row in enumerate(table.rows):
        for c, cell in enumerate(row.cells):
            if cell.is_spanned:
                continue
            down = cell.span_height if cell.is_merge_origin else 1
            across = cell.span_width if cell.is_merge_origin else 1
            place = Box(xs[c], ys[r], xs[min(c + across, len(xs) - 1)], ys[min(r + down, len(ys) - 1)])
            text = clean(" ".join(cell.text_frame.text.split()))
            cells.append(Cell(r, c, text, place, row_span=down, column_span=across))
    if not any(cell.text for cell in cells):
        return None
    has_header = bool(table.first_row) and len(heights) > 1
    result = Table(tuple(cells))
    grid = result.grid()
    texts = [[cell.text if cell and cell.column == c else "" for c, cell in enumerate(row)] for row in grid]
    has_header = has_header and not is_data(texts[0], texts[1:])
    count = 1 if has_header else header_rows(texts) if len(texts) > 1 else 0
    return Table(tuple(cells), count)


def _steps(sizes: Sequence[int], start: float, whole: float) -> list[float]:
    """Returns the edges of columns or rows: where each begins, and where the last one ends."""
    result, total = [start], sum(sizes) or 1
    for size in sizes:
        result.append(result[-1] + whole * size / total)
    return result


def _diagram(slide: Any, shape: Any) -> list[str]:
    """Returns the points of a diagram (SmartArt)."""
    ids = next(shape.element.iter(f"{_DIAGRAM}relIds"), None)
    key = None if ids is None else ids.get(f"{_R}dm")
    if key is None or key not in slide.part.rels:
        return []
    root = etree.fromstring(
        slide.part.rels[key].target_part.blob, etree.XMLParser(resolve_entities=False, no_network=True)
    )
    points = (" ".join("".join(t.text or "" for t in p.iter(f"{_A}t")).split()) for p in root.iter(f"{_DIAGRAM}pt"))
    return [text for text in points if text]
