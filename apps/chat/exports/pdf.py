"""A conversation as PDF."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from io import BytesIO

import pymupdf
from PIL import Image

from octavo.apps.chat.exports.spelled_formulas import spell_formulas
from octavo.apps.chat.exports.turns import exported_turns
from octavo.apps.chat.pictures import PicturePages
from octavo.apps.chat.turns import Turn
from octavo.ingest import OctavoError

WIDTH, HEIGHT = 470, 620
"""The largest size of a picture, in points."""
MOST_PAGES = 3000
_MARGIN = 54
_STYLE = """
body { font-family: sans-serif; font-size: 10.5pt; line-height: 1.4; }
h1 { font-size: 17pt; margin-bottom: 6pt; } h2 { font-size: 12.5pt; margin-top: 16pt; margin-bottom: 5pt; }
.answer h1 { font-size: 13.5pt; } .question { color: #1e3a8a; }
.caption, .foot { font-size: 8.5pt; color: #555555; margin-top: 7pt; margin-bottom: 3pt; }
.problem { color: #92400e; } .unsupported { color: #92400e; font-size: 8pt; font-weight: normal; }
.cite { color: #1d4ed8; font-size: 8pt; }
pre, code { font-family: monospace; font-size: 9pt; } pre { white-space: pre-wrap; }
td, th { border: 0.5pt solid #999999; padding: 2pt; }
"""
_drawing = threading.Lock()
"""PyMuPDF draws in one thread at a time."""


def to_pdf(turns: Sequence[Turn], title: str, pages: PicturePages) -> bytes:
    """Returns the file, on A4; raises `OctavoError` for a conversation of more than `MOST_PAGES` pages."""
    pictures: list[bytes] = []

    def address(image: Image.Image) -> str:
        out = BytesIO()
        image.convert("RGB").save(out, "JPEG", quality=85)
        pictures.append(out.getvalue())
        return f"{len(pictures)}.jpg"

    html = spell_formulas(exported_turns(turns, title, pages, address, WIDTH, HEIGHT))
    with _drawing:
        archive = pymupdf.Archive()
        for number, picture in enumerate(pictures, 1):
            archive.add((picture, f"{number}.jpg"))
        return _draw(pymupdf.Story(html=str(html), user_css=_STYLE, archive=archive), title)


def _draw(story: pymupdf.Story, title: str) -> bytes:
    paper = pymupdf.paper_rect("a4")
    inside = pymupdf.Rect(_MARGIN, _MARGIN, paper.width - _MARGIN, paper.height - _MARGIN)
    out, has_more, count = BytesIO(), True, 0
    writer = pymupdf.DocumentWriter(out)
    while has_more:
        count += 1
        if count > MOST_PAGES:
            raise OctavoError(f"The conversation takes more than {MOST_PAGES} pages: export it as HTML or Markdown.")
        device = writer.begin_page(paper)
        has_more, _ = story.place(inside)
        story.draw(device)
        writer.end_page()
    writer.close()
    with pymupdf.open("pdf", out.getvalue()) as written:
        written.set_metadata({"title": title, "producer": "Octavo"})
        result: bytes = written.tobytes(garbage=3, deflate=True)
        return result
