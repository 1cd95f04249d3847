"""Room on the disk that a library keeps for the day when there is none left: enough to search, and to remove."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from octavo.ingest.store.files import write_file

SIZE = 4_000_000
"""Bytes."""
_PLENTY = 20 * SIZE
"""Bytes that must be free for the reserve to be made."""


class Reserve:
    """A file of zeros in a library's folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "library.reserve"

    def fill(self) -> None:
        """Makes the reserve where it is not there, and where the disk has plenty of room for it."""
        if not self._file.exists() and shutil.disk_usage(self._file.parent).free > _PLENTY:
            with contextlib.suppress(OSError):
                write_file(self._file, bytes(SIZE))

    def release(self) -> bool:
        """Gives the room back to the disk; returns whether there was any."""
        try:
            self._file.unlink()
        except OSError:
            return False
        return True
