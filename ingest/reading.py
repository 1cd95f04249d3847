"""Reading files into documents: many for a library, or one alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from octavo.ingest.engines.base import Checkpoints, Failure, Prepared, Progress, Result, Skipped, read_files
from octavo.ingest.engines.pool import PoolEngine
from octavo.ingest.errors import ReadError
from octavo.ingest.model import Document
from octavo.ingest.options import ReadOptions
from octavo.ingest.remote import File, file_of
from octavo.ingest.store.images import MemoryImages

__all__ = [
    "Checkpoints",
    "Failure",
    "Prepared",
    "Progress",
    "ReadDocument",
    "Result",
    "Skipped",
    "read",
    "read_document",
]


def read(
    files: Iterable[File],
    options: ReadOptions,
    *,
    password: str = "",
    skip: Callable[[File, str], str | None] = lambda file, content: None,
    save_image: Callable[[bytes], str],
    progress: Callable[[Progress], None] = lambda step: None,
    checkpoints: Checkpoints | None = None,
) -> Iterator[Result]:
    """Reads files on this machine; yields each result as soon as it is whole.

    A file of which anything goes wrong, or that changes while it is read, is a `Failure`; the others go on. The other
    arguments are those of `PoolEngine`.
    """
    with PoolEngine(
        options, password=password, skip=skip, save_image=save_image, progress=progress, checkpoints=checkpoints
    ) as engine:
        yield from read_files(files, engine)


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document with its page screenshots: WebP bytes by the hash that its pages name them by."""

    document: Document
    images: dict[str, bytes]


def read_document(
    file: bytes | str | Path, options: ReadOptions | None = None, *, name: str = "", password: str = ""
) -> ReadDocument:
    """Reads one file without a library: the same document comes from the same bytes and options, on any machine.

    What it returns can be pickled, so that files can be read wherever there are processors, and put into a library
    elsewhere: save the images there, then add the document.

    Parameters
    ----------
    file
        A path, an address of a store such as `s3://bucket/report.pdf` (with fsspec and that store's package
        installed), or the bytes of a file; then `name` is its file name, whose suffix may tell its format.
    options
        How it is read; the reading processes are its own.

    Raises
    ------
    ReadError
        In one sentence that names the file, also where it is encrypted or of a kind that is not read.

    >>> read = read_document(b"Revenue grew in 2018.", name="note.txt")
    >>> read.document.pages[0].text, list(read.images) == [read.document.pages[0].image]
    ('Revenue grew in 2018.', True)
    """
    if isinstance(file, bytes):
        if not name or Path(name).name != name:
            raise ReadError(f"Bytes need a file name without folders, not {name!r}: pass name='report.pdf'.")
        with tempfile.TemporaryDirectory(prefix="octavo-") as folder:
            path = Path(folder, name)
            path.write_bytes(file)
            outcome = read_document(path, options, password=password)
        return replace(outcome, document=replace(outcome.document, path=name))
    images = MemoryImages()
    source = file_of(file) if isinstance(file, str) else file
    [result] = read([source], options or ReadOptions(), password=password, save_image=images.save)
    if isinstance(result, Failure):
        raise ReadError(result.reason, path=source if isinstance(source, Path) else None)
    assert isinstance(result, Document)
    used = {page.image for page in result.pages}
    images.sweep(used)
    return ReadDocument(result, images.images)
