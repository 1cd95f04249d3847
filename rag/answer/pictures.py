"""Which pictures of the evidence a model is shown: pages as they look, and crops of figures and tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from ingest import Box, Page

from ..evidence import Evidence
from ..picture import decoded, part
from ..sight import PICTURES, Pages

_PIXELS_PER_TOKEN = 28 * 28
"""What the vision encoders of the Qwen-VL family make one token of; others need fewer tokens for a picture."""
_LEAST_SIDE = 700
_PAGES_EACH = 2
_MIN_SHARE, _MAX_SHARE = 0.03, 0.6
"""An element's share of its page, between which its crop shows more than the page does."""


@dataclass(slots=True)
class Picture:
    """A picture for a prompt: what it shows in words, and the numbers of the evidence it belongs to."""

    image: Image.Image
    shows: str
    numbers: list[int] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """An estimate from above."""
        return self.image.width * self.image.height // _PIXELS_PER_TOKEN + 8

    def shrink(self, tokens: int) -> None:
        """Makes the picture smaller where it has more tokens, down to a side at which a page can be read."""
        side = max(self.image.size)
        fitting = int(side * math.sqrt(max(0, tokens - 8) / self.tokens))
        if fitting < side:
            self.image.thumbnail((max(_LEAST_SIDE, fitting),) * 2)

    def jpeg(self) -> bytes:
        """The picture in the format that every server decodes."""
        out = BytesIO()
        self.image.save(out, "JPEG", quality=88)
        return out.getvalue()


def pictures(evidence: Sequence[Evidence], pages: Pages, count: int, side: int, tokens: int) -> list[Picture]:
    """At most `count` pictures of at most `side` pixels within `tokens`: pages first, then crops of them.

    A figure or a table that is evidence itself is a crop. Each page is shown once, for all evidence on it.
    """
    found: dict[tuple[str, int, Box | None], Picture] = {}
    if not count:
        return []
    for number, name, page, document, box in [*_first(evidence, pages), *_crops(evidence, pages)]:
        key = (document, page.number, box)
        if key in found:
            if number not in found[key].numbers:
                found[key].numbers.append(number)
            continue
        if len(found) == count:
            break
        shown = f"a part of page {page.number + 1}" if box else f"page {page.number + 1}"
        picture = Picture(_draw(page, pages, box, side), f"{shown} of {name}", [number])
        picture.shrink(tokens)
        if picture.tokens > tokens:
            break
        tokens -= picture.tokens
        found[key] = picture
    return list(found.values())


_Wish = tuple[int, str, Page, str, Box | None]


def _first(evidence: Sequence[Evidence], pages: Pages) -> Iterator[_Wish]:
    for number, e in enumerate(evidence, 1):
        for n in list(dict.fromkeys(region.page for region in e.regions))[:_PAGES_EACH]:
            page = pages.page(e.document, n)
            if page.image:
                yield number, e.name, page, e.document, e.regions[0].box if e.kind in PICTURES else None


def _crops(evidence: Sequence[Evidence], pages: Pages) -> Iterator[_Wish]:
    for number, e in enumerate(evidence, 1):
        for region in e.regions:
            page = pages.page(e.document, region.page)
            for element in page.elements:
                inside = element.index == region.element or (
                    region.element is None and element.box.coverage(region.box) > 0.5
                )
                share = element.box.area / (page.box.area or 1)
                if page.image and inside and element.kind in PICTURES and _MIN_SHARE < share < _MAX_SHARE:
                    yield number, e.name, page, e.document, element.box


def _draw(page: Page, pages: Pages, box: Box | None, side: int) -> Image.Image:
    image = decoded(pages.image(page.image))
    if box:
        image = part(image, page, box)
    image.thumbnail((side, side))
    return image
