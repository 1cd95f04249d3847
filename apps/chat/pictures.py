"""Pictures that come with a question: checked, kept small, and seen by the answer as pages of their own."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.store.history import History
from octavo.ingest import Box, Element, Kind, Line, OctavoError, Page, Region, TextSource
from octavo.ingest.imaging import encode
from octavo.ingest.picture_words import picture_words
from octavo.ingest.store.documents import DocumentStore
from octavo.rag import Evidence, Level
from octavo.rag.entry import EntryId
from octavo.rag.images import decode_image, encode_image

PREFIX = "picture:"
"""Marks the document id of a question's picture."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


def keep(path: Path, user: str, history: History, options: ChatOptions) -> str:
    """Stores a picture file with the words in it; returns its id. Raises `OctavoError` for one over the limits."""
    if path.stat().st_size > options.picture_bytes:
        raise OctavoError(f"The picture is larger than {options.picture_bytes // 1_000_000} MB: make it smaller.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as opened:
                if opened.width * opened.height > options.picture_pixels:
                    millions = options.picture_pixels // 1_000_000
                    raise OctavoError(f"The picture has more than {millions} million pixels: make it smaller.")
                image = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise OctavoError("That file is not a picture that can be read: use PNG, JPEG or WebP.") from error
    image.thumbnail((options.picture_side,) * 2)
    webp = encode(image, "WEBP", 85)
    return history.add_picture(user, webp, picture_words(webp))


class PicturePages:
    """A library's pages and, beside them, one user's pictures as pages (rag.answer.Pages); points are pixels."""

    def __init__(self, library: DocumentStore, history: History, user: str) -> None:
        self._library, self._history, self._user = library, history, user

    def page(self, document: str, number: int) -> Page:
        """Returns a page of the library, or a picture as a page with one figure on it."""
        if not document.startswith(PREFIX):
            return self._library.page(document, number)
        webp, words = self._history.picture(self._user, document.removeprefix(PREFIX))
        with Image.open(BytesIO(webp)) as image:
            width, height = image.size
        box = Box(0, 0, width, height)
        lines = (Line(words, box),) if words else ()
        figure = Element(0, Kind.FIGURE, box, words, lines)
        return Page(0, width, height, document, width, height, "", words, TextSource.OCR, (figure,))

    def image(self, image: str) -> bytes:
        """Returns the WebP bytes of a screenshot, or of a picture."""
        if image.startswith(PREFIX):
            return self._history.picture(self._user, image.removeprefix(PREFIX))[0]
        return self._library.image(image)

    def crop(self, e: Evidence) -> bytes:
        """Returns a piece of evidence as a picture file: its first region, cut out of its page."""
        page, region = self.page(e.document, e.page), e.regions[0]
        webp = self.image(page.image)
        if region.box == page.box:
            return webp
        image = decode_image(webp)
        return encode_image(image.crop(page.pixels(region.box, image.size)), lossless=True)

    def evidence(self, picture: str) -> Evidence:
        """Returns a picture as evidence that the asker gave."""
        page = self.page(PREFIX + picture, 0)
        region = Region(0, page.box, 0)
        return Evidence(
            EntryId(PREFIX + picture),
            Level.ELEMENT,
            PREFIX + picture,
            "your picture",
            "",
            0,
            "",
            page.text,
            (region,),
            1.0,
            Kind.FIGURE,
        )
