"""Where uploaded files go: `uploads/COLLECTION/NAME` in the library, so that they can be read again."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Container, Iterable
from pathlib import Path

from octavo.ingest import OctavoError
from octavo.ingest.readers import SUFFIXES, find
from octavo.ingest.store.library import DocumentInfo

DEFAULT = "Documents"
_LONGEST = 120


def file_name(text: str) -> str:
    """A name that is safe in any folder: no path, no control characters, not hidden, at most 120 letters.

    >>> file_name("../../etc/passwd"), file_name(" .bash\\nrc"), file_name("Report 2018 (v2).pdf")
    ('passwd', 'bashrc', 'Report 2018 (v2).pdf')
    """
    text = unicodedata.normalize("NFC", text.replace("\\", "/").rsplit("/", 1)[-1])
    text = "".join(c for c in text if unicodedata.category(c)[0] != "C")
    text = re.sub(r'[<>:"|?*]', "_", text).strip(" .")
    stem, dot, suffix = text.rpartition(".")
    return (stem[: _LONGEST - len(suffix) - 1] + dot + suffix if stem else text[:_LONGEST]) or "file"


def received_in(folder: Path, files: Iterable[str]) -> list[Path]:
    """The paths of files that a browser sent into `folder`; raises `OctavoError` for any other file of this machine."""
    found = []
    for file in files:
        path = Path(file).resolve()
        if not (path.is_relative_to(folder.resolve()) and path.is_file()):
            raise OctavoError(f"{path.name} was not uploaded here: choose the file again.")
        found.append(path)
    return found


class Uploads:
    """The folder of uploaded files."""

    def __init__(self, library: Path) -> None:
        self._folder = (library / "uploads").resolve()

    def take(self, file: Path, collection: str, limit: int) -> Path:
        """Moves an uploaded file into a collection and returns where it is; raises `OctavoError` for a bad one."""
        name = file_name(file.name)
        if Path(name).suffix.lower() not in SUFFIXES:
            kinds = ", ".join(sorted(suffix.lstrip(".") for suffix in SUFFIXES))
            raise OctavoError(f"{name} is no kind of file that can be read ({kinds}).")
        if file.stat().st_size > limit:
            raise OctavoError(f"{name} is larger than {limit // 1_000_000} MB, the longest upload.")
        folder = self._folder / file_name(collection or DEFAULT)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / name
        shutil.move(file, target)
        return target

    def left(self, held: Container[str]) -> list[Path]:
        """Files that no document was read from: what was waiting when the chat ended, and what could not be read."""
        return [path for path in find([self._folder]) if str(path) not in held] if self._folder.is_dir() else []

    def drop(self, paths: Iterable[Path]) -> None:
        """Deletes those of the files that were uploaded; files elsewhere are not touched."""
        for path in paths:
            if path.is_relative_to(self._folder):
                path.unlink(missing_ok=True)


def collection(info: DocumentInfo) -> str:
    """The collection of a document: the name of the folder that it was read from."""
    return Path(info.paths[0]).parent.name if info.paths else DEFAULT
