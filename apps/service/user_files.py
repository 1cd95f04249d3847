"""Files of users: those that they uploaded into collections, and those that they keep, below a folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from octavo.ingest import LibraryError
from octavo.ingest.readers.base import content_id

_FOLDERS = ("uploads", "files", "collections/*/uploads")
"""Where they lie below the folder of a service, or the one that machines share."""


def user_files(root: Path) -> Iterator[Path]:
    """Yields the files of users below a folder, without those that were not written to their end."""
    for folder in _folders(root):
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".part")


def copy_files(source: Path, target: Path) -> int:
    """Copies the files of users from one folder to another and compares their hashes; returns how many there are.

    Those that were copied before are only compared. Raises `LibraryError` where a copy differs or cannot be made, and
    where there is another file in its place.
    """
    files = list(user_files(source))
    for file in files:
        copy = target / file.relative_to(source)
        try:
            _copy(file, copy)
        except OSError as error:
            raise LibraryError(f"{file} cannot be copied to {copy}: {error.strerror}.", path=file) from error
    return len(files)


def delete_files(root: Path) -> None:
    """Deletes the files of users below a folder."""
    for folder in _folders(root):
        shutil.rmtree(folder)


def _copy(file: Path, copy: Path) -> None:
    content = content_id(file)
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = copy.with_name(f".{content}.part")
        shutil.copy2(file, part)
        if content_id(part) != content:
            raise LibraryError(f"The copy of {file} at {copy} differs from it: move the files again.", path=file)
        part.replace(copy)
    elif content_id(copy) != content:
        raise LibraryError(f"{copy} is another file than {file}: name an empty folder for the files.", setting="files")


def _folders(root: Path) -> list[Path]:
    return [folder for pattern in _FOLDERS for folder in sorted(root.glob(pattern)) if folder.is_dir()]
