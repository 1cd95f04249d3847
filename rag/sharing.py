"""Moving the documents of a library into a database that several machines share, and back."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import numpy as np

from octavo.ingest import LibraryError
from octavo.ingest.store.checkpoints import DAYS
from octavo.ingest.store.images import FolderImages, ImageStore
from octavo.ingest.store.library import Library
from octavo.ingest.store.postgres import PostgresDocuments
from octavo.ingest.store.remote_images import location_of, open_images
from octavo.rag.embedding import make_embedder
from octavo.rag.index.shared import FOLLOWED, IDENTITY, IMAGES, MODEL
from octavo.rag.index.store import entries, vectors
from octavo.rag.library import no_images, open_index, open_library
from octavo.rag.settings import Settings

TOGETHER = 100
"""Screenshots that are deleted in one transaction, which writers wait for."""


def share_library(settings: Settings, uri: str, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Copies a library's documents and screenshots into shared ones that are empty, or hold part of them.

    Returns how many there are. The library follows them from then on. A run that is cut off goes on where it was. Each
    copy is read back and compared; raises `LibraryError` where it differs, and where others are shared there already.
    """
    documents = PostgresDocuments(uri)
    try:
        with _opened(settings) as library:
            return _share(library, documents, settings, progress)
    finally:
        documents.close()


def _share(
    library: Library, documents: PostgresDocuments, settings: Settings, progress: Callable[[int, int], None]
) -> int:
    own = sorted(library.ids())
    if library.get(IDENTITY) not in (None, "", documents.identity) or not set(documents.ids()) <= set(own):
        raise LibraryError("The shared documents are others than those of the library: name an empty database.")
    location = documents.get(IMAGES) or library.get(IMAGES) or _new_location(settings)
    images = open_images(documents.set_default(IMAGES, location), settings.images, library.folder / "pages-cache")
    model = library.get("embedding") or ""
    with library.writer():
        for done, identity in enumerate(own):
            progress(done, len(own))
            _copy(library, documents, images, identity, model)
        if documents.ids() != own:
            raise LibraryError("Others changed the shared documents meanwhile: begin again with an empty database.")
        if model:
            documents.set_default(MODEL, model)
        with library.transaction():
            for key, value in ((IDENTITY, documents.identity), (FOLLOWED, str(documents.last())), (IMAGES, location)):
                library.set(key, value)
    return len(own)


def _opened(settings: Settings) -> Library:
    """Returns the library with its own documents, and its screenshots where they are."""
    images = settings.images.model_copy(update={"url": ""})
    return open_library(settings.model_copy(update={"documents_uri": "", "images": images}), create=False)


def _new_location(settings: Settings) -> str:
    if not settings.images.url:
        raise no_images()
    return location_of(settings.images)


def _copy(library: Library, documents: PostgresDocuments, images: ImageStore, identity: str, model: str) -> None:
    document, info = library.document(identity), library.info(identity)
    for image in {page.image for page in document.pages if page.image}:
        if not images.has(image):
            images.save(library.image(image))
    order = [entry.id for entry in entries.of_document(library.connection, identity)]
    ids, rows = vectors.by_id(library.connection, order)
    place = {entry: n for n, entry in enumerate(ids)}
    halves = rows[[place[entry] for entry in order]]
    for path in info.paths or (document.path,):
        documents.put(document, path, model, halves, images.has, info.metadata)
    documents.set_metadata(identity, info.metadata)  # without what an earlier run, which was cut off, noted
    existing = documents.document(identity)
    if (
        existing is None
        or (existing.document, existing.paths, existing.metadata) != (document, info.paths, info.metadata)
        or not np.array_equal(existing.vectors, halves)
    ):
        raise LibraryError(f"The shared copy of {info.name} differs from the library's: share the documents again.")


def keep_library(settings: Settings, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Makes a library that follows shared documents one of its own; returns how many documents it has.

    They are those that are shared by now, or without `documents_uri` those that the library has, with their screenshots
    in its folder; what is shared stays as it is.
    """
    if settings.documents_uri:
        _catch_up(settings)
    with _opened(settings) as library:
        own, images = sorted(library.ids()), FolderImages(library.folder / "pages")
        with library.writer():
            for done, identity in enumerate(own):
                progress(done, len(own))
                for page in library.pages(identity):
                    if page.image and not images.has(page.image):
                        images.save(library.image(page.image))
            with library.transaction():
                for key in (IDENTITY, FOLLOWED, IMAGES):
                    library.set(key, "")
        return len(own)


def _catch_up(settings: Settings) -> None:
    """Takes over what others changed, unless the library is one of its own already."""
    with open_library(settings) as library:
        if library.get(IDENTITY) or next(library.ids(), None) is None:
            open_index(library, make_embedder(settings), settings).close()


def delete_shared(settings: Settings) -> None:
    """Deletes the screenshots of shared documents that nobody needs any more; the documents go with their schema."""
    documents = PostgresDocuments(settings.documents_uri)
    try:
        location = documents.get(IMAGES)
    finally:
        documents.close()
    if location is not None:
        open_images(location, settings.images, settings.library / "pages-cache").sweep(())


def sweep_shared(settings: Settings, days: float = DAYS) -> int:
    """Deletes the screenshots that no shared document has and that were written `days` ago; returns how many.

    Others may write meanwhile: what is deleted is noted first, and a document that comes with such a screenshot keeps
    it, or is to be read again where it is gone already.
    """
    documents = PostgresDocuments(settings.documents_uri)
    try:
        location = documents.get(IMAGES)
        if location is None:
            return 0
        images = open_images(location, settings.images, settings.library / "pages-cache")
        used, last = documents.images()
        until, deleted = time.time() - 86_400 * days, 0
        unused = (image for image in images.names() if image not in used and images.written_at(image) < until)
        while some := [*itertools.islice(unused, TOGETHER)]:
            documents.condemn(some)
            deleted += documents.delete_condemned(some, last, images.delete)
        return deleted
    finally:
        documents.close()
