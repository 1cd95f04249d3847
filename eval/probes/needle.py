"""Needle (MMNeedle, arXiv 2406.11230): is a figure found by its caption among many, stitched into grids?

A haystack has M pictures, each a grid of N × N figures or pages of the library; the needle is described by its caption
or title. The reply is `index, row, column`, all from 1, or -1 where it is not there, as in half of the cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PIL import Image

from octavo.eval.probes.base import Figure, ProbeTarget, Trial, by_variant, mean
from octavo.eval.runs.rows import Row
from octavo.ingest import Box
from octavo.ingest.imaging import encode
from octavo.ingest.model import FIGURES
from octavo.ingest.store.library import Library

GRIDS = (1, 2, 4, 8)
"""Figures along each side of a picture (N)."""
PICTURES = (1, 10)
"""Pictures of a haystack (M)."""
_CASES = 40
_SIDE = 1024
_FEW = 3
"""Words that a caption has at least."""
_ASK = """Each of the {m} pictures above is a grid of {n} rows and {n} columns of figures or pages. Find the one with \
this caption: "{caption}". Reply with three numbers from 1: the index of the picture, the row and the column, such as \
1, 1, 1. If it is in none of them, reply with -1. Reply with nothing else."""


@dataclass(frozen=True, slots=True)
class Straw:
    """A figure or a page of the library with its caption or title."""

    document: str
    page: int
    box: Box | None
    caption: str


class Needle:
    """The probe of the needle: `limit` of the data is the number of cases of each cell (40 without)."""

    needs_model = True

    def trials(self, source: ProbeTarget) -> Iterator[Trial]:
        """Yields cases for each M and N for which the library has enough figures and pages."""
        straws = straws_of(source)
        for m in PICTURES:
            for n in GRIDS:
                if len(straws) > m * n * n:
                    for case in range(source.limit or _CASES):
                        yield Trial(f"{m}x{n}/{case}", partial(_measure, source, straws, m, n, case))

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        """Returns existence, index and exact accuracy of each cell."""
        results: list[Figure] = []
        for variant, own in by_variant(rows).items():
            present = [row for row in own if row["gold"]]
            results += mean(f"{variant}: existence", own, lambda row: row["existence"])
            results += mean(f"{variant}: index", present, lambda row: row["index"])
            results += mean(f"{variant}: exact", present, lambda row: row["exact"])
        return results


PROBE = Needle()


def straws_of(source: ProbeTarget) -> list[Straw]:
    """Returns the figures with captions of the documents, and the pages with titles; each caption once."""
    results: dict[str, Straw] = {}
    for identity in sorted(set(source.ids.values())):
        for page in source.pipeline.library.document(identity).pages:
            captions = {e.about: e.text for e in page.elements if e.about is not None}
            figures = [e for e in page.elements if e.kind in FIGURES and captions.get(e.index)]
            captioned: list[tuple[str, Box | None]] = [(captions[e.index], e.box) for e in figures] or [
                (page.title, None)
            ]
            for caption, box in captioned:
                caption = " ".join(caption.split())[:200]
                if page.image and len(caption.split()) >= _FEW:
                    results.setdefault(caption, Straw(identity, page.number, box, caption))
    return list(results.values())


def _measure(source: ProbeTarget, straws: Sequence[Straw], m: int, n: int, case: int) -> Row:
    draw = source.draw("needle", str(m), str(n), str(case))
    needle, *hay = draw.sample(list(straws), m * n * n + 1)
    place = draw.randrange(len(hay)) if case % 2 == 0 else None
    if place is not None:
        hay[place] = needle
    library = source.pipeline.library
    grids = [encode(_grid(library, hay[i * n * n : (i + 1) * n * n], n), "JPEG", 85) for i in range(m)]
    gold = [place // (n * n) + 1, place % (n * n) // n + 1, place % n + 1] if place is not None else []
    reply = source.ask_model(*grids, _ASK.format(m=m, n=n, caption=needle.caption), max_tokens=100)
    reply_place = place_of(reply)
    return {
        "variant": f"{m} pictures, {n}×{n}",
        "gold": gold,
        "reply": reply,
        "existence": bool(reply_place) == bool(gold),
        "index": bool(reply_place and gold and reply_place[0] == gold[0]),
        "exact": bool(gold) and list(reply_place) == gold,
    }


def place_of(reply: str) -> tuple[int, ...]:
    """Returns the index, row and column that a reply names; empty for -1 and for what is no place.

    >>> place_of("Picture 2, 1, 3."), place_of("-1"), place_of("1 and 2"), place_of("I cannot tell")
    ((2, 1, 3), (), (), ())
    """
    if re.search(r"-\s?1\b", reply):
        return ()
    numbers = [int(number) for number in re.findall(r"\d+", reply)]
    return tuple(numbers[:3]) if len(numbers) >= 3 else ()


def _grid(library: Library, straws: Sequence[Straw], n: int) -> Image.Image:
    side = _SIDE // n
    grid = Image.new("RGB", (_SIDE, _SIDE), "white")
    for place, straw in enumerate(straws):
        if straw.box:
            image = library.crop(straw.document, straw.page, straw.box)
        else:
            image = library.screenshot(straw.document, straw.page)
        image.thumbnail((side - 4, side - 4))
        row, column = divmod(place, n)
        grid.paste(image, (column * side + 2, row * side + 2))
    return grid
