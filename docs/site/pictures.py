"""Draws the pictures of the concepts from the sample report: `python -m docs.site.pictures`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from docs.site.pages import DOCS
from octavo import Pipeline
from octavo.apps.samples import copy_sample
from octavo.ingest import Kind
from octavo.rag.documents import StoredPage

PICTURES = DOCS / "pictures"
PAGE = 2
QUESTION = "What was revenue in 2018?"
COLORS = {Kind.TABLE: "#b45309", Kind.CAPTION: "#7c3aed", Kind.SECTION_HEADER: "#0f766e", Kind.TEXT: "#1d4ed8"}
GREY, EVIDENCE, DROPPED = "#6b7280", "#1d4ed8", "#9ca3af"


def main() -> None:
    """Writes all pictures."""
    with tempfile.TemporaryDirectory() as folder, Pipeline(Path(folder) / "library") as pipeline:
        pipeline.ingest(copy_sample("report.pdf", Path(folder)), copy_sample("deck.pdf", Path(folder)))
        page = pipeline.document("report.pdf").pages[PAGE]
        draw_elements(page, pipeline.settings.reading.dpi).save(PICTURES / "elements.png", optimize=True)
        settings = pipeline.settings
        scores = [hit.score for hit in pipeline.search(QUESTION, level="chunk", k=10)]
    svg = draw_scores(scores, settings.threshold, settings.relative_threshold)
    (PICTURES / "scores.svg").write_text(svg, encoding="utf-8")


def draw_elements(page: StoredPage, dpi: int) -> Image.Image:
    """Returns the screenshot of a page with the box and the kind of each element."""
    picture = page.image.convert("RGB")
    scale = dpi / 72
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(18)
    for element in page.elements:
        color = COLORS.get(element.kind, GREY)
        x0, y0, x1, y1 = (value * scale for value in element.box)
        draw.rectangle((x0 - 4, y0 - 3, x1 + 4, y1 + 3), outline=color, width=3)
        label = (x1 + 8, (y0 + y1) / 2)
        if label[0] + draw.textlength(element.kind.value, font) > picture.width:
            label = (picture.width - draw.textlength(element.kind.value, font) - 6, y0 - 12)
        draw.text(label, element.kind.value, color, font, anchor="lm")
    return picture.resize((picture.width * 2 // 3, picture.height * 2 // 3)).quantize(64)


def draw_scores(scores: list[float], threshold: float, relative: float) -> str:
    """Returns bars of the scores, best first, with the threshold and the part of the best score that evidence needs."""
    left, width, height, step = 40, 620, 200, 58
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 150} {height + 50}" '
        'font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, score in enumerate(scores):
        x, top = left + 10 + number * step, 15 + height * (1 - score)
        color = EVIDENCE if score >= relative * scores[0] else DROPPED
        parts.append(f'<rect x="{x}" y="{top:.1f}" width="36" height="{height * score:.1f}" fill="{color}"/>')
        parts.append(f'<text x="{x + 18}" y="{height + 32}" text-anchor="middle" fill="{GREY}">{score:.2f}</text>')
    for value, name in ((threshold, f"threshold, {threshold:g}"), (relative * scores[0], f"{relative:g} of the best")):
        y = 15 + height * (1 - value)
        parts.append(f'<path d="M{left} {y:.1f}H{left + width}" stroke="#b45309" stroke-dasharray="5 4"/>')
        parts.append(f'<text x="{left + width + 6}" y="{y + 4:.1f}" fill="#b45309">{name}</text>')
    return "\n".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    main()
