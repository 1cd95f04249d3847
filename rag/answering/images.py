"""Pictures of the evidence for a model: screenshots of pages, and crops of figures and tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Literal

from PIL import Image

from octavo.ingest import Box, Page
from octavo.ingest.imaging import encode
from octavo.ingest.model import PICTURES
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import PageStore
from octavo.rag.images import decode_image

_PIXELS_PER_TOKEN = 28 * 28
"""Pixels of one token of the vision encoders of the Qwen-VL family; others need fewer tokens for a picture."""
_OVERHEAD = 8
_LEAST_SIDE = 700
"""Pixels of the longer side at which a page can still be read."""
_PAGES_EACH = 2
_MIN_SHARE, _MAX_SHARE = 0.03, 0.6
"""An element's share of its page, between which its crop shows more than the page does."""
_CACHED_IMAGES = 64
"""Pictures that are kept as they were sent, about 20 MB with the screenshots that they come from."""


@dataclass(slots=True)
class Picture:
    """A picture for a prompt: `file`, or the pixels `crop` of it, at most `size`; it is drawn when it is sent.

    It `shows` something, in words, and belongs to the evidence of these `numbers`.
    """

    file: bytes
    size: tuple[int, int]
    crop: tuple[int, int, int, int] | None = None
    shows: str = ""
    numbers: list[int] = field(default_factory=list)

    @classmethod
    def of_file(
        cls,
        file: bytes,
        side: int,
        crop: tuple[int, int, int, int] | None = None,
        shows: str = "",
        numbers: Sequence[int] = (),
    ) -> Picture:
        """Returns a picture file, or a part of it, with sides of at most `side` pixels."""
        left, top, right, bottom = crop or (0, 0, *_size(file))
        return cls(file, _fitting((right - left, bottom - top), side), crop, shows, list(numbers))

    @property
    def tokens(self) -> int:
        """An estimate from above."""
        return self.size[0] * self.size[1] // _PIXELS_PER_TOKEN + _OVERHEAD

    @property
    def least(self) -> float:
        """The factor on its sides down to which it can be read."""
        return min(1.0, _LEAST_SIDE / max(self.size))

    def shrink(self, factor: float) -> None:
        """Makes its sides `factor` times as long, where that is less."""
        if factor < 1:
            self.size = _fitting(self.size, max(1, int(max(self.size) * factor)))

    def jpeg(self) -> bytes:
        """Returns the picture in the format that every server decodes."""
        return _jpeg(self.file, self.crop, self.size)


def _size(file: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(file)) as opened:
        return opened.size


