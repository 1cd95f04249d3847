"""Files that a request brings."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import UploadFile


@contextmanager
def received(file: UploadFile) -> Iterator[Path]:
    """The path of an uploaded file's bytes, in a folder of this request's own that goes at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="octavo-upload-") as folder:
        part = Path(folder, "file")
        with part.open("wb") as out:
            shutil.copyfileobj(file.file, out, 1 << 20)
        yield part
