"""The chat's HTML: Jinja templates that escape all that documents, models and people wrote."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from octavo.apps.chat.model_check import in_chat_words
from octavo.apps.chat.pictures import PREFIX
from octavo.rag.entry import CONCEPT

if TYPE_CHECKING:
    from octavo.ingest import Box
    from octavo.rag import Evidence


def render(template: str, **values: object) -> Markup:
    """Returns the HTML of a template of `templates/`, escaped unless it is markup already.

    >>> print(render("embedding.html", name="<b>", variables={}).strip())
    <p class="hint">Now in use: &lt;b&gt;.</p>
    """
    return Markup(_environment().get_template(template).render(values))  # noqa: S704


def truncate(text: str, letters: int) -> str:
    """Returns text on one line, of so many letters at most.

    >>> truncate("one  two three", 8)
    'one two…'
    """
    text = " ".join(text.split())
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def lines(text: str) -> Markup:
    """Returns text whose line ends are kept.

    >>> print(lines("<a>\\nb"))
    &lt;a&gt;<br>b
    """
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def coordinates(box: Box) -> str:
    """Returns a box (PDF points) as it stands in an address."""
    return ",".join(f"{v:.1f}" for v in box)


def pages(e: Evidence) -> str:
    """Returns the pages of a piece of evidence, as people count them."""
    if e.document.startswith(PREFIX):
        return "your picture"
    if e.document.startswith(CONCEPT):
        return "your concept"
    numbers = sorted({region.page + 1 for region in e.regions} or {e.page + 1})
    return f"pages {numbers[0]}–{numbers[-1]}" if len(numbers) > 1 else f"page {numbers[0]}"


def picture(e: Evidence) -> str:
    """Returns the address of the crop of a piece of evidence; empty for a concept, which stands on no page."""
    from octavo.ingest import Box

    if e.document.startswith(CONCEPT):
        return ""
    if e.document.startswith(PREFIX):
        return f"/pictures/questions/{e.document.removeprefix(PREFIX)}.webp"
    boxes = [region.box for region in e.regions if region.page == e.page]
    if not boxes:
        return f"/pictures/pages/{e.document}/{e.page}.webp?width=320"
    return f"/pictures/crops/{e.document}/{e.page}/{coordinates(Box.around(boxes))}.webp?width=320"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("octavo.apps.chat"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "coordinates": coordinates,
        "cut": truncate,
        "lines": lines,
        "in_chat_words": in_chat_words,
        "pages": pages,
        "picture": picture,
    }
    environment.filters.update(filters)
    return environment
