"""Regions of a page and their kinds, by the layout model of PyMuPDF."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from typing import Any

import pymupdf

from octavo.ingest.model import Box, Kind, Line

KINDS = {
    "title": Kind.TITLE,
    "section-header": Kind.SECTION_HEADER,
    "text": Kind.TEXT,
    "list-item": Kind.LIST,
    "table": Kind.TABLE,
    "picture": Kind.FIGURE,
    "caption": Kind.CAPTION,
    "formula": Kind.FORMULA,
    "footnote": Kind.FOOTNOTE,
    "page-header": Kind.PAGE_HEADER,
    "page-footer": Kind.PAGE_FOOTER,
}

Regions = list[tuple[Kind, Box]]


class Features(StrEnum):
    """The input of the layout model: its lines of text alone, or its picture as well."""

    LINES = "rf"
    PICTURE = "imf+rf"


def detect_regions(page: pymupdf.Page, features: Features) -> Regions:
    """Returns the regions of a page that has text: kinds and boxes in points."""
    frame = Box(*page.rect)
    results: Regions = []
    rows: Sequence[tuple[float, float, float, float, str]] = _model(features).predict(page)
    for x0, y0, x1, y1, name in rows:
        box = Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)) & frame
        if all(map(math.isfinite, box)) and box.area > 0:
            results.append((KINDS.get(name, Kind.TEXT), box))
    return results


def hidden_text(frame: Box, lines: Sequence[Line]) -> pymupdf.Document:
    """Returns a one-page document with OCR's lines where they stand, so that the layout model can see them."""
    document = pymupdf.open()
    write(document.new_page(width=frame.width, height=frame.height), lines)
    return document


def write(page: pymupdf.Page, lines: Sequence[Line]) -> None:
    """Writes lines onto a page where they stand, as text."""
    font = pymupdf.Font("helv")
    for line in lines:
        size = max(3.0, 0.85 * line.box.height)
        width = font.text_length(line.text, size) or 1.0
        stretch = pymupdf.Matrix(line.box.width / width, 1)
        start = pymupdf.Point(line.box.x0, line.box.y1 - 0.2 * line.box.height)
        page.insert_text(start, line.text, fontsize=size, morph=(start, stretch))


@cache
def _model(features: Features) -> Any:
    """Returns the layout model, without the part that tells the cells of tables, which `layout.tables` reads."""
    from pymupdf.layout.onnx.BoxRFDGNN import BoxRFDGNN

    images = {"imf_model_path": ""} if features is Features.LINES else {}
    with _on_one_thread():
        model = BoxRFDGNN(feature_set_name=features, use_sort=True, **images)
    model.table_grid_extractor = None
    return model


@contextmanager
def _on_one_thread() -> Iterator[None]:
    """Has a model that is made meanwhile run on one thread: those of several processes would wait for each other.

    The layout model offers no such setting, but makes its sessions with `onnxruntime.SessionOptions()`.
    """
    import onnxruntime

    usual = onnxruntime.SessionOptions

    class OneThread(usual):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            super().__init__()
            self.intra_op_num_threads = 1

    onnxruntime.SessionOptions = OneThread
    try:
        yield
    finally:
        onnxruntime.SessionOptions = usual
