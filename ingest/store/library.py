"""The library: one folder with `library.sqlite` and the page screenshots in `pages/`.

A document appears, is replaced and goes in one transaction, so that nobody ever sees half of it, whenever a process
dies. One process writes at a time (`library.lock`); any number read beside it, in any number of threads.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from octavo.ingest.errors import LibraryError
from octavo.ingest.model import Box, Document, Page
from octavo.ingest.options import ImageOptions
from octavo.ingest.readers.admission import printable
from octavo.ingest.store import records
from octavo.ingest.store.catalog import INSIDE, Catalog
from octavo.ingest.store.checkpoints import PageCheckpoints
from octavo.ingest.store.concepts import ConceptStore
from octavo.ingest.store.database import Database
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.files import make_folder, make_private
from octavo.ingest.store.images import FolderImages, ImageStore
from octavo.ingest.store.metadata import Metadata, dump_metadata
from octavo.ingest.store.migrations import MIGRATIONS, migrate, version
from octavo.ingest.store.model_output import ModelOutput
from octavo.ingest.store.remote_images import location_of, open_images
from octavo.ingest.store.removed import RemovedDocuments
from octavo.ingest.store.reserve import Reserve
from octavo.ingest.store.writer import WriterLock

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["DocumentInfo", "Library"]

_DATABASE = {"library.sqlite", "library.sqlite-wal", "library.sqlite-shm"}
_OWN = _DATABASE | {"library.lock", "library.writer", "library.reserve", "pages", "pages-cache", "chroma"}
_IMAGES = "SELECT image FROM pages UNION ALL SELECT image FROM checkpoints"


class Library(Catalog):
    """A library folder. Use it as a context manager, or call `close()`.

    A writer waits up to `wait` seconds for another one. `images` is where page screenshots are kept: a store, or the
    options of one, by default those that the library was made with, else a folder in the library's. Raises
    `LibraryError` where the folder cannot be a library, and with `create=False` where it is none yet.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        create: bool = True,
        wait: float = math.inf,
        images: ImageStore | ImageOptions | None = None,
    ) -> None:
        file = Path(folder) / "library.sqlite"
        super().__init__(file.parent, Database(file))
        new = not file.exists() or not file.stat().st_size
        if new:
            self._check_new(create)
        try:
            if new:
                make_folder(self.folder)
                make_folder(self.folder / "pages")
                file.touch(mode=0o600)
        except OSError as error:
            raise LibraryError(f"The library folder {self.folder} cannot be made: {error.strerror}.") from error
        self._writer = WriterLock(self.folder, wait)
        self._loose: set[str] = set()
        self._left: dict[str, set[str | bytes]] = {}
        self._reserve = Reserve(self.folder)
        self.model_output = ModelOutput(self._database)
        self.concepts = ConceptStore(self._database)
        try:
            if version(self.connection, file, MIGRATIONS) < len(MIGRATIONS):
                with self.writer():
                    migrate(self.connection, file, MIGRATIONS)
            self._images = self._image_store(ImageOptions() if images is None else images)
            self.checkpoints = PageCheckpoints(self._database, self._images)
            self.removed = RemovedDocuments(self._database, self._images)
        except BaseException:
            self.close()
            raise

    def _image_store(self, images: ImageStore | ImageOptions) -> ImageStore:
        if not isinstance(images, ImageOptions):
            return images
        location = self.get("images") or ""
        if images.url and not location.startswith(f"{images.url}/"):
            location = self._note_location(images)
        if location:
            return open_images(location, images, self.folder / "pages-cache")
        return FolderImages(self.folder / "pages")

    def _note_location(self, images: ImageOptions) -> str:
        """Notes where a library that has no screenshots yet keeps them, and returns that."""
        with self.writer(), self.transaction() as connection:
            used = connection.execute(f"SELECT 1 FROM ({_IMAGES}) WHERE image != '' LIMIT 1").fetchone()
            if used:
                where = self.get("images") or "its folder"
                raise LibraryError(
                    f"The library {self.folder} keeps its screenshots in {where}, not at {images.url}: open it without "
                    "`images`, or ingest the documents into a new library.",
                    setting="images",
                    path=self.folder,
                )
            location = location_of(images)
            self.set("images", location)
        return location

    def _check_new(self, create: bool) -> None:
        if self.folder.exists() and not self.folder.is_dir():
            raise LibraryError(f"{self.folder} is a file: name a folder for the library.")
        if any((self.folder / "pages").glob("*/*.webp")):
            raise LibraryError(
                f"{self.folder} holds the screenshots of a library, but its library.sqlite is gone or empty: put it "
                "back from a copy, or ingest the documents into a new folder."
            )
        if not create:
            raise LibraryError(f"There is no library in {self.folder}: ingest documents into it first.")
        if self.folder.is_dir() and any(child.name not in _OWN for child in self.folder.iterdir()):
            raise LibraryError(f"{self.folder} holds other files and no library: name an empty or a new folder.")

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database for all threads."""
        self._database.close()

    # the database

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """Returns one write transaction of this thread: all of it or nothing. Take the `writer()`'s place before."""
        return self._database.transaction()

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Holds the place of the one process that writes, for all of its threads; may be nested.

        Another process that has it is waited for. Raises `LibraryError` when it keeps it for too long.
        """
        with self._writer.hold():
            make_private(self.folder)
            yield

    def may_write(self) -> bool:
        """Returns whether no other process writes at this moment."""
        return self._writer.is_free()

    def make_room(self) -> bool:
        """Gives up what is kept for a full disk; returns whether that was anything."""
        return self._reserve.release()

    def set(self, key: str, value: str) -> None:
        """Stores a small value; within a transaction, as part of it."""
        with nullcontext(self.connection) if self.connection.in_transaction else self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    # screenshots

    def save_image(self, webp: bytes) -> str:
        """Stores a screenshot once by its content; returns its hash. `tidy` deletes it if no page has it by then."""
        image = self._images.save(webp)
        self._loose.add(image)
        return image

    def image_url(self, image: str) -> str:
        """Returns where a screenshot can be fetched from, by its hash: a `file:` URL where it lies in a folder."""
        return self._images.url(image)

    def signed_image_url(self, image: str, seconds: int) -> str | None:
        """Returns a URL by which anyone can fetch a screenshot for some seconds, `None` where its store signs none."""
        return self._images.sign(image, seconds)

    def image(self, image: str) -> bytes:
        """Returns the WebP bytes of a screenshot by its hash."""
        return self._images.read(image)

    def has_image(self, image: str) -> bool:
        """Returns whether a screenshot is there, by its hash."""
        return self._images.has(image)

    def screenshot(self, document: str, number: int) -> Image.Image:
        """Returns the screenshot of a page, RGB."""
        return self._picture(self.page(document, number))

    def crop(self, document: str, number: int, box: Box) -> Image.Image:
        """Returns what a box on a page shows: `box` in PDF points, cut at the page's edge, at least one pixel."""
        page = self.page(document, number)
        picture = self._picture(page)
        return picture.crop(page.pixels(box, picture.size))

    def _picture(self, page: Page) -> Image.Image:
        from PIL import Image

        if not page.image:
            raise LibraryError(f"Page {page.number + 1} has no screenshot: {page.problem or 'none was made'}.")
        with Image.open(BytesIO(self.image(page.image))) as picture:
            return picture.convert("RGB")

    # writing: steps that the index puts together, each within a transaction of the caller

    def write(self, document: Document) -> None:
        """Writes the rows of a document that is not there."""
        records.save_document(self.connection, document, datetime.now(UTC).isoformat(timespec="seconds"))
        self._loose.update(self.checkpoints.delete(document.id))
        self._note_change()

    def set_metadata(self, document: str, metadata: Metadata) -> None:
        """Notes metadata with a document, in place of what was noted."""
        self.connection.execute("UPDATE documents SET metadata = ? WHERE id = ?", (dump_metadata(metadata), document))
        self._note_change()

    def point(self, path: Path | str, document: str) -> None:
        """Notes that `path` holds a document; one inside the library moves with it, as it is kept relative to it."""
        self.remove_path(path)
        stored = str(path)
        if Path(path).is_relative_to(self._root):
            stored = INSIDE + str(Path(path).relative_to(self._root))
        self.connection.execute("INSERT OR REPLACE INTO paths VALUES (?, ?)", (records.dump_path(stored), document))
        self._note_change()

    def remove_path(self, path: Path | str) -> None:
        """Notes that a path holds no document any more."""
        document = self.at(path)
        if document is not None:
            self._left.setdefault(document, set()).add(records.dump_path(str(path)))
        for form in self.path_forms(path):
            self.connection.execute("DELETE FROM paths WHERE path = ?", (form,))
        self._note_change()

    def move_paths(self, old: Path, new: Path) -> None:
        """Notes that what lay below one folder lies below another one."""
        for info in self.documents():
            for path in map(Path, info.paths):
                if path.is_relative_to(old):
                    self.remove_path(path)
                    self.point(new / path.relative_to(old), info.id)
        self.rename_moved()

    def pathless(self) -> list[str]:
        """Returns the documents that no path holds any more, of those that a path was just removed from."""
        query = (
            "SELECT id FROM documents WHERE id IN (SELECT value FROM json_each(?))"
            " AND id NOT IN (SELECT document FROM paths WHERE document = id)"
        )
        return [row[0] for row in self.connection.execute(query, (json.dumps(list(self._left)),))]

    def rename_moved(self) -> None:
        """Names documents after a path that holds them, where the one that they were read from was just removed."""
        left, self._left = self._left, {}
        query = "SELECT id, name, title, path FROM documents WHERE id IN (SELECT value FROM json_each(?))"
        rows = self.connection.execute(query, (json.dumps(list(left)),)).fetchall() if left else []
        for document, name, title, stored in rows:
            if stored not in left[document]:
                continue
            paths = self.info(document).paths
            if not paths or records.load_path(stored) in paths:
                continue
            path = Path(paths[0])
            renamed = printable(path.name)
            self.connection.execute(
                "UPDATE documents SET name = ?, title = ?, path = ? WHERE id = ?",
                (
                    renamed,
                    Path(renamed).stem if title == Path(name).stem else title,
                    records.dump_path(str(path)),
                    document,
                ),
            )

    def erase(self, document: str) -> None:
        """Deletes all rows of a document; its screenshots go with the next `tidy`, unless other pages have them."""
        images = self.connection.execute(
            "SELECT DISTINCT image FROM pages WHERE document = ? AND image != ''", (document,)
        ).fetchall()
        self.connection.execute("DELETE FROM documents WHERE id = ?", (document,))
        self._loose.update(row[0] for row in images)
        self._note_change()

    def _note_change(self) -> None:
        self.set("generation", str(self.generation + 1))

    def tidy(self) -> None:
        """Deletes the screenshots, of those that were saved or whose documents went since, that no page has.

        Pages of documents that were not read to their end go after `checkpoints.DAYS` days.
        """
        self._loose.update(self.checkpoints.expire())
        used = f"SELECT 1 FROM ({_IMAGES}) WHERE image = ? LIMIT 1"
        self._images.delete(i for i in self._loose if not self.connection.execute(used, (i,)).fetchone())
        self._loose.clear()
        self._reserve.fill()

    def sweep(self) -> None:
        """Deletes all screenshots that no page has, and what an interrupted write left."""
        self._images.sweep({row[0] for row in self.connection.execute(_IMAGES)})
