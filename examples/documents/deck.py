"""`deck.pptx`: a board meeting's slides with notes, a native table and chart; or the same slides as a PDF."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymupdf
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt

from examples.documents.draw import (
    AMBER,
    BARS,
    BLUE,
    BOLD,
    GREY,
    INK,
    NAVY,
    PALE,
    RULE,
    SANS,
    WHITE,
    Colour,
    Sheet,
    save,
)
from examples.documents.slides import SLIDES, Chart, Slide

WIDTH, HEIGHT, NOTES = 960, 540, 96
LEFT, RIGHT, TOP, KEY = 64, 896, 150, 690
BULLETS, TITLE_ONLY = 1, 5
"""Layouts of the template that python-pptx brings."""
INSET = 7
"""The distance of text from the edge of its box in PowerPoint."""
RINGS, RINGS_AT = (50, 78, 108, 140, 174), (820, 100)
TITLE = "Northlight Observatory: plan for 2019"


def write_pptx(path: Path) -> Path:
    """Writes the deck in PowerPoint's format."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(WIDTH), Pt(HEIGHT)
    for number, slide in enumerate(SLIDES, 1):
        made = deck.slides.add_slide(deck.slide_layouts[BULLETS if slide.bullets else TITLE_ONLY])
        _fill(made, slide, number)
        made.notes_slide.notes_text_frame.text = slide.notes
        if slide.hidden:
            made.element.set("show", "0")
    deck.core_properties.title = TITLE
    deck.core_properties.author = "Octavo demo"
    packed = io.BytesIO()
    deck.save(packed)
    path.write_bytes(_dated(packed.getvalue()))
    return path


def _fill(made: Any, slide: Slide, number: int) -> None:
    title = made.shapes.title
    if number == 1:
        made.background.fill.solid()
        made.background.fill.fore_color.rgb = _rgb(NAVY)
        for radius in RINGS:
            _oval(made, *RINGS_AT, radius)
        _place(title, LEFT, 190, RIGHT, 260)
        _write(title.text_frame, [slide.title], 44, WHITE, bold=True)
        _write(_textbox(made, LEFT, 270, RIGHT, 310), [slide.subtitle], 20, RULE)
        _box(made, LEFT + INSET, 172, LEFT + 77, 177, AMBER)
        return
    _place(title, LEFT, 52, RIGHT, 104)
    _write(title.text_frame, [slide.title], 32, NAVY, bold=True)
    _box(made, LEFT + INSET, 108, LEFT + 57, 112, AMBER)
    _write(_textbox(made, 500, 500, RIGHT, 524), [str(number)], 11, GREY, align=PP_ALIGN.RIGHT)
    if slide.bullets:
        body = made.placeholders[1]
        _place(body, LEFT, TOP - 6, KEY - 20, 480)
        _write(body.text_frame, slide.bullets, 22, INK, space=12)
        _box(made, KEY, TOP, RIGHT, TOP + 130, PALE)
        _box(made, KEY, TOP, KEY + 5, TOP + 130, AMBER)
        figure, label = slide.key
        _write(_textbox(made, KEY + 18, TOP + 22, RIGHT, TOP + 76), [figure], 38, NAVY, bold=True)
        _write(_textbox(made, KEY + 18, TOP + 78, RIGHT, TOP + 110), [label], 16, GREY)
    if slide.table:
        _table(made, slide.table)
    if slide.chart:
        _chart(made, slide.chart)


def _rgb(colour: Colour) -> RGBColor:
    return RGBColor(*(round(255 * part) for part in colour))


def _place(shape: Any, x0: float, y0: float, x1: float, y1: float) -> None:
    shape.left, shape.top, shape.width, shape.height = Pt(x0), Pt(y0), Pt(x1 - x0), Pt(y1 - y0)


def _textbox(made: Any, x0: float, y0: float, x1: float, y1: float) -> Any:
    return made.shapes.add_textbox(Pt(x0), Pt(y0), Pt(x1 - x0), Pt(y1 - y0)).text_frame


def _box(made: Any, x0: float, y0: float, x1: float, y1: float, fill: Colour) -> None:
    box = _shape(made, MSO_SHAPE.RECTANGLE, x0, y0, x1, y1)
    box.fill.solid()
    box.fill.fore_color.rgb = _rgb(fill)
    box.line.fill.background()


def _oval(made: Any, x: float, y: float, radius: float) -> None:
    oval = _shape(made, MSO_SHAPE.OVAL, x - radius, y - radius, x + radius, y + radius)
    oval.fill.background()
    oval.line.color.rgb, oval.line.width = _rgb(BLUE), Pt(1)


def _shape(made: Any, kind: MSO_SHAPE, x0: float, y0: float, x1: float, y1: float) -> Any:
    """Returns a shape without the shadow that the template's style gives it."""
    shape = made.shapes.add_shape(kind, Pt(x0), Pt(y0), Pt(x1 - x0), Pt(y1 - y0))
    shape.element.remove(shape.element.find(qn("p:style")))
    return shape


