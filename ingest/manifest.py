"""Finds the files to read: those of folders and addresses that are named, or of a manifest that lists them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.readers import find
from octavo.ingest.readers.discover import path_text
from octavo.ingest.remote import File, file_of, find_remote, is_remote


def find_files(paths: Iterable[str | Path]) -> Iterator[File]:
    """Yields the files that paths and addresses of stores mean: those of this machine first, sorted, each once.

    Raises `ReadError` at once for a path that is not there, and for an address when it is reached.
    """
    names = [path_text(path) for path in paths]
    here = find(path for path in names if not is_remote(path))
    return chain(here, chain.from_iterable(find_remote(path) for path in names if is_remote(path)))


def read_manifest(manifest: Path) -> Iterator[File]:
    """Yields the files that a manifest lists, a line at a time: one path or address a line.

    A line may also be a JSON object with `path`, as in the file of failures that an ingest writes. Empty lines, and
    those that begin with `#`, say nothing. Raises `ReadError` for a manifest that cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     manifest = Path(folder, "manifest.txt")
    ...     _ = manifest.write_text('/a.pdf\\n# a note\\ns3://bucket/b.pdf\\n{"path": "/c.pdf", "reason": "empty"}\\n')
    ...     [str(file) for file in read_manifest(manifest)]
    ['/a.pdf', 's3://bucket/b.pdf', '/c.pdf']
    """
    try:
        with manifest.open(encoding="utf-8", errors="surrogateescape") as lines:
            for number, line in enumerate(lines, 1):
                if (text := line.strip()) and not text.startswith("#"):
                    yield _file(text, manifest, number)
    except OSError as error:
        raise ReadError(f"The manifest {manifest} cannot be read: {error.strerror}.", path=manifest) from error


def _file(text: str, manifest: Path, number: int) -> File:
    if text.startswith("{"):
        try:
            text = str(json.loads(text)["path"])
        except (ValueError, KeyError) as error:
            raise ReadError(f"Line {number} of {manifest} is no JSON object with a path.", path=manifest) from error
    file = file_of(text)
    return Path(os.path.realpath(file)) if isinstance(file, Path) else file
