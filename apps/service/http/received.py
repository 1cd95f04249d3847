"""What a request brings: files, and the key that makes it take effect once."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import Request, UploadFile

from octavo.apps.service.errors import ServiceError

_KEY = re.compile(r"[\w.:-]{1,128}")


@contextmanager
def received(file: UploadFile) -> Iterator[Path]:
    """The path of an uploaded file's bytes, in a folder of this request's own that goes at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="octavo-upload-") as folder:
        part = Path(folder, "file")
        with part.open("wb") as out:
            shutil.copyfileobj(file.file, out, 1 << 20)
        yield part


def reply_key(request: Request) -> str:
    """The request's `Idempotency-Key`, empty where it has none; raises `ServiceError` for one that is not valid."""
    key = request.headers.get("idempotency-key", "")
    if key and not _KEY.fullmatch(key):
        raise ServiceError(
            "An Idempotency-Key has 1 to 128 letters, digits and . _ : - only.", setting="idempotency-key"
        )
    return key
