"""How the library that settings name is opened: the one place that selects where documents and screenshots are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from octavo.ingest.store.library import Library

if TYPE_CHECKING:
    from octavo.ingest.store.images import ImageStore
    from octavo.rag.settings import Settings


def open_library(settings: Settings, *, images: ImageStore | None = None, create: bool = True) -> Library:
    """Returns the library in the folder `settings.library`, with its screenshots where `settings.images` says.

    `images` is a store that takes the place of the one that the settings name. Raises `LibraryError` where the folder
    cannot be a library, and with `create=False` where it holds none yet.
    """
    return Library(settings.library, create=create, images=images or settings.images)
