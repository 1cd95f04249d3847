"""Page screenshots on disk, each stored once under the hash of its content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterable
from pathlib import Path

from octavo.ingest.errors import LibraryError
from octavo.ingest.store.files import delete_file, write_file

_HASH = re.compile(r"[0-9a-f]{40}")


class Images:
    """WebP files `ab/<hash>.webp` in a folder; a hash is the first 40 hex digits of the content's SHA-256."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, webp: bytes) -> str:
        """Stores a screenshot and returns its hash; raises `LibraryError` where it cannot be written."""
        digest = _hash(webp)
        path = self.path(digest)
        if not _holds(path, webp):
            write_file(path, webp)
        return digest

    def path(self, image: str) -> Path:
        """The file of a screenshot; raises `LibraryError` for anything that is not a hash."""
        if not _HASH.fullmatch(image):
            raise LibraryError(f"{image!r} is not the hash of a screenshot.")
        return self.folder / image[:2] / f"{image}.webp"

    def read(self, image: str) -> bytes:
        """The WebP bytes of a screenshot; raises `LibraryError` where they are gone, or are not those of the hash."""
        path = self.path(image)
        try:
            webp = path.read_bytes()
        except FileNotFoundError as error:
            raise LibraryError(f"The screenshot {path} is gone: ingest its document again with --force.") from error
        if _hash(webp) != image:
            raise LibraryError(f"The screenshot {path} is damaged: ingest its document again with --force.")
        return webp

    def delete(self, images: Iterable[str]) -> None:
        """Deletes screenshots; those that are gone already are no error."""
        for image in images:
            delete_file(self.path(image))

    def sweep(self, used: Container[str]) -> None:
        """Deletes all screenshots but the used ones, and what an interrupted write left."""
        for path in self.folder.glob("*/*"):
            if path.suffix != ".webp" or path.stem not in used:
                delete_file(path)


def _hash(webp: bytes) -> str:
    return hashlib.sha256(webp).hexdigest()[:40]


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False
