"""Questions to a collection, and what they refer to: documents, pictures, parts of pages."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import chain

from octavo.apps.chat.endpoint import say
from octavo.apps.service.errors import NotFoundError, ServiceError, TooLargeError
from octavo.apps.service.options import ServiceOptions
from octavo.ingest import Kind, LibraryError
from octavo.ingest.errors import DocumentNotFoundError
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.metadata import Metadata
from octavo.rag import Level, PageRegion, Pipeline, Scope, Settings
from octavo.rag.query.followups import condense, reword

FILE = "file-"
"""Begins the id of a document where OpenAI's clients meet it as a file."""
FILTER_KEYS = 100
"""Keys of metadata that a filter may have."""


@dataclass(frozen=True, slots=True)
class CollectionQuestion:
    """A question to a collection: words, pictures, what was said before, and the options of one call.

    `before` are earlier questions with their answers, oldest first. `documents` are ids, file names or paths. `kinds`
    are kinds of element. `picture` are the bytes of an image file, `regions` parts of pages that are meant, `pages` the
    first and the last page to look at, from 0.
    """

    text: str
    picture: bytes | None = None
    regions: tuple[PageRegion, ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    level: Level | None = None
    k: int | None = None
    threshold: float | None = None
    documents: tuple[str, ...] | None = None
    pages: tuple[int, int] | None = None
    kinds: frozenset[Kind] | None = None
    filter: Metadata | None = None

    def scope(self, pipeline: Pipeline) -> Scope:
        """Returns where to look; raises `NotFoundError` for a document that is not there."""
        names = self.documents
        ids = None if names is None else tuple(find_document(pipeline, name).id for name in names)
        return Scope(documents=ids, pages=self.pages, kinds=self.kinds)


def find_document(pipeline: Pipeline, document: str) -> DocumentInfo:
    """Returns a document by its id or file name; raises `NotFoundError`, also where several have the name."""
    try:
        return pipeline.library.find(document.removeprefix(FILE))
    except (DocumentNotFoundError, ValueError) as error:  # a path has no NUL
        raise NotFoundError(f"There is no document {document[:120]!r} in this collection.") from error
    except LibraryError as error:
        raise NotFoundError(str(error)) from error


def locate_region(pipeline: Pipeline, region: PageRegion) -> PageRegion:
    """Returns a region with its document's id; raises `NotFoundError` where the document or page is not there."""
    info = find_document(pipeline, region.document)
    if not 0 <= region.page < info.pages:
        raise NotFoundError(f"{info.name} has {info.pages} pages, counted from 0; there is no page {region.page}.")
    return replace(region, document=info.id)


_DATA_URL = re.compile(r"data:image/[\w.+-]+;base64,([A-Za-z0-9+/=\s]+)")


def picture_of(url: str) -> bytes:
    """Returns the bytes of an image in a data URL; raises `ServiceError` for any other address: nothing is fetched."""
    match = _DATA_URL.fullmatch(url)
    if not match:
        raise ServiceError("Pictures are given as data URLs (data:image/png;base64,…); nothing is fetched.")
    try:
        return base64.b64decode(match[1])
    except ValueError as error:
        raise ServiceError("The picture's data URL is no valid base64.") from error


def check_text(text: str) -> None:
    """Raises `ServiceError` for a text with half of a character, which nothing can write.

    >>> check_text("\\ud800")
    Traceback (most recent call last):
    octavo.apps.service.errors.ServiceError: The text holds half of a character (a surrogate, U+D800 to U+DFFF).
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ServiceError("The text holds half of a character (a surrogate, U+D800 to U+DFFF).") from error


def check_picture(content: bytes, pixels: int) -> None:
    """Raises `ServiceError` for bytes that are no image, `TooLargeError` for one of more than so many pixels."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content)) as image:
            size = image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ServiceError("The picture cannot be opened as an image.") from error
    if size[0] * size[1] > pixels:
        raise TooLargeError(f"The picture has more than {pixels // 1_000_000} million pixels: make it smaller.")


def check_question(question: CollectionQuestion, options: ServiceOptions) -> None:
    """Raises `ServiceError` for a question that asks nothing or cannot be read, `TooLargeError` for one too long."""
    if not question.text.strip() and question.picture is None and not question.regions:
        raise ServiceError("The question is empty: ask for something in words, by a picture, or by part of a page.")
    if len(question.text) > options.question_letters:
        raise TooLargeError(f"The question is longer than {options.question_letters} letters: shorten it.")
    for text in (question.text, *chain.from_iterable(question.before)):
        check_text(text)
    if question.filter is not None and len(question.filter) > FILTER_KEYS:
        raise ServiceError(f"The filter has more than {FILTER_KEYS} keys.", setting="filter")
    if question.picture is not None:
        check_picture(question.picture, options.picture_pixels)


def stand_alone(question: CollectionQuestion, settings: Settings, pipeline: Pipeline) -> str:
    """Returns the text of a question, a follow-up reworded by what was said before: by a model where one is set."""
    if not (question.before and question.text.strip()) or question.picture:
        return question.text
    if not settings.llm_url:
        return condense(question.text, question.before[-1][0])
    return reword(question.text, question.before[-3:], partial(say, pipeline.clients, settings))[0]
