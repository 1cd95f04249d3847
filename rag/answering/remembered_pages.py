"""Pages that a model was shown, for as long as its answer is written."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TypeVar

from octavo.ingest import Page
from octavo.ingest.errors import DocumentNotFoundError
from octavo.rag.image_source import PageStore

K = TypeVar("K")
V = TypeVar("V")
_PAGES, _IMAGES = 256, 32
"""Pages and screenshots that are remembered."""


class RememberedPages:
    """Pages with their screenshots, those that were read before also when their document is gone.

    So an answer that a model writes for a minute can still be checked and cited by what the model was shown.
    """

    def __init__(self, pages: PageStore) -> None:
        self._store, self._lock = pages, threading.Lock()
        self._pages: OrderedDict[tuple[str, int], Page] = OrderedDict()
        self._images: OrderedDict[str, bytes] = OrderedDict()

    def page(self, document: str, number: int) -> Page:
        """Returns a page with its elements; raises `LibraryError` for one that was never read and is not there."""
        place = document, number
        try:
            page = self._store.page(document, number)
        except DocumentNotFoundError:
            with self._lock:
                if place in self._pages:
                    return self._pages[place]
            raise
        self._remember(self._pages, place, page, _PAGES)
        return page

    def image(self, image: str) -> bytes:
        """Returns the WebP bytes of a screenshot by its hash."""
        with self._lock:
            if image in self._images:
                return self._images[image]
        webp = self._store.image(image)
        self._remember(self._images, image, webp, _IMAGES)
        return webp

    def _remember(self, kept: OrderedDict[K, V], key: K, value: V, most: int) -> None:
        with self._lock:
            kept[key] = value
            kept.move_to_end(key)
            while len(kept) > most:
                kept.popitem(last=False)
