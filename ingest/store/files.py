"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from octavo.ingest.errors import LibraryError


def write_file(path: Path, data: bytes) -> None:
    """Writes a file of a library in one step, its folder too, and waits until it is on disk.

    A process that dies leaves at most a `.part` beside it. Raises `LibraryError` where it cannot be written.
    """
    part = path.with_name(f"{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise LibraryError(f"The library's file {path} cannot be written: {error.strerror}.") from error
