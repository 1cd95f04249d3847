"""Turns as HTML that stands alone, for the exported page and for PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from PIL import Image

from octavo.apps.chat.conversation import written_answer
from octavo.apps.chat.exports.cited import CitedPage, cited_pages, own_picture, part_picture
from octavo.apps.chat.markup import render
from octavo.apps.chat.pictures import PicturePages
from octavo.apps.chat.turns import Turn
from octavo.ingest import OctavoError


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture by its address, its size in CSS pixels, and what stands under it."""

    address: str
    width: int
    height: int
    text: str


Address = Callable[[Image.Image], str]
"""Keeps a picture and returns the address that names it in the HTML."""


def exported_turns(
    turns: Sequence[Turn], title: str, pages: PicturePages, address: Address, width: int, height: int
) -> Markup:
    """Returns a conversation's title and turns; no picture is wider or higher than so many CSS pixels."""

    def fit(image: Image.Image, text: str) -> ShownPicture:
        scale = min(width / image.width, height / image.height, 1)
        return ShownPicture(address(image), round(image.width * scale), round(image.height * scale), text)

    parts = []
    for number, turn in enumerate(turns, 1):
        cited = list(cited_pages(turn, pages))
        parts.append(
            render(
                "exported_turn.html",
                number=number,
                turn=turn,
                asked=list(_question_html(turn, pages, fit)),
                text=_text(turn, number, cited),
                cited=[(page, fit(page.picture, "") if page.picture else None) for page in cited],
            )
        )
    return render("exported_turns.html", title=title, turns=parts)


def _question_html(
    turn: Turn, pages: PicturePages, show: Callable[[Image.Image, str], ShownPicture]
) -> Iterator[ShownPicture]:
    for region in turn.asked.regions:
        text = f"Asked about this part of {region.name}, page {region.page + 1}"
        try:
            yield show(part_picture(region, pages), text)
        except OctavoError as error:
            yield ShownPicture("", 0, 0, f"{text} ({error})")
    for picture in turn.asked.pictures:
        yield show(own_picture(picture, pages), "")


def _text(turn: Turn, number: int, cited: Sequence[CitedPage]) -> Markup:
    """Returns the answer; each citation leads to its page below."""

    def cite(label: int, _: str) -> Markup:
        place = next((n for n, page in enumerate(cited, 1) if label in page.numbers), None)
        return render("exported_cite.html", number=number, place=place, label=label) if place else Markup()

    return written_answer(turn.answer, cite) if turn.answer else Markup()
