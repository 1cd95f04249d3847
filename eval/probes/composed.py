"""Composed retrieval: is a figure found by the picture of another one and words that say what is different?

A document of charts and tables is drawn, which differ in what is measured, where and in which year. The picture of a
chart is asked about with words that change it, as in CIRR (arXiv 2108.04024) and CIRCO: another year, another place, a
table instead. Beside both together, the words and the picture are asked about alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Literal

import pymupdf

from octavo.eval.probes.base import Figure, ProbeTarget, Trial, by_variant, mean
from octavo.eval.runs.rows import Row
from octavo.ingest import OctavoError
from octavo.ingest.store.files import write_file
from octavo.rag import Level, Pipeline, Scope

_MEASURES = {
    "Ferry passengers": ("Morning", "Midday", "Evening", "Night"),
    "Grain harvest in tonnes": ("Wheat", "Barley", "Rye", "Oats"),
    "Library loans": ("Novels", "Atlases", "Records", "Journals"),
}
_PLACES = ("Norholm", "Eastmere", "Quillbay")
_YEARS = (2016, 2017, 2018)
_CUTS = (1, 5)
_WIDTH, _HEIGHT, _FRAME = 480.0, 360.0, pymupdf.Rect(40, 30, 440, 320)
_DPI = 144
_QUESTIONS = {
    "another year": "The same for {year}",
    "another place": "The same for {place} instead of {old}",
    "a table": "The same as a table",
}
FORMS = ("words", "picture", "both")


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A measure at a place in a year, which a page shows as a chart or a table."""

    measure: str
    place: str
    year: int
    kind: Literal["chart", "table"] = "chart"

    @property
    def title(self) -> str:
        return f"{self.measure}, {self.place}, {self.year}"


DRAWINGS = [
    _Drawing(measure, place, year, kind)
    for measure, place, year in product(_MEASURES, _PLACES, _YEARS)
    for kind in ("chart", "table")
]


class Composed:
    """The probe of composed retrieval: as many charts as the data's `limit`, or all; it needs no model."""

    needs_model = False

    def trials(self, source: ProbeTarget) -> Iterator[Trial]:
        """Yields a trial for each chart and each change."""
        document = _draw(source)
        file = source.folder / "drawn.pdf"
        write_file(file, document.tobytes())
        settings = source.pipeline.settings.model_copy(
            update={"library": source.folder / "library", "copies": "keep"}  # the drawings are nearly alike
        )
        pipeline = source.resources.enter_context(Pipeline(settings))
        [result] = pipeline.ingest(file)
        charts = [drawing for drawing in DRAWINGS if drawing.kind == "chart"]
        source.draw("composed").shuffle(charts)
        for drawing in charts[: source.limit or None]:
            picture = document[DRAWINGS.index(drawing)].get_pixmap(dpi=_DPI, clip=_FRAME).tobytes("png")
            for change in _QUESTIONS:
                gold, question = _changed(source, drawing, change)
                measure = partial(_measure, pipeline, result.document, change, question, picture, gold)
                yield Trial(f"{drawing.title}/{change}", measure)

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        """Returns page recall by the kind of change, of words, picture and both."""
        results: list[Figure] = []
        for change, own in by_variant(rows).items():
            for form in FORMS:
                for k in _CUTS:
                    recalls = [row["ranks"][form] for row in own]
                    results += mean(f"{change}, {form}: page recall@{k}", recalls, partial(_is_within, k))
        return results


PROBE = Composed()


def _is_within(k: int, rank: int) -> bool:
    return 0 < rank <= k


def _changed(source: ProbeTarget, drawing: _Drawing, change: str) -> tuple[_Drawing, str]:
    """Returns what a change of a chart asks for, and the words that do."""
    draw = source.draw("composed", drawing.title, change)
    year = draw.choice([year for year in _YEARS if year != drawing.year])
    place = draw.choice([place for place in _PLACES if place != drawing.place])
    changed = {
        "another year": replace(drawing, year=year),
        "another place": replace(drawing, place=place),
        "a table": replace(drawing, kind="table"),
    }
    return changed[change], _QUESTIONS[change].format(year=year, place=place, old=drawing.place)


def _measure(pipeline: Pipeline, document: str, change: str, question: str, picture: bytes, gold: _Drawing) -> Row:
    scope, page = Scope(documents=(document,)), DRAWINGS.index(gold)
    ranks = {}
    for form in FORMS:
        try:
            hits = pipeline.search(
                "" if form == "picture" else question,
                level=Level.PAGE,
                k=max(_CUTS),
                scope=scope,
                picture=None if form == "words" else picture,
            )
        except OctavoError:  # words or a picture that nothing can be searched by
            hits = []
        ranks[form] = next((n for n, hit in enumerate(hits, 1) if hit.page == page), 0)
    return {"variant": change, "question": question, "ranks": ranks}


def _draw(source: ProbeTarget) -> pymupdf.Document:
    document = pymupdf.open()
    for drawing in DRAWINGS:
        page = document.new_page(width=_WIDTH, height=_HEIGHT)
        page.insert_text((60, 60), drawing.title, fontsize=15)
        draw = source.draw("drawing", drawing.title)
        values = {name: draw.randrange(120, 980) for name in _MEASURES[drawing.measure]}
        for n, (name, value) in enumerate(values.items()):
            if drawing.kind == "chart":
                left, bottom = 70 + 90 * n, 290
                bar = pymupdf.Rect(left, bottom - value / 5, left + 50, bottom)
                page.draw_rect(bar, color=(0.1, 0.3, 0.6), fill=(0.3, 0.5, 0.8))
                page.insert_text((left, bar.y0 - 4), f"{value}", fontsize=11)
                page.insert_text((left, bottom + 15), name, fontsize=11)
            else:
                top = 100 + 30 * n
                page.draw_line((60, top + 10), (300, top + 10))
                page.insert_text((70, top), name, fontsize=12)
                page.insert_text((240, top), f"{value}", fontsize=12)
    return document
