"""Keeping a library in step with a folder: what is new, changed or gone there is added, replaced or removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from octavo.ingest import ReadError
from octavo.ingest.readers import content_id, find
from octavo.ingest.store.library import Library
from octavo.rag.ingestion import Ingested


def files_of(folder: Path | str) -> tuple[Path, list[Path]]:
    """Returns a folder without links, and the files in and below it that can be read; raises `ReadError`."""
    root = Path(folder).resolve()
    if not root.is_dir():
        raise ReadError(f"{folder} is no folder: name the folder that the library is kept in step with.", path=root)
    return root, find([root])


def gone(library: Library, root: Path, files: Sequence[Path]) -> list[tuple[Path, str]]:
    """Returns the paths below a folder that are gone, each with the id of the document that the library has of it.

    Raises `ReadError` where a folder that held documents has no file left: it may be a disk that is not mounted.
    """
    there = set(files)
    held = [(Path(path), info.id) for info in library.documents() for path in info.paths]
    below = [(path, document) for path, document in held if path.is_relative_to(root)]
    if below and not files:
        raise ReadError(
            f"{root} holds no file that can be read, and the library has {len(below)} from there: if they are meant to "
            "go, remove them by name.",
            path=root,
        )
    return sorted((path, document) for path, document in below if path not in there)


def plan(library: Library, root: Path, files: Sequence[Path]) -> Iterator[Ingested]:
    """Yields what a sync would do: added, replaced, skipped or removed."""
    held = {path: info.id for info in library.documents() for path in info.paths}
    for file in files:
        content, before = content_id(file), held.get(str(file))
        if before == content:
            yield Ingested(file, "skipped", content, reason="unchanged")
        elif library.has(content):
            yield Ingested(file, "skipped", content, reason=f"same content as {library.info(content).name}")
        else:
            yield Ingested(file, "replaced" if before else "added", content)
    for path, document in gone(library, root, files):
        yield Ingested(path, "removed", document)
