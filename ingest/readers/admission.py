"""Checks of files before a byte of them is read, and their names as people can read them."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.options import ReadOptions

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def admit(path: Path, options: ReadOptions) -> None:
    """Raises `ReadError` for what is no regular file, is empty, or has more bytes than the options allow.

    >>> try:
    ...     admit(Path("/tmp"), ReadOptions())
    ... except ReadError as error:
    ...     print(error)
    tmp is a folder: only regular files are read.
    """
    name = printable(path.name)
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        raise ReadError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if not stat.S_ISREG(status.st_mode):
        kind = next((kind for fits, kind in _KINDS if fits(status.st_mode)), "of an unknown kind")
        raise ReadError(f"{name} is {kind}: only regular files are read.")
    if not status.st_size:
        raise ReadError(f"{name} is empty.")
    if status.st_size > options.max_file_bytes:
        raise ReadError(
            f"{name} has {status.st_size:,} bytes, over the limit of {options.max_file_bytes:,}: "
            "raise OCTAVO_READING__MAX_FILE_BYTES to read it."
        )


def printable(text: str) -> str:
    """Returns a file's name, or a sentence about it, with U+FFFD for what is no UTF-8 and for control characters.

    Those are also the marks that turn the direction of writing, by which a name can look like another.

    >>> printable("caf\\udce9\\n.txt") == "caf\\ufffd\\ufffd.txt"
    True
    """
    return _UNPRINTABLE.sub("\ufffd", text)
