"""Figures and charts described in words by the model that answers, so that words find them too.

The image summaries of "Beyond Text" (arXiv 2410.21943), kept beside the picture, which is still what a model is shown.
As in Image Textualization (2406.07502), the prompt holds the text that is read in the picture, and the numbers of the
summary are checked against it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from octavo.ingest import Document, Element, Page
from octavo.ingest.chunking.chunker import chunk
from octavo.ingest.engines.base import Descriptions
from octavo.ingest.model import FIGURES
from octavo.ingest.store.library import Library
from octavo.rag.answering.endpoint import connect
from octavo.rag.clients.calls import map_concurrent, retry_shortened
from octavo.rag.clients.chat import ChatClient
from octavo.rag.clients.messages import Message
from octavo.rag.figure_facts import FigureFacts, doubtful_numbers, read_facts, strike_numbers
from octavo.rag.images import decode_image, encode_image, fit_image, halve_image
from octavo.rag.index import Index
from octavo.rag.settings import DescriptionStyle, Settings

_PROMPTS: dict[DescriptionStyle, str] = {
    "search": "Describe this figure from a document for someone who searches for it: what it shows, its title, labels, "
    "axes and units, and the values that can be read. State only what is there. At most 120 words, no introduction.",
    "short": "Say in one sentence what this figure from a document shows, with its subject, place and time. State only "
    "what is there, no introduction.",
    "detailed": "Describe this figure from a document part by part, then as a whole. Of each part say where it is, "
    "what it shows and what is written in it, word for word; then the title, axes, units, each value that can be read, "
    "and how the parts relate. State only what is there. At most 300 words, no introduction.",
    "values": "Give the values of this figure from a document as a Markdown table, its series and units as names of "
    "columns, after one line with its title. Where it shows no values, list what is written in it. State only what can "
    "be read, no introduction.",
}
_READ = "Read in the figure by other means, perhaps not all of it and not without mistakes:"
_CONFIRM = (
    "Which of these numbers are written in this figure, or can be counted in it: {numbers}? Reply with a JSON list of "
    "them, as they stand here, and nothing else."
)
_CHECKED = " checked"
"""Ends the name of the model under which descriptions are kept whose numbers are checked."""
_LEAST_SHARE = 0.01
"""A figure with a smaller share of its page is an ornament."""
_AT_ONCE = 8
_TOKENS = 500
_MAX_PIXELS = 1_300_000


@dataclass(frozen=True, slots=True)
class _Figure:
    page: int
    element: int
    picture: bytes
    facts: FigureFacts
    words: str

    def shorter(self) -> _Figure:
        """Returns the same with half the pixels."""
        return replace(self, picture=halve_image(self.picture))


class Describer:
    """Describes up to `settings.describe` figures of a document; each description is kept at once.

    So what is ingested again, also after it was stopped, is not described twice. `load_image` gives the screenshots
    of its pages. Raises `AnswerError`.
    """

    def __init__(self, load_image: Callable[[str], bytes], descriptions: Descriptions, settings: Settings) -> None:
        self._load_image, self._kept, self._settings = load_image, descriptions, settings

    def __call__(self, document: Document) -> Document:
        """Returns the document with descriptions after the text of its figures and pages, and in its chunks."""
        figures = self._figures(document)
        if not figures:
            return document
        if not self._settings.llm_url:
            descriptions = [figure.facts.summary for figure in figures]
        else:
            with connect(self._settings) as chat:
                descriptions = list(map_concurrent(lambda figure: self._description(chat, figure), figures, _AT_ONCE))
        result = {
            (f.page, f.element): text
            for f, text in zip(figures, descriptions, strict=True)
            if text and text not in f.words
        }
        return _with(document, result, self._settings.reading.chunk_words) if result else document

    def _figures(self, document: Document) -> list[_Figure]:
        results: list[_Figure] = []
        for page in document.pages:
            figures = [e for e in page.elements if e.kind in FIGURES and e.box.area > _LEAST_SHARE * page.box.area]
            if not figures or not page.image or len(results) >= self._settings.describe:
                continue
            image = decode_image(self._load_image(page.image))
            for e in figures:
                crop = image.crop(page.pixels(e.box, image.size))
                facts = read_facts(page, e, crop)
                results.append(_Figure(page.number, e.index, encode_image(crop, lossless=True), facts, e.text))
        return results[: self._settings.describe]

    def _description(self, chat: ChatClient, figure: _Figure) -> str:
        style = self._settings.describe_style
        name = chat.name if style == "search" else f"{chat.name}, {style}"
        key = hashlib.sha256(figure.picture).hexdigest(), name + _CHECKED
        stored = self._kept.description(*key)
        if stored is not None:
            return stored
        description = retry_shortened(
            lambda smaller: chat.complete(_messages(smaller, style), max_tokens=_TOKENS), figure
        )
        if description.ending.refused:
            return ""
        text = _check(chat, figure, description.text)
        self._kept.save_description(*key, text)
        return text


def _check(chat: ChatClient, figure: _Figure, description: str) -> str:
    """Returns a description without the numbers that no label holds and the model itself does not confirm."""
    doubtful = doubtful_numbers(description, figure.facts)
    if not doubtful:
        return description
    ask = _CONFIRM.format(numbers=", ".join(doubtful))
    reply = retry_shortened(lambda smaller: chat.complete(_ask(smaller, ask), max_tokens=_TOKENS), figure)
    return strike_numbers(description, [number for number in doubtful if number not in _confirmed(reply.text)])


def _confirmed(reply: str) -> frozenset[str]:
    """Returns the numbers in a JSON list within a reply; none where there is no list."""
    try:
        values = json.loads(reply[reply.index("[") : reply.rindex("]") + 1])
    except ValueError:
        return frozenset()
    return frozenset(map(str, values))


def _messages(figure: _Figure, style: DescriptionStyle) -> list[Message]:
    listing = figure.facts.listing
    return _ask(figure, f"{_PROMPTS[style]}\n\n{_READ}\n{listing}" if listing else _PROMPTS[style])


def _ask(figure: _Figure, prompt: str) -> list[Message]:
    picture, _ = fit_image(figure.picture, _MAX_PIXELS)
    return [Message("user", (picture, prompt))]


def describe_library(library: Library, index: Index, settings: Settings) -> int:
    """Describes figures of the documents that a library has; returns how many documents gained descriptions.

    A figure that has its description already is left as it is. Raises `AnswerError`.
    """
    describer, count = Describer(library.image, library.model_output, settings), 0
    with index.writing():
        for info in library.documents():
            document = library.document(info.id)
            described = describer(document)
            if described != document:
                index.add(described, described.path, replace=True)
                count += 1
    return count


def _with(document: Document, descriptions: dict[tuple[int, int], str], words: int) -> Document:
    """Returns the document with its figures' descriptions, chunked again: figures without words are in chunks too."""
    pages = tuple(_page(page, descriptions) for page in document.pages)
    return replace(document, pages=pages, chunks=chunk(pages, words))


def _page(page: Page, descriptions: dict[tuple[int, int], str]) -> Page:
    added = [descriptions[page.number, e.index] for e in page.elements if (page.number, e.index) in descriptions]
    elements = tuple(_element(e, descriptions.get((page.number, e.index), "")) for e in page.elements)
    return replace(page, text=_join(page.text, added), elements=elements) if added else page


def _element(element: Element, text: str) -> Element:
    return replace(element, text=_join(element.text, [text])) if text else element


def _join(text: str, more: Sequence[str]) -> str:
    return "\n".join(part for part in (text, *more) if part)
