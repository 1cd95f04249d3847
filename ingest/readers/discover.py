"""Which files are meant: folders, globs and single files."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.readers.kinds import SUFFIXES


def find(paths: Iterable[str | Path]) -> list[Path]:
    """The files that `paths` mean, absolute, sorted, each once.

    A folder means all files in and below it that can be read, leaving out hidden ones; a glob what it matches; a
    file that is named is taken whatever its suffix. Raises `ReadError` for a path that is not there.
    """
    found: set[Path] = set()
    for path in map(str, paths):
        if os.path.isdir(path):
            found.update(_below(Path(path)))
        elif os.path.exists(path):
            found.add(Path(path).resolve())
        elif matches := glob.glob(path, recursive=True):
            for match in map(Path, matches):
                found.update(_below(match) if match.is_dir() else [match.resolve()])
        else:
            raise ReadError(f"There is no file, folder or match for {path}: check the spelling.")
    return sorted(found)


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith((".", "~$")):
                yield (Path(parent) / name).resolve()
