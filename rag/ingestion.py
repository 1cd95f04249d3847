"""From files to documents that can be searched: what is read, what is there already, what is replaced."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from octavo.ingest import Document, LibraryError, OctavoError, tracing
from octavo.ingest.engines.base import Descriptions
from octavo.ingest.options import EngineOptions, RayEngineOptions
from octavo.ingest.readers import find_unsupported
from octavo.ingest.reading import Failure, Prepared, Progress, Result, Skipped, read
from octavo.ingest.remote import File, file_of, is_remote
from octavo.ingest.store.images import MemoryImages
from octavo.ingest.store.library import Library
from octavo.ingest.store.metadata import Metadata, dump_metadata
from octavo.rag.embedding import Embedder, make_embedder
from octavo.rag.image_source import ImageSource, StagedPages
from octavo.rag.index import Index
from octavo.rag.index.build import build_entries
from octavo.rag.index.embedding import EmbeddedDocument, embed_document
from octavo.rag.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ingested:
    """The result of one file.

    `status` is added, replaced, renamed, removed, skipped, failed, or unsupported for a file of a folder that is of a
    kind that is not read; `reason` says why for the last three, and what it was called before for one that is renamed.
    `code` names the kind of a failure (`OctavoError.code`).

    >>> result = pipeline.ingest(folder / "note.txt")[0]
    >>> result.status, result.reason
    ('skipped', 'unchanged')
    """

    path: File
    status: str
    document: str = ""
    pages: int = 0
    reason: str = ""
    problems: tuple[str, ...] = ()
    code: str = ""


def is_gone(path: Path | str) -> bool:
    """Returns whether no file is at a path.

    It is false where that cannot be told: for a file of a store, and where a folder cannot be read.
    """
    if is_remote(str(path)):
        return False
    try:
        Path(path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def left_out(paths: Iterable[str | Path]) -> list[Ingested]:
    """Returns the files in folders among `paths` that are of kinds that are not read."""
    return [Ingested(path, "unsupported", reason="of a kind that is not read") for path in find_unsupported(paths)]


def ingest_files(
    library: Library,
    index: Index,
    settings: Settings,
    files: Iterable[File],
    *,
    password: str,
    force: bool,
    metadata: Metadata,
    progress: Callable[[Progress], None],
    engine: EngineOptions,
    embeds_there: bool,
) -> Iterator[Ingested]:
    """Reads files into a library, and yields each result as soon as its document can be searched.

    What has the same content as a document that is there is not read, unless `force` is true. An engine of several
    machines embeds where it reads if `embeds_there` is true, by the embedding that the settings name.
    """
    dump_metadata(metadata)
    index.refresh()
    with index.writing():
        renamed: dict[File, str] = {}

        def skip(path: File, content: str) -> str | None:
            if force or not library.has(content):
                return None
            if library.at(str(path)) == content:
                return "unchanged"
            info = library.info(content)
            old = [other for other in info.paths if is_gone(other)]
            index.alias(content, str(path), old)
            if old:
                renamed[path] = content
                return f"was {Path(old[0]).name}"
            return f"same content as {info.name}"

        def ids() -> Iterator[str]:
            return iter(()) if force else library.ids()

        begun: dict[str, int] = {}

        def observe(step: Progress) -> None:
            begun.setdefault(str(step.path), tracing.now())
            progress(step)

        for result in _read(library, settings, engine, files, password, skip, ids, observe, embeds_there):
            _trace(result, begun)
            if isinstance(result, Skipped):
                _note(library, index, result.id, metadata)
                status = "renamed" if renamed.pop(result.path, "") else "skipped"
                yield Ingested(result.path, status, result.id, reason=result.reason)
            elif isinstance(result, Failure):
                yield Ingested(result.path, "failed", reason=result.reason, code=result.code)
            else:
                document = result.document if isinstance(result, Prepared) else result
                path = document.path
                before = library.at(path)
                noted = library.info(before).metadata if before else {}
                both = {**noted, **metadata}
                yield _add(result, library, index, settings, both, replaces=before is not None)


def _read(
    library: Library,
    settings: Settings,
    engine: EngineOptions,
    files: Iterable[File],
    password: str,
    skip: Callable[[File, str], str | None],
    ids: Callable[[], Iterator[str]],
    progress: Callable[[Progress], None],
    embeds_there: bool,
) -> Iterator[Result | Prepared]:
    """Reads files by the engine that is set."""
    if not isinstance(engine, RayEngineOptions):
        yield from read(
            files,
            settings.reading,
            password=password,
            skip=skip,
            save_image=library.save_image,
            progress=progress,
            checkpoints=library.checkpoints,
        )
        return
    from octavo.ingest.engines.base import read_files
    from octavo.ingest.engines.ray import RayEngine

    prepare = PrepareDocument(settings, embeds_there) if embeds_there or settings.describe else None
    with RayEngine(
        engine,
        settings.reading,
        password=password,
        skip=skip,
        library_ids=ids,
        save_image=library.save_image,
        load_image=library.image,
        progress=progress,
        prepare=prepare,
        checkpoints=library.checkpoints,
        descriptions=library.model_output,
    ) as cluster:
        yield from read_files(files, cluster)


@dataclass(frozen=True, slots=True)
class _PreparedDocument:
    """A document with its figures described, and its entries with their vectors where they are made already."""

    document: Document
    embedded: EmbeddedDocument | None


@dataclass(frozen=True)
class PrepareDocument:
    """Describes and embeds a document that was just read, without a library; it can be sent to where that is done."""

    settings: Settings
    embeds: bool

    def __call__(
        self, document: Document, images: Mapping[str, bytes], descriptions: Descriptions
    ) -> _PreparedDocument:
        """Returns the document with descriptions of its figures, if they are set, and with vectors, if it embeds.

        `images` are its screenshots by their hash.
        """
        store = MemoryImages()
        store.images.update(images)
        document = _describe(document, store.read, descriptions, self.settings)
        if not self.embeds:
            return _PreparedDocument(document, None)
        embedder = _embedder(self.settings.embedding.model_dump_json())
        source = ImageSource(StagedPages(document, store.read))
        return _PreparedDocument(document, embed_document(None, list(build_entries(document)), embedder, source))


@lru_cache(maxsize=1)
def _embedder(options: str) -> Embedder:
    return make_embedder(Settings.model_validate({"embedding": json.loads(options)}))


def _trace(result: Result | Prepared, begun: dict[str, int]) -> None:
    """Records the span of a file that was read, from its first step."""
    document = result.document if isinstance(result, Prepared) else result
    started = begun.pop(str(document.path), None)
    if started is None or isinstance(document, Skipped):
        return
    attributes: dict[str, str | int]
    if isinstance(document, Failure):
        attributes = {"error.type": document.code}
    else:
        attributes = {"octavo.document.id": document.id, "octavo.document.pages": len(document.pages)}
    path = {"octavo.document.path": str(document.path)}
    tracing.record_span("octavo.read", started, attributes, path, failed=isinstance(document, Failure))


def _note(library: Library, index: Index, document: str, metadata: Metadata) -> None:
    """Adds metadata to what is noted with a document."""
    if not metadata:
        return
    before = library.info(document).metadata
    together = {**before, **metadata}
    if together != before:
        index.set_metadata(document, together)


def _add(
    read: Document | Prepared,
    library: Library,
    index: Index,
    settings: Settings,
    metadata: Metadata,
    *,
    replaces: bool,
) -> Ingested:
    """Puts a document into the library; what goes wrong with it is its failure, what with the library is raised."""
    document = read.document if isinstance(read, Prepared) else read
    path, embedded = file_of(document.path), None
    try:
        if isinstance(read, Prepared):
            prepared: _PreparedDocument = read.prepared
            document, embedded = replace(prepared.document, path=document.path), prepared.embedded
        else:
            document = _describe(document, library.image, library.model_output, settings)
        with tracing.span("octavo.index", {"octavo.document.id": document.id}):
            index.add(document, document.path, replace=True, embedded=embedded, metadata=metadata)
    except LibraryError:
        raise
    except OctavoError as error:
        return Ingested(path, "failed", reason=f"{document.name} cannot be added: {error}")
    except Exception as error:
        logger.exception("Adding %s failed", path)
        return Ingested(path, "failed", reason=f"{document.name} cannot be added: {type(error).__name__}: {error}")
    status = "replaced" if replaces else "added"
    return Ingested(path, status, document.id, len(document.pages), problems=document.problems)


def _describe(
    document: Document, load_image: Callable[[str], bytes], descriptions: Descriptions, settings: Settings
) -> Document:
    """Returns the document with its figures described by the model, where the settings ask for it."""
    if not settings.describe:
        return document
    from octavo.rag.descriptions import Describer

    return Describer(load_image, descriptions, settings)(document)
