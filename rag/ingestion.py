"""From files to documents that can be searched: what is read, what is there already, what is replaced."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from octavo.ingest import Document, LibraryError, OctavoError
from octavo.ingest.readers import unsupported
from octavo.ingest.reading import Failure, Progress, Skipped, read
from octavo.ingest.store.library import Library
from octavo.ingest.store.metadata import Metadata, dump_metadata
from octavo.rag.index import Index
from octavo.rag.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ingested:
    """The result of one file.

    `status` is added, replaced, renamed, removed, skipped, failed, or unsupported for a file of a folder that is of a
    kind that is not read; `reason` says why for the last three, and what it was called before for one that is renamed.
    `code` names the kind of a failure (`OctavoError.code`).
    """

    path: Path
    status: str
    document: str = ""
    pages: int = 0
    reason: str = ""
    problems: tuple[str, ...] = ()
    code: str = ""


def is_gone(path: Path) -> bool:
    """Returns whether no file is at a path: false where that cannot be told, as its folder cannot be read."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def left_out(paths: Iterable[str | Path]) -> list[Ingested]:
    """The files in folders among `paths` that are of kinds that are not read."""
    return [Ingested(path, "unsupported", reason="of a kind that is not read") for path in unsupported(paths)]


def ingest_files(
    library: Library,
    index: Index,
    settings: Settings,
    files: Iterable[Path],
    *,
    password: str,
    force: bool,
    metadata: Metadata,
    progress: Callable[[Progress], None],
) -> Iterator[Ingested]:
    """Reads files into a library, and yields each result as soon as its document can be searched.

    What has the same content as a document that is there is not read, unless `force` is true.
    """
    dump_metadata(metadata)
    with index.writing():
        infos = library.documents()
        held = {path: info.id for info in infos for path in info.paths}
        noted = {info.id: info.metadata for info in infos}
        renamed: dict[Path, str] = {}

        def skip(path: Path, content: str) -> str | None:
            if force or not library.has(content):
                return None
            if held.get(str(path)) == content:
                return "unchanged"
            info = library.info(content)
            old = [other for other in info.paths if is_gone(Path(other))]
            index.alias(content, path, old)
            if old:
                renamed[path] = content
                return f"was {Path(old[0]).name}"
            return f"same content as {info.name}"

        reading = read(
            files,
            settings.reading,
            password=password,
            skip=skip,
            save_image=library.save_image,
            progress=progress,
            checkpoints=library.checkpoints,
        )
        for result in reading:
            if isinstance(result, Skipped):
                _note(library, result.id, metadata, noted)
                status = "renamed" if result.path in renamed else "skipped"
                yield Ingested(result.path, status, result.id, reason=result.reason)
            elif isinstance(result, Failure):
                yield Ingested(result.path, "failed", reason=result.reason, code=result.code)
            else:
                added = _added(result, library, index, settings, replaces=result.path in held)
                if added.document:
                    before = noted.get(held.get(result.path, ""), {})
                    _note(library, added.document, {**before, **metadata}, noted)
                    held[result.path] = added.document
                yield added


def _note(library: Library, document: str, metadata: Metadata, noted: dict[str, Metadata]) -> None:
    """Adds metadata to what is noted with a document."""
    together = {**noted.get(document, {}), **metadata}
    if metadata and together != noted.get(document):
        with library.transaction():
            library.set_metadata(document, together)
        noted[document] = together


def _added(document: Document, library: Library, index: Index, settings: Settings, *, replaces: bool) -> Ingested:
    """Puts a document into the library; what goes wrong with it is its failure, what with the library is raised."""
    path = Path(document.path)
    try:
        document = _described(document, library, settings)
        index.add(document, path, replace=True)
    except LibraryError:
        raise
    except OctavoError as error:
        return Ingested(path, "failed", reason=f"{document.name} cannot be added: {error}")
    except Exception as error:
        logger.exception("Adding %s failed", path)
        return Ingested(path, "failed", reason=f"{document.name} cannot be added: {type(error).__name__}: {error}")
    status = "replaced" if replaces else "added"
    return Ingested(path, status, document.id, len(document.pages), problems=document.problems)


def _described(document: Document, library: Library, settings: Settings) -> Document:
    """The document with its figures described by the model, where the settings ask for it."""
    if not settings.describe:
        return document
    from octavo.rag.descriptions import Describer

    return Describer(library, settings)(document)
