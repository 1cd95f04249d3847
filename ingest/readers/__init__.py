"""From any file to a PDF that the rest of the way reads, with what the format adds (notes, labels, hidden slides)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.admission import admit, printable
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.discover import find, find_unsupported
from octavo.ingest.readers.kinds import EML, EPUB, MSG, OFFICE, PDF, SHEETS, SRT, SUFFIXES, VIDEOS, VTT, ZIP, media_type

__all__ = ["SUFFIXES", "Source", "admit", "content_id", "find", "find_unsupported", "open", "open_each", "printable"]


def open(path: Path, options: ReadOptions, *, workdir: Path, password: str = "") -> Source:
    """Makes a file ready; what it is converted to goes into `workdir`.

    Raises `ReadError` (or `PasswordError`, `MissingToolError`), each with one sentence that names the file.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "note.txt").write_text("Rain.")
    >>> source = open(folder / "note.txt", ReadOptions(), workdir=folder)
    >>> source.name, source.media_type, source.page_count
    ('note.txt', 'text/plain', 1)
    """
    admit(path, options)
    kind = media_type(path)
    source = _bound(_reader(kind)(path, kind, options, workdir, password), options)
    if isinstance(source, ReadError):
        raise source
    return source


def open_each(
    paths: Sequence[Path], options: ReadOptions, *, workdir: Path, password: str = ""
) -> list[Source | ReadError]:
    """Makes files ready, the office files among them together, which costs far less than one by one.

    Each has its source, or the error that `open` raises for it.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "note.txt").write_text("Rain.")
    >>> _ = (folder / "empty.txt").write_text("")
    >>> empty, note = open_each(sorted(folder.glob("*")), ReadOptions(), workdir=folder)
    >>> str(empty), note.name
    ('empty.txt is empty.', 'note.txt')
    """
    result: dict[Path, Source | ReadError] = {}
    office: list[tuple[Path, str]] = []
    for path in paths:
        try:
            admit(path, options)
            kind = media_type(path)
            if kind in OFFICE:
                office.append((path, kind))
            else:
                result[path] = open(path, options, workdir=workdir, password=password)
        except ReadError as error:
            result[path] = error
    if office:
        from octavo.ingest.readers.office import read_each

        result.update(zip((path for path, _ in office), read_each(office, options, workdir), strict=True))
    return [_bound(result[path], options) for path in paths]


def _bound(source: Source | ReadError, options: ReadOptions) -> Source | ReadError:
    if isinstance(source, ReadError) or source.page_count <= options.max_pages:
        return source
    return ReadError(
        f"{source.name} has {source.page_count:,} pages, over the limit of {options.max_pages:,}: "
        "raise OCTAVO_READING__MAX_PAGES to read it."
    )


def _reader(kind: str) -> Callable[[Path, str, ReadOptions, Path, str], Source]:
    """Returns the function that reads files of a kind, imported only when one comes."""
    if kind == PDF:
        from octavo.ingest.readers.portfolio import read
    elif kind in SHEETS:
        from octavo.ingest.readers.sheets import read
    elif kind in (EML, MSG):
        from octavo.ingest.readers.mail import read
    elif kind == EPUB:
        from octavo.ingest.readers.epub import read
    elif kind == ZIP:
        from octavo.ingest.readers.bundle import read_zip as read
    elif kind in (SRT, VTT):
        from octavo.ingest.readers.subtitles import read
    elif kind in VIDEOS:
        from octavo.ingest.readers.video import read
    elif kind.startswith("image/"):
        from octavo.ingest.readers.image import read
    elif kind.startswith("text/"):
        from octavo.ingest.readers.web import read
    else:
        from octavo.ingest.readers.office import read
    return read