def _fitting(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Returns a size of the same shape whose longer side has at most `side` pixels."""
    factor = min(1.0, side / max(size))
    return max(1, int(size[0] * factor)), max(1, int(size[1] * factor))


@lru_cache(_CACHED_IMAGES)
def _jpeg(file: bytes, crop: tuple[int, int, int, int] | None, size: tuple[int, int]) -> bytes:
    """Draws a picture once for all questions whose evidence it is: that costs more than the search for it."""
    image = decode_image(file)
    if crop:
        image = image.crop(crop)
    return encode(image if image.size == size else image.resize(size, Image.Resampling.BICUBIC), "JPEG", 88)


ImageBudget = Literal["shaped", "equal"]
"""How pictures share the tokens of a prompt: each by its size and shape, or all alike."""


def pictures(
    evidence: Sequence[Evidence],
    pages: PageStore,
    count: int,
    side: int,
    tokens: int,
    budget: ImageBudget = "shaped",
) -> list[Picture]:
    """Returns at most `count` pictures of at most `side` pixels within `tokens`: pages first, then crops of them.

    A figure or a table that is evidence itself is a crop. Each page is shown once, for all evidence on it.
    """
    wishes = _wishes(evidence, pages) if count > 0 else []
    return allot_tokens([wish.picture(pages, side) for wish in wishes[:count]], tokens, budget)


def count_pictures(evidence: Sequence[Evidence], pages: PageStore) -> int:
    """Returns the number of pictures that the evidence has."""
    return len(_wishes(evidence, pages))


def allot_tokens(pictures: Sequence[Picture], tokens: int, budget: ImageBudget = "shaped") -> list[Picture]:
    """Returns as many of the first pictures as can be read within `tokens`, each with a share by its own size.

    Shares by size and shape, and by how many there are, follow LEOPARD (arXiv 2410.01744); that no picture is made so
    small that it cannot be read, and that the last ones are left out instead, is our choice. With `equal` all have
    the same share.
    """
    for count in range(len(pictures), 0, -1):
        chosen = pictures[:count]
        if factors := _equal_factors(chosen, tokens) if budget == "equal" else _factors(chosen, tokens):
            for picture, factor in zip(chosen, factors, strict=True):
                picture.shrink(factor)
            return list(chosen)
    return []


def _factors(pictures: Sequence[Picture], tokens: int) -> list[float]:
    """Returns a factor for the sides of each picture, so that all fit; none where they would be too small to read."""
    factors: dict[int, float] = {}
    while len(factors) < len(pictures):
        remaining = tokens - sum(_tokens(pictures[n], factor) for n, factor in factors.items())
        free = [n for n in range(len(pictures)) if n not in factors]
        pixels = sum(_tokens(pictures[n], 1.0) - _OVERHEAD for n in free)
        room = remaining - _OVERHEAD * len(free)
        if room <= 0:
            return []
        factor = min(1.0, math.sqrt(room / max(1.0, pixels)))
        small = {n: pictures[n].least for n in free if pictures[n].least > factor}
        factors |= small or dict.fromkeys(free, factor)
    total = sum(_tokens(pictures[n], factor) for n, factor in factors.items())
    fits = total <= tokens or math.isclose(total, tokens)
    return [factors[n] for n in range(len(pictures))] if fits else []


def _equal_factors(pictures: Sequence[Picture], tokens: int) -> list[float]:
    """Returns a factor for the sides of each picture that gives all the same tokens; none where one cannot be read."""
    room = tokens / len(pictures) - _OVERHEAD
    if room <= 0:
        return []
    factors = [min(1.0, math.sqrt(room / max(1.0, _tokens(picture, 1.0) - _OVERHEAD))) for picture in pictures]
    can_be_read = all(factor >= picture.least for picture, factor in zip(pictures, factors, strict=True))
    return factors if can_be_read else []


def _tokens(picture: Picture, factor: float) -> float:
    return picture.size[0] * picture.size[1] * factor * factor / _PIXELS_PER_TOKEN + _OVERHEAD


@dataclass(slots=True)
class _Wish:
    """A page, or a region of it, that belongs to evidence of these numbers."""

    document: str
    name: str
    page: Page
    box: Box | None
    numbers: list[int]

    @property
    def shows(self) -> str:
        part = f"a part of page {self.page.number + 1}" if self.box else f"page {self.page.number + 1}"
        return f"{part} of {self.name}"

    def picture(self, pages: PageStore, side: int) -> Picture:
        """Returns the picture with sides of at most `side` pixels."""
        file = pages.image(self.page.image)
        crop = self.page.pixels(self.box, _size(file)) if self.box else None
        return Picture.of_file(file, side, crop, self.shows, self.numbers)


def _wishes(evidence: Sequence[Evidence], pages: PageStore) -> list[_Wish]:
    """Returns the pictures of evidence, the most useful first, each once."""
    result: dict[tuple[str, int, Box | None], _Wish] = {}
    for wish in [*_first(evidence, pages), *_crops(evidence, pages)]:
        existing = result.setdefault((wish.document, wish.page.number, wish.box), wish)
        existing.numbers += [number for number in wish.numbers if number not in existing.numbers]
    return list(result.values())


def _first(evidence: Sequence[Evidence], pages: PageStore) -> Iterator[_Wish]:
    for number, e in enumerate(evidence, 1):
        for n in list(dict.fromkeys(region.page for region in e.regions))[:_PAGES_EACH]:
            page = pages.page(e.document, n)
            if page.image:
                yield _Wish(e.document, e.name, page, e.regions[0].box if e.kind in PICTURES else None, [number])


def _crops(evidence: Sequence[Evidence], pages: PageStore) -> Iterator[_Wish]:
    for number, e in enumerate(evidence, 1):
        for region in e.regions:
            page = pages.page(e.document, region.page)
            for element in page.elements:
                inside = element.index == region.element or (
                    region.element is None and element.box.coverage(region.box) > 0.5
                )
                share = element.box.area / (page.box.area or 1)
                if page.image and inside and element.kind in PICTURES and _MIN_SHARE < share < _MAX_SHARE:
                    yield _Wish(e.document, e.name, page, element.box, [number])
