"""Files that are there whole or not at all, and that only their owner can read."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path

from octavo.ingest.errors import LibraryError


def write_file(path: Path, data: bytes) -> None:
    """Writes a file in one step, its folder too, and waits until it is on disk.

    A process that dies leaves at most a `.part` beside it. Raises `LibraryError` where it cannot be written.
    """
    part = path.with_name(f"{uuid.uuid4().hex}.part")
    try:
        make_folder(path.parent)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise LibraryError(f"The file {path} cannot be written: {error.strerror}.") from error


def delete_file(path: Path) -> None:
    """Deletes a file of a library, which may be gone already; raises `LibraryError` where it cannot."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise LibraryError(
            f"The library's file {path} is needed no more and cannot be deleted: {error.strerror}."
        ) from error


def make_folder(folder: Path) -> None:
    """Makes a folder that only its owner can enter, and those above it as they are by default."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_private(folder: Path) -> None:
    """Takes a folder and all in it away from everybody but the owner; what belongs to another user stays as it is."""
    if not folder.stat().st_mode & 0o077:
        return
    for path in [*folder.rglob("*"), folder]:
        if not path.is_symlink():
            with contextlib.suppress(PermissionError, FileNotFoundError):
                path.chmod(path.stat().st_mode & 0o700)
