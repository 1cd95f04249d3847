"""Page screenshots at a location that fsspec opens, such as a bucket, with copies of a bounded size on this machine."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from octavo.ingest.errors import LibraryError, ScreenshotError
from octavo.ingest.options import ImageOptions
from octavo.ingest.remote import file_system
from octavo.ingest.store.files import delete_file
from octavo.ingest.store.images import DurableImages, FolderImages, ImageStore, file_name, image_hash

_TYPES = {
    "s3": {"ContentType": "image/webp"},
    "gs": {"content_type": "image/webp"},
    "gcs": {"content_type": "image/webp"},
}
"""What tells a file system to keep the type that a screenshot is sent with, by its protocol."""
SIGNED_SECONDS = 3600
"""The time for which a signed URL of a screenshot can be fetched."""


def location_of(options: ImageOptions) -> str:
    """Returns a new location of one library below the URL of the options."""
    return f"{options.url}/{uuid.uuid4().hex[:12]}"


def open_images(location: str, options: ImageOptions, cache: Path) -> DurableImages:
    """Returns the store of the screenshots at a location: a folder for `file:` URLs, fsspec's file system for others.

    Nothing is connected to before a screenshot is needed. Copies are kept in the folder `cache`.
    """
    if location.startswith("file://"):
        from urllib.request import url2pathname

        return FolderImages(Path(url2pathname(urlsplit(location).path)))
    return RemoteImages(location, options.options, CachedImages(cache, options.cache_bytes))


class SharedImages:
    """Screenshots of several libraries, of which none may be deleted for one of them."""

    def __init__(self, images: ImageStore) -> None:
        self._images = images
        self.save, self.has, self.read = images.save, images.has, images.read
        self.url, self.sign = images.url, images.sign

    def delete(self, images: Iterable[str]) -> None:
        """Deletes nothing."""

    def sweep(self, used: Container[str]) -> None:
        """Deletes nothing."""


class CachedImages(FolderImages):
    """A folder of screenshots that holds about `limit` bytes: those that were not used for longest are deleted.

    Each further process that writes into the folder may exceed the limit by a tenth.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        super().__init__(folder)
        self.limit = limit
        self._added = limit  # so that what an earlier process left is counted
        self._guard = threading.Lock()

    def get(self, image: str) -> bytes | None:
        """Returns the bytes of a screenshot that is there; one that is damaged is deleted."""
        if not self.has(image):
            return None
        try:
            webp = self.read(image)
            self.path(image).touch()
        except (ScreenshotError, FileNotFoundError):
            delete_file(self.path(image))
            return None
        return webp

    def save(self, webp: bytes) -> str:
        """Stores a screenshot that is not larger than a tenth of the limit, and returns its hash."""
        if len(webp) > self.limit / 10:
            return image_hash(webp)
        image = super().save(webp)
        with self._guard:
            self._added += len(webp)
            if self._added > self.limit / 10:
                self._trim()
                self._added = 0
        return image

    def _trim(self) -> None:
        """Deletes the oldest screenshots until nine tenths of the limit are left."""
        files = []
        for path in self.folder.glob("*/*"):
            try:
                status = path.stat()
            except FileNotFoundError:  # deleted by another process
                continue
            files.append((status.st_mtime, status.st_size, path))
        size = sum(file[1] for file in files)
        for _, length, path in sorted(files):
            if size <= 0.9 * self.limit:
                break
            delete_file(path)
            size -= length


class RemoteImages:
    """WebP files `ab/<hash>.webp` below a location of an fsspec file system, such as `s3://bucket/prefix`.

    Its methods raise `LibraryError` where the location cannot be reached, and `MissingToolError` where the package of
    its file system is not installed.
    """

    def __init__(self, location: str, options: dict[str, Any], cache: CachedImages) -> None:
        self.location = location
        self._options, self._cache = options, cache

    @cached_property
    def _system(self) -> Any:
        return file_system(self._protocol, **self._options)

    @property
    def _protocol(self) -> str:
        return self.location.partition("://")[0]

    def _path(self, image: str) -> str:
        return f"{self._root}/{file_name(image)}"

    @cached_property
    def _root(self) -> str:
        return str(self._system._strip_protocol(self.location))

    @contextmanager
    def _reaching(self, what: str) -> Iterator[None]:
        try:
            yield
        except LibraryError:
            raise
        except Exception as error:  # each file system raises errors of its own
            reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
            raise LibraryError(
                f"The screenshots at {self.location} cannot be {what}: {reason}.", setting="images"
            ) from error

    def save(self, webp: bytes) -> str:
        """Stores a screenshot and returns its hash."""
        image = image_hash(webp)
        system, path = self._system, self._path(image)
        with self._reaching("written"):
            if not (system.exists(path) and system.size(path) == len(webp)):
                system.pipe_file(path, webp, **_TYPES.get(self._protocol, {}))
        self._cache.save(webp)
        return image

    def has(self, image: str) -> bool:
        """Returns whether a screenshot is there."""
        system, path = self._system, self._path(image)
        with self._reaching("read"):
            return bool(system.exists(path))

    def read(self, image: str) -> bytes:
        """Returns the bytes of a screenshot; raises `ScreenshotError` where they are gone or damaged."""
        webp = self._cache.get(image)
        if webp is None:
            webp = self._fetch(image)
            self._cache.save(webp)
        return webp

    def _fetch(self, image: str) -> bytes:
        system, path = self._system, self._path(image)
        with self._reaching("read"):
            try:
                webp = bytes(system.cat_file(path))
            except FileNotFoundError as error:
                raise ScreenshotError(f"The screenshot {path} is gone: read its document again.") from error
        if image_hash(webp) != image:
            raise ScreenshotError(f"The screenshot {path} is damaged: read its document again.")
        return webp

    def url(self, image: str) -> str:
        """Returns a signed URL that can be fetched for an hour, or the location itself where nothing can be signed."""
        return self.sign(image, SIGNED_SECONDS) or str(self._system.unstrip_protocol(self._path(image)))

    def sign(self, image: str, seconds: int) -> str | None:
        """Returns a URL that can be fetched for some seconds, `None` where the file system signs none."""
        system, path = self._system, self._path(image)
        with self._reaching("signed"):
            try:
                return str(system.sign(path, expiration=seconds))
            except NotImplementedError:
                return None

    def delete(self, images: Iterable[str]) -> None:
        """Deletes screenshots; those that are gone already are no error."""
        for image in images:
            delete_file(self._cache.path(image))
            self._delete(self._path(image))

    def names(self) -> Iterator[str]:
        """Yields all screenshots."""
        return (PurePosixPath(path).stem for path in self._paths())

    def written_at(self, image: str) -> float:
        """Returns when a screenshot was written, in seconds since 1970; that of one that is gone is now."""
        system, path = self._system, self._path(image)
        with self._reaching("listed"):
            try:
                written: datetime = system.modified(path)
            except FileNotFoundError:
                return time.time()
        return (written if written.tzinfo else written.replace(tzinfo=UTC)).timestamp()

    def _paths(self) -> list[str]:
        system, root = self._system, self._root
        with self._reaching("listed"):
            return list(system.find(root)) if system.exists(root) else []

    def sweep(self, used: Container[str]) -> None:
        """Deletes all screenshots but the used ones."""
        for path in self._paths():
            if PurePosixPath(path).stem not in used:
                self._delete(path)
        self._cache.sweep(used)

    def _delete(self, path: str) -> None:
        system = self._system
        with self._reaching("deleted"):
            try:
                system.rm_file(path)
            except FileNotFoundError:
                return
