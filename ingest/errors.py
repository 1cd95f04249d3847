"""Errors, each one sentence that names the file, page or setting and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class OctavoError(Exception):
    """Base of every error that Octavo raises on purpose; its text is one sentence for the user.

    `code` names the kind of error for programs. `setting` is the setting that is wrong or that helps, as the names
    down to it joined by dots (`reading.max_pages`), and `path` the file or folder, where there is one.

    >>> error = ReadError("a.pdf is empty.", path=Path("a.pdf"))
    >>> error.code, error.path
    ('unreadable', PosixPath('a.pdf'))
    """

    code: ClassVar[str] = "error"

    def __init__(self, text: str, *, setting: str = "", path: Path | None = None) -> None:
        super().__init__(text)
        self.setting, self.path = setting, path


class SettingsError(OctavoError, ValueError):
    """A setting has a value that it cannot have; `setting` names it."""

    code = "invalid-setting"


class ReadError(OctavoError):
    """A file cannot be read as a document (broken, unsupported, over a limit).

    >>> from octavo.ingest import read_document
    >>> try:
    ...     read_document(b"", name="a.pdf")
    ... except ReadError as error:
    ...     print(error)
    a.pdf is empty.
    """

    code = "unreadable"


class PasswordError(ReadError):
    """A file is encrypted and the password is missing or wrong."""

    code = "password"


class UnsupportedError(ReadError):
    """A file is of a kind that Octavo does not read."""

    code = "unsupported"


class MissingToolError(ReadError):
    """A program or an optional package that is needed is not installed; the text names what to install."""

    code = "missing-tool"


class LibraryError(OctavoError):
    """A library cannot be opened, is in use by another writer, or was made by other settings.

    >>> from octavo.ingest.store.library import Library
    >>> try:
    ...     Library("/nowhere", create=False)
    ... except LibraryError as error:
    ...     print(error)
    There is no library in /nowhere: ingest documents into it first.
    """

    code = "library"


class DocumentNotFoundError(LibraryError):
    """A library holds no such document."""

    code = "document-not-found"


class ScreenshotError(LibraryError):
    """A screenshot of a library is gone or damaged; reading its document again with `force` brings it back."""

    code = "screenshot"


class EmbeddingMismatchError(LibraryError):
    """The vectors of a library were made by another embedding than the one that is set."""

    code = "embedding-mismatch"


class IncompleteIndexError(LibraryError):
    """An engine does not find the vectors of a library that it should hold; copying them again helps."""

    code = "incomplete-index"


class MetadataError(LibraryError):
    """Metadata, or a filter on it, has a value that is no text, number, truth value or list of these."""

    code = "invalid-metadata"
