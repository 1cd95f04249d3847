"""The seam between files that are to be read and the processors that read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, TypeVar

from octavo.ingest.errors import OctavoError
from octavo.ingest.model import Document, Page
from octavo.ingest.readers.admission import printable
from octavo.ingest.remote import File

BEAT = 1.0
"""Seconds after which the last step of a file is told again while nothing happens, so that whoever is told can stop."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, with one sentence that says why, and the `code` of the error."""

    path: File
    reason: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read because its content, `id`, is there already."""

    path: File
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with what was made of it where it was read."""

    document: Document
    prepared: Any


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of reading: `stage` is opening, reading or done; `page` of `pages` are read, `ocr` of them by OCR.

    While nothing happens, the last step of a file is told again each `BEAT` seconds.
    """

    path: File
    stage: str
    page: int = 0
    pages: int = 0
    ocr: int = 0


Result = Document | Failure | Skipped
T = TypeVar("T", covariant=True)


class Checkpoints(Protocol):
    """Keeps pages of documents that are still being read, so that a reader which is killed goes on where it was.

    `document` is the id of a document's content, and `reading` tells by what options its pages are read.
    """

    def pages(self, document: str, reading: str) -> dict[int, Page]:
        """Returns the pages that were read so far, by number."""
        ...

    def save(self, document: str, reading: str, page: Page) -> None:
        """Keeps a page that was read; its screenshot is saved already."""
        ...


class Descriptions(Protocol):
    """Keeps what a model said of pictures, so that it is asked once; `picture` is the hash of one."""

    def description(self, picture: str, model: str) -> str | None:
        """Returns what a model said of a picture."""
        ...

    def save_description(self, picture: str, model: str, text: str) -> None:
        """Keeps what a model said of a picture."""
        ...


class ReadingEngine(Protocol[T]):
    """Reads files wherever it has processors, each to a `T`. Use it as a context manager."""

    def __enter__(self) -> ReadingEngine[T]: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def has_room(self) -> bool:
        """Returns whether it takes a further file now."""
        ...

    @property
    def is_idle(self) -> bool:
        """Returns whether all files that it took are finished."""
        ...

    def submit(self, file: File) -> None:
        """Takes a file."""
        ...

    def completed(self) -> Iterator[T]:
        """Waits until something has happened, and yields the results of the files that are finished, if any."""
        ...


def read_files(files: Iterable[File], engine: ReadingEngine[T]) -> Iterator[T]:
    """Reads files by an engine; yields each result as soon as it is whole.

    Files are drawn only as the engine has room for them, so that neither they nor their results gather in memory.
    """
    rest, exhausted = iter(files), False
    while not (exhausted and engine.is_idle):
        while not exhausted and engine.has_room:
            file = next(rest, None)
            if file is None:
                exhausted = True
            else:
                engine.submit(file)
        if not engine.is_idle:
            yield from engine.completed()


def failure_of(file: File, error: Exception) -> Failure:
    """Returns the failure of one file, in one sentence that names it."""
    if isinstance(error, OctavoError):
        return Failure(file, printable(str(error)), error.code)
    reason = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0].rstrip(".")
    return Failure(file, printable(f"{file.name} cannot be read: {reason or type(error).__name__}."))
