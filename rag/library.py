"""Opens the library that settings name: the one place that selects where documents and screenshots are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from octavo.ingest.errors import LibraryError
from octavo.ingest.store.library import Library

if TYPE_CHECKING:
    from octavo.ingest.store.images import ImageStore
    from octavo.rag.embedding import Embedder
    from octavo.rag.index import Index
    from octavo.rag.settings import Settings

SHARED = "shared"
"""The value of a library that names the shared documents which it follows."""


def open_library(settings: Settings, *, images: ImageStore | None = None, create: bool = True) -> Library:
    """Returns the library in the folder `settings.library`, with its screenshots where `settings.images` says.

    `images` is a store that takes the place of the one that the settings name; where `settings.documents_uri` names
    shared documents, theirs is used. Raises `LibraryError` where the folder cannot be a library, and with
    `create=False` where it holds none yet.
    """
    if settings.documents_uri and images is None:
        images = _shared_images(settings)
    return Library(settings.library, create=create, images=images or settings.images)


def open_index(library: Library, embedding: Embedder, settings: Settings) -> Index:
    """Returns the index of a library, which follows shared documents where `settings.documents_uri` names some.

    Raises `LibraryError` where a library follows shared documents that the settings do not name.
    """
    from octavo.rag.index import Index

    if settings.documents_uri:
        from octavo.ingest.store.postgres import PostgresDocuments
        from octavo.rag.index.shared import SharedIndex

        documents = PostgresDocuments(settings.documents_uri)
        try:
            return SharedIndex(library, embedding, documents, settings.index)
        except BaseException:
            documents.close()
            raise
    if library.get(SHARED):
        raise LibraryError(
            f"The library {library.folder} follows shared documents: set documents_uri to their address.",
            setting="documents_uri",
            path=library.folder,
        )
    return Index(library, embedding, settings.index)


def _shared_images(settings: Settings) -> ImageStore:
    from octavo.ingest.store.postgres import PostgresDocuments
    from octavo.ingest.store.remote_images import SharedImages, location_of, open_images

    documents = PostgresDocuments(settings.documents_uri)
    try:
        location = documents.get("images")
        if location is None:
            if not settings.images.url:
                raise no_images()
            location = documents.set_default("images", location_of(settings.images))
    finally:
        documents.close()
    return SharedImages(open_images(location, settings.images, settings.library / "pages-cache"))


def no_images() -> LibraryError:
    """Returns the error of shared documents without a place for screenshots."""
    return LibraryError(
        "Shared documents keep their screenshots where all machines see them: set images, such as s3://bucket/prefix.",
        setting="images",
    )
