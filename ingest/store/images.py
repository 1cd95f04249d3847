"""Page screenshots, each stored once under the hash of its content: the protocol, a folder, and memory."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from octavo.ingest.errors import LibraryError, ScreenshotError
from octavo.ingest.store.files import delete_file, write_file

_HASH = re.compile(r"[0-9a-f]{40}")


class ImageStore(Protocol):
    """A store of screenshots, as the bytes of WebP files; `image` is always the hash that `save` returned."""

    def save(self, webp: bytes) -> str:
        """Stores a screenshot, once however often it is saved, and returns its hash."""
        ...

    def has(self, image: str) -> bool:
        """Returns whether a screenshot is there."""
        ...

    def read(self, image: str) -> bytes:
        """Returns the bytes of a screenshot; raises `LibraryError` where they are gone or damaged."""
        ...

    def url(self, image: str) -> str:
        """Returns where a screenshot can be fetched from."""
        ...

    def sign(self, image: str, seconds: int) -> str | None:
        """Returns a URL by which anyone can fetch a screenshot for some seconds, `None` where the store signs none."""
        ...

    def delete(self, images: Iterable[str]) -> None:
        """Deletes screenshots; those that are gone already are no error."""
        ...

    def sweep(self, used: Container[str]) -> None:
        """Deletes all screenshots but the used ones, and what an interrupted write left."""
        ...


class DurableImages(ImageStore, Protocol):
    """A store that outlives a process and lists its screenshots."""

    def names(self) -> Iterator[str]:
        """Yields all screenshots."""
        ...

    def written_at(self, image: str) -> float:
        """Returns when a screenshot was written, in seconds since 1970; that of one that is gone is now."""
        ...


class MemoryImages:
    """Screenshots in memory, by their hash.

    >>> images = MemoryImages()
    >>> images.read(images.save(b"webp"))
    b'webp'
    """

    def __init__(self) -> None:
        self.images: dict[str, bytes] = {}

    def save(self, webp: bytes) -> str:
        image = image_hash(webp)
        self.images[image] = webp
        return image

    def has(self, image: str) -> bool:
        return image in self.images

    def read(self, image: str) -> bytes:
        if image not in self.images:
            raise ScreenshotError(f"The screenshot {image} is gone: read its document again.")
        return self.images[image]

    def url(self, image: str) -> str:
        return f"data:image/webp;base64,{base64.b64encode(self.read(image)).decode()}"

    def sign(self, image: str, seconds: int) -> str | None:
        return None

    def delete(self, images: Iterable[str]) -> None:
        for image in images:
            self.images.pop(image, None)

    def sweep(self, used: Container[str]) -> None:
        self.images = {image: webp for image, webp in self.images.items() if image in used}


class FolderImages:
    """WebP files `ab/<hash>.webp` in a folder; a hash is the first 40 hex digits of the content's SHA-256."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, webp: bytes) -> str:
        """Stores a screenshot and returns its hash; raises `LibraryError` where it cannot be written."""
        digest = image_hash(webp)
        path = self.path(digest)
        if not _holds(path, webp):
            write_file(path, webp)
        return digest

    def path(self, image: str) -> Path:
        """Returns the file of a screenshot; raises `LibraryError` for anything that is not a hash."""
        return self.folder / file_name(image)

    def read(self, image: str) -> bytes:
        """Returns the bytes of a screenshot; raises `LibraryError` where they are gone or are not those of the hash."""
        path = self.path(image)
        try:
            webp = path.read_bytes()
        except FileNotFoundError as error:
            raise ScreenshotError(f"The screenshot {path} is gone: read its document again.", path=path) from error
        if image_hash(webp) != image:
            raise ScreenshotError(f"The screenshot {path} is damaged: read its document again.", path=path)
        return webp

    def has(self, image: str) -> bool:
        return self.path(image).exists()

    def url(self, image: str) -> str:
        """Returns the screenshot as a `file:` URL."""
        return self.path(image).absolute().as_uri()

    def sign(self, image: str, seconds: int) -> str | None:
        """Returns `None`: a folder signs nothing."""
        return None

    def delete(self, images: Iterable[str]) -> None:
        """Deletes screenshots; those that are gone already are no error."""
        for image in images:
            delete_file(self.path(image))

    def names(self) -> Iterator[str]:
        """Yields all screenshots."""
        return (path.stem for path in self.folder.glob("*/*.webp"))

    def written_at(self, image: str) -> float:
        """Returns when a screenshot was written, in seconds since 1970; that of one that is gone is now."""
        try:
            return self.path(image).stat().st_mtime
        except FileNotFoundError:
            return time.time()

    def sweep(self, used: Container[str]) -> None:
        """Deletes all screenshots but the used ones, and what an interrupted write left."""
        for path in self.folder.glob("*/*"):
            if path.suffix != ".webp" or path.stem not in used:
                delete_file(path)


def image_hash(webp: bytes) -> str:
    """Returns the first 40 hex digits of the SHA-256 of a screenshot's bytes."""
    return hashlib.sha256(webp).hexdigest()[:40]


def file_name(image: str) -> str:
    """Returns the name of a screenshot's file in its store; raises `LibraryError` for anything that is not a hash.

    >>> file_name("ab" + 38 * "0")
    'ab/ab00000000000000000000000000000000000000.webp'
    """
    if not _HASH.fullmatch(image):
        raise LibraryError(f"{image!r} is not the hash of a screenshot.")
    return f"{image[:2]}/{image}.webp"


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False
