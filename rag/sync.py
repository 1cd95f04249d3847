"""Keeping a library in step with a folder: what is new, changed or gone there is added, replaced or removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from octavo.ingest import ReadError, ReadOptions
from octavo.ingest.readers import admit, content_id, find
from octavo.ingest.store.documents import DocumentInfo
from octavo.rag.ingestion import Ingested, is_gone


def files_of(folder: Path | str) -> tuple[Path, list[Path]]:
    """Returns a folder without links, and the files in and below it that can be read; raises `ReadError`."""
    root = Path(folder).resolve()
    if not root.is_dir():
        raise ReadError(f"{folder} is no folder: name the folder that the library is kept in step with.", path=root)
    return root, find([root])


@dataclass(frozen=True, slots=True)
class MissingPaths:
    """Paths that hold nothing any more, each with the id of the document that the library has of it.

    Those `in_doubt` lie in folders that are there and empty, as a disk that is not mounted leaves them behind.
    """

    sure: tuple[tuple[Path, str], ...]
    in_doubt: tuple[tuple[Path, str], ...]

    def failures(self) -> Iterator[Ingested]:
        """Yields a failure for each path in doubt, which says how to remove its document."""
        for path, document in self.in_doubt:
            reason = (
                f"{path.name} is gone from {path.parent}, which is empty and may be a disk that is not mounted: "
                "remove that folder, or the document by name"
            )
            yield Ingested(path, "failed", document, reason=reason)


def gone(documents: Sequence[DocumentInfo], root: Path, files: Sequence[Path]) -> MissingPaths:
    """Returns what is gone below a folder, of documents with the paths that they were read from.

    Raises `ReadError` where a folder that held documents has no file left: it may be a disk that is not mounted.
    """
    there = set(files)
    places = [(Path(path), info.id) for info in documents for path in info.paths]
    below = [(path, document) for path, document in places if path.is_relative_to(root)]
    if below and not files:
        raise ReadError(
            f"{root} holds no file that can be read, and the library has {len(below)} from there: if they are meant to "
            "go, remove them by name.",
            path=root,
        )
    missing = sorted((path, document) for path, document in below if path not in there and is_gone(path))
    empty = {folder for folder in {path.parent for path, _ in missing} if folder.is_dir() and not any(folder.iterdir())}
    return MissingPaths(
        tuple((path, document) for path, document in missing if path.parent not in empty),
        tuple((path, document) for path, document in missing if path.parent in empty),
    )


def plan(
    documents: Sequence[DocumentInfo], root: Path, files: Sequence[Path], options: ReadOptions
) -> Iterator[Ingested]:
    """Yields what a sync would do: added, replaced, renamed, skipped or removed; and what cannot be read at all."""
    infos = {info.id: info for info in documents}
    document_of_path = {path: info.id for info in documents for path in info.paths}
    missing = gone(documents, root, files)
    sure, renamed = dict(missing.sure), set[Path]()
    new: dict[str, Path] = {}
    for file in files:
        try:
            admit(file, options)
            content, before = content_id(file), document_of_path.get(str(file))
        except (ReadError, OSError) as error:
            yield Ingested(file, "failed", reason=str(error))
            continue
        old = [Path(path) for path in infos[content].paths if is_gone(Path(path))] if content in infos else []
        if before == content:
            yield Ingested(file, "skipped", content, reason="unchanged")
        elif old:
            renamed.update(old)
            yield Ingested(file, "renamed", content, reason=f"was {old[0].name}")
        elif content in infos or content in new:
            name = infos[content].name if content in infos else new[content].name
            yield Ingested(file, "skipped", content, reason=f"same content as {name}")
        else:
            new[content] = file
            yield Ingested(file, "replaced" if before else "added", content)
    yield from (Ingested(path, "removed", document) for path, document in sure.items() if path not in renamed)
    yield from (failure for failure in missing.failures() if failure.path not in renamed)