def _write(
    frame: Any,
    texts: Sequence[str],
    size: float,
    colour: Colour,
    *,
    bold: bool = False,
    align: PP_ALIGN = PP_ALIGN.LEFT,
    space: float = 0,
) -> None:
    """Fills a text frame with one paragraph for each text."""
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    for n, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
        paragraph.alignment, paragraph.space_after = align, Pt(space)
        run = paragraph.add_run()
        run.text = text
        run.font.name, run.font.size, run.font.bold = "Arial", Pt(size), bold
        run.font.color.rgb = _rgb(colour)


def _table(made: Any, rows: Any) -> None:
    columns = len(rows[0])
    shape = made.shapes.add_table(len(rows), columns, Pt(LEFT + INSET), Pt(TOP), Pt(700), Pt(42 * len(rows)))
    table = shape.table
    table.horz_banding = False
    for n, width in enumerate([400, *([150] * (columns - 1))]):
        table.columns[n].width = Pt(width)
    for n, row in enumerate(rows):
        stressed = n in (0, len(rows) - 1)
        for m, text in enumerate(row):
            cell = table.cell(n, m)
            cell.fill.solid()
            cell.fill.fore_color.rgb = _rgb(NAVY if n == 0 else PALE if stressed else WHITE)
            align = PP_ALIGN.RIGHT if m else PP_ALIGN.LEFT
            _write(cell.text_frame, [text], 18, WHITE if n == 0 else INK, bold=stressed, align=align)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE


def _chart(made: Any, chart: Chart) -> None:
    data = CategoryChartData()
    data.categories = list(chart.labels)
    for name, values in chart.series.items():
        data.add_series(name, values)
    frame = made.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Pt(LEFT), Pt(TOP - 10), Pt(RIGHT - LEFT), Pt(350), data
    )
    native = frame.chart
    native.font.size, native.font.name = Pt(14), "Arial"
    native.has_legend = True
    native.legend.position, native.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    axis = native.value_axis
    axis.maximum_scale, axis.minimum_scale, axis.major_unit = chart.top, 0, chart.step
    axis.major_gridlines.format.line.color.rgb = _rgb(RULE)
    axis.has_title = True
    axis.axis_title.text_frame.text = chart.unit
    plot = native.plots[0]
    plot.gap_width, plot.overlap, plot.has_data_labels = 60, -5, True
    for series, colour in zip(plot.series, BARS, strict=True):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = _rgb(colour)


def _dated(packed: bytes) -> bytes:
    """Returns a package with the dates in it set to one day, so that it is the same whenever it is made."""
    settled = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith(".xlsx"):
                data = _dated(data)
            elif name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2018-11-12T09:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, (2018, 11, 12, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return settled.getvalue()


def write_pdf(path: Path) -> Path:
    """Writes the deck as a PDF, each slide with its notes below it, without the hidden one."""
    document = pymupdf.open()
    for number, slide in enumerate(SLIDES, 1):
        if not slide.hidden:
            _draw(Sheet(document, WIDTH, HEIGHT + NOTES), slide, number)
    return save(document, path, TITLE)


def _draw(sheet: Sheet, slide: Slide, number: int) -> None:
    if number == 1:
        sheet.box(0, 0, WIDTH, HEIGHT, NAVY)
        for radius in RINGS:
            sheet.page.draw_circle(RINGS_AT, radius, color=BLUE, width=1)
        sheet.box(LEFT, 172, LEFT + 70, 177, AMBER)
        sheet.text(LEFT, 236, slide.title, 44, BOLD, WHITE)
        sheet.text(LEFT, 296, slide.subtitle, 20, SANS, RULE)
    else:
        sheet.text(LEFT, 92, slide.title, 32, BOLD, NAVY)
        sheet.box(LEFT, 108, LEFT + 50, 112, AMBER)
        sheet.text(RIGHT, 514, str(number), 11, SANS, GREY, "right")
    if slide.bullets:
        for n, text in enumerate(slide.bullets):
            sheet.text(LEFT, TOP + 24 + 44 * n, f"•  {text}", 22)
        sheet.box(KEY, TOP, RIGHT, TOP + 130, PALE)
        sheet.box(KEY, TOP, KEY + 5, TOP + 130, AMBER)
        figure, label = slide.key
        sheet.text(KEY + 25, TOP + 64, figure, 38, BOLD, NAVY)
        sheet.text(KEY + 25, TOP + 98, label, 16, SANS, GREY)
    if slide.table:
        sheet.table(LEFT, TOP, (400, 150, 150), slide.table, 18, 42, (len(slide.table) - 1,))
    if slide.chart:
        c = slide.chart
        sheet.bars((LEFT + 50, TOP + 40, RIGHT, 460), c.labels, c.series, c.top, c.step, c.unit, 14)
    sheet.box(0, HEIGHT, WIDTH, HEIGHT + NOTES, PALE)
    sheet.paragraph(LEFT, HEIGHT + 36, RIGHT - LEFT, f"Speaker notes: {slide.notes}", 15, SANS)
