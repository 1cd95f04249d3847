"""The folder of uploaded files: `uploads/COLLECTION/NAME` in the library, so that they can be read again."""

from __future__ import annotations

import filecmp
import re
import shutil
import unicodedata
from collections.abc import Container, Iterable
from contextlib import suppress
from pathlib import Path

from octavo.ingest import OctavoError
from octavo.ingest.readers import SUFFIXES, find
from octavo.ingest.store.documents import DocumentInfo

DEFAULT = "Documents"
NO_SHARED_FOLDER = "Machines that share documents need one folder for users' files that all of them see: set files."
_LONGEST = 120
_BYTES = 240
"""Bytes that a name may have; file systems take 255."""


def file_name(text: str) -> str:
    """Returns a name that is safe in any folder: no path or control characters, not hidden, up to 240 bytes.

    >>> file_name("../../etc/passwd"), file_name(" .bash\\nrc"), file_name("Report 2018 (v2).pdf")
    ('passwd', 'bashrc', 'Report 2018 (v2).pdf')
    """
    text = unicodedata.normalize("NFC", text.replace("\\", "/").rsplit("/", 1)[-1])
    text = "".join(c for c in text if unicodedata.category(c)[0] != "C")
    text = re.sub(r'[<>:"|?*]', "_", text).strip(" .")
    stem, dot, suffix = text.rpartition(".")
    end = (dot + suffix)[-20:] if stem else ""
    begin = (stem or text)[: _LONGEST - len(end)].encode()[: _BYTES - len(end.encode())].decode(errors="ignore")
    return begin + end or "file"


def received_in(folder: Path, files: Iterable[str]) -> list[Path]:
    """Returns the paths of files that a browser sent into `folder`; raises `OctavoError` for any other file."""
    results = []
    for file in files:
        path = Path(file).resolve()
        if not (path.is_relative_to(folder.resolve()) and path.is_file()):
            raise OctavoError(f"{path.name} was not uploaded here: choose the file again.")
        results.append(path)
    return results


class Uploads:
    """The folder of uploaded files, and in it, hidden, that of those put aside."""

    def __init__(self, library: Path) -> None:
        self._library = library.resolve()
        self._folder = self._library / "uploads"

    def check(self, file: Path, limit: int) -> str:
        """Returns a name for an uploaded file; raises `OctavoError` for an unknown kind, or more than `limit` bytes."""
        name = file_name(file.name)
        if Path(name).suffix.lower() not in SUFFIXES:
            kinds = ", ".join(sorted(suffix.lstrip(".") for suffix in SUFFIXES))
            raise OctavoError(f"{name} is no kind of file that can be read ({kinds}).")
        if file.stat().st_size > limit:
            raise OctavoError(f"{name} is larger than {limit // 1_000_000} MB, the longest upload.")
        return name

    def place(self, name: str, collection: str) -> Path:
        """Returns the path of a file in a collection."""
        return self._folder / file_name(collection or DEFAULT) / file_name(name)

    def free(self, path: Path) -> Path:
        """Returns a free path for a file: its own, or `report (2).pdf` where `report.pdf` exists."""
        free, number = path, 1
        while free.exists():
            number += 1
            free = path.with_name(file_name(f"{path.stem[:100]} ({number}){path.suffix}"))
        return free

    def aside(self, identity: str, name: str) -> Path:
        """Returns the path of a file that was put aside."""
        return self._folder / ".aside" / identity / name

    def move(self, file: Path, target: Path) -> None:
        """Moves a file; whoever looks sees the whole file at its new place, or none. Raises `OctavoError`."""
        part = target.with_name(f".{target.name[-60:]}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(file, part)
            part.replace(target)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise OctavoError(f"{target.name} cannot be kept in {target.parent.name}: {error.strerror}.") from error

    def same(self, one: Path, other: Path) -> bool:
        """Returns whether two files hold the same bytes."""
        return filecmp.cmp(one, other, shallow=False)

    def key(self, path: Path) -> str:
        """Returns a file's path relative to the library, as it is kept; absolute outside of it."""
        return path.relative_to(self._library).as_posix() if path.is_relative_to(self._library) else str(path)

    def path_of(self, key: str) -> Path:
        """Returns the path that `key` names."""
        return self._library / key

    def holds(self, path: Path) -> bool:
        """Returns whether a file was uploaded."""
        return path.is_relative_to(self._folder)

    def clear(self) -> None:
        """Deletes the folder with all files."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def leftovers(self, paths: Container[str]) -> list[Path]:
        """Returns files without a document: those that waited when the chat ended, and those that could not be read."""
        return [path for path in find([self._folder]) if str(path) not in paths] if self._folder.is_dir() else []


def collection(info: DocumentInfo) -> str:
    """Returns the collection of a document: the name of the folder that it was read from."""
    return Path(info.paths[0]).parent.name if info.paths else DEFAULT
