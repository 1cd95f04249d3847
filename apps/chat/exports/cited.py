"""The pictures that a conversation is exported with: cited pages, parts that were asked about, users' pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from octavo.apps.chat.pictures import PREFIX, PicturePages
from octavo.apps.chat.turns import RegionSelection, Turn
from octavo.ingest import OctavoError
from octavo.rag.answering.highlight import highlight
from octavo.rag.entry import CONCEPT
from octavo.rag.images import decode_image


@dataclass(frozen=True, slots=True)
class CitedPage:
    """A page that an answer cites: the citations' `numbers`, its document's name, `page` from 1, and its picture.

    The cited boxes are drawn on the picture; where there is none, `problem` says why.
    """

    numbers: tuple[int, ...]
    name: str
    page: int
    picture: Image.Image | None
    problem: str = ""


def cited_pages(turn: Turn, pages: PicturePages) -> Iterator[CitedPage]:
    """Yields the pages that a turn's answer cites, in the order of its citations, without the user's own concepts."""
    cited = turn.answer.citations if turn.answer else ()
    citations = tuple(c for c in cited if not c.document.startswith(CONCEPT))
    for document, page, name in dict.fromkeys((c.document, c.page, c.name) for c in citations):
        numbers = tuple(dict.fromkeys(c.number for c in citations if (c.document, c.page) == (document, page)))
        try:
            yield CitedPage(numbers, name, page + 1, highlight(pages, document, page, citations))
        except OctavoError as error:
            yield CitedPage(numbers, name, page + 1, None, str(error))


def part_picture(region: RegionSelection, pages: PicturePages) -> Image.Image:
    """Returns the part of a page that was asked about; raises `OctavoError` where its document is gone."""
    page = pages.page(region.document, region.page)
    image = decode_image(pages.image(page.image))
    return image.crop(page.pixels(region.box, image.size))


def own_picture(picture: str, pages: PicturePages) -> Image.Image:
    """Returns a picture that came with a question, by its id."""
    return decode_image(pages.image(PREFIX + picture))
