"""The client: a collection of a server with the methods of `Pipeline`."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from octavo.client.concepts import RemoteConcepts
from octavo.client.connection import ServerConnection, ServerError
from octavo.client.store import RemoteStore
from octavo.client.uploads import Upload
from octavo.client.values import events_of, evidence_of
from octavo.ingest.reading import Progress
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.metadata import Metadata
from octavo.rag.derived import DerivedMethods
from octavo.rag.documents import StoredDocument
from octavo.rag.entry import EVERYWHERE, Level, Scope
from octavo.rag.evidence import Answer, Event, Evidence, Finished
from octavo.rag.images import ImageInput, data_url, picture_file
from octavo.rag.ingestion import Ingested
from octavo.rag.regions import PageRegions, each_region

if TYPE_CHECKING:
    from PIL import Image

POLL = 0.5
"""Seconds between two looks at a file that is being read."""
_OVER = ("done", "failed", "canceled")


class Client(DerivedMethods):
    """A collection of a server; its methods are those of `Pipeline`.

    `url` is the server's address, `key` an API key where it has users, `timeout` the seconds that it may be silent.
    `library` are its documents, `concepts` those of its users. Use it as a context manager, or call `close()`. Every
    failure is a `ServerError`.
    """

    def __init__(self, url: str, *, key: str = "", collection: str = "default", timeout: float = 120) -> None:
        self._connection = ServerConnection(url, key, collection, timeout)
        self.library, self.concepts = RemoteStore(self._connection), RemoteConcepts(self._connection)
        self.collection = collection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._connection.close()

    # documents

    def ingest(
        self,
        *paths: str | Path,
        password: str = "",
        force: bool = False,
        metadata: Metadata | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> list[Ingested]:
        """Uploads files, folders or globs and waits until each is read; results are those of `Pipeline.ingest`."""
        from octavo.ingest.readers import find
        from octavo.rag.ingestion import left_out

        results = self.ingest_each(find(paths), password=password, force=force, metadata=metadata, progress=progress)
        return [*results, *left_out(paths)]

    def ingest_each(
        self,
        files: Iterable[Path],
        *,
        password: str = "",
        force: bool = False,
        metadata: Metadata | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> Iterator[Ingested]:
        """Ingests files as `ingest` does; yields each result as soon as its document can be asked."""
        uploads = (Upload(file, file.name, metadata or {}, force=force) for file in files)
        return self._upload(uploads, password, progress)

    def sync(
        self,
        folder: str | Path,
        *,
        dry_run: bool = False,
        password: str = "",
        metadata: Metadata | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> list[Ingested]:
        """Keeps the collection in step with a folder of this machine, as `Pipeline.sync` does.

        Where a document comes from is noted in its metadata, as `synced_from`. Documents that were uploaded otherwise
        stay, and one whose file was renamed or moved keeps its name on the server.
        """
        from octavo.client.sync import SyncedFolder
        from octavo.rag.ingestion import left_out

        synced = SyncedFolder(folder, self.documents())
        steps = synced.plan()
        if dry_run:
            return [*steps, *left_out([synced.root])]
        uploads = [synced.upload(step, metadata or {}) for step in steps if step.status in ("added", "replaced")]
        results = list(self._upload(uploads, password, progress))
        for step in steps:
            if step.status == "renamed":
                self.set_metadata(step.document, synced.metadata(step, self.library.find(step.document).metadata))
            elif step.status == "removed":
                self.remove(step.document)
            if step.status not in ("added", "replaced"):
                results.append(step)
        return [*results, *left_out([synced.root])]

    def _upload(
        self, uploads: Iterable[Upload], password: str, progress: Callable[[Progress], None] | None
    ) -> Iterator[Ingested]:
        """Uploads files; yields each result as soon as its document can be asked."""
        waiting: dict[str, Upload] = {}
        for upload in uploads:
            try:
                with upload.file.open("rb") as content:
                    sent = {"files": (upload.name, content)}
                    jobs = self._connection.call("POST", "/documents", data=upload.form(password), files=sent).json()
                waiting[jobs[0]["id"]] = upload
            except ServerError as error:
                if error.status not in (400, 413):
                    raise
                yield Ingested(upload.file, "failed", reason=str(error), code=error.code)
        while waiting:
            for job in [self._connection.get(f"/jobs/{identity}") for identity in waiting]:
                if progress is not None and job["stage"]:
                    progress(Progress(waiting[job["id"]].file, job["stage"], job["page"], job["pages"]))
                if job["state"] in _OVER:
                    yield self._ingested(waiting.pop(job["id"]), job)
            if waiting:
                time.sleep(POLL)

    def documents(self) -> list[DocumentInfo]:
        """Returns the documents of the collection, by name."""
        return self.library.documents()

    def document(self, name: str) -> StoredDocument:
        """Returns a document by its id or file name, with its pages, pictures and exports."""
        return StoredDocument(self.library, self.library.find(name))

    def set_metadata(self, name: str, metadata: Metadata) -> None:
        """Notes metadata with a document in place of what was noted."""
        self._connection.call("PUT", f"/documents/{quote(name, safe='')}/metadata", json=dict(metadata))

    def remove(self, document: str) -> DocumentInfo:
        """Removes a document, named by its id or file name."""
        info = self.library.find(document)
        self._connection.call("DELETE", f"/documents/{info.id}")
        return info

    # questions

    def search(
        self,
        question: str,
        *,
        level: Level | str = Level.PAGE,
        k: int | None = None,
        threshold: float = 0.0,
        scope: Scope = EVERYWHERE,
        filter: Metadata | None = None,
        picture: ImageInput | None = None,
        region: PageRegions | None = None,
    ) -> list[Evidence]:
        """Searches as `Pipeline.search` does."""
        body = _asked(question, level, k, threshold, scope, filter, picture, region)
        return list(evidence_of(self._connection.call("POST", "/search", json=body).json()))

    def ask(
        self,
        question: str,
        *,
        level: Level | str = Level.CHUNK,
        k: int | None = None,
        threshold: float | None = None,
        scope: Scope = EVERYWHERE,
        filter: Metadata | None = None,
        picture: ImageInput | None = None,
        region: PageRegions | None = None,
    ) -> Answer:
        """Answers as `Pipeline.ask` does."""
        *_, last = self.stream(
            question,
            level=level,
            k=k,
            threshold=threshold,
            scope=scope,
            filter=filter,
            picture=picture,
            region=region,
        )
        assert isinstance(last, Finished)
        return last.answer

    def stream(
        self,
        question: str,
        *,
        level: Level | str = Level.CHUNK,
        k: int | None = None,
        threshold: float | None = None,
        scope: Scope = EVERYWHERE,
        filter: Metadata | None = None,
        picture: ImageInput | None = None,
        region: PageRegions | None = None,
    ) -> Generator[Event]:
        """Answers as `Pipeline.stream` does."""
        body = _asked(question, level, k, threshold, scope, filter, picture, region)
        with self._connection.lines("/ask", body | {"stream": True}) as lines:
            yield from events_of(lines)

    def highlight(self, answer: Answer, document: str, page: int) -> Image.Image:
        """Returns the screenshot of a page with the boxes of an answer's citations drawn on it, as `Pipeline` does."""
        from octavo.rag.answering.highlight import highlight

        return highlight(self.library, document, page, answer.citations)

    def _ingested(self, upload: Upload, job: dict[str, Any]) -> Ingested:
        if job["state"] != "done":
            return Ingested(upload.file, "failed", reason=job["reason"])
        info = self.library.find(job["document"])
        status = "replaced" if upload.replace else "added"
        return Ingested(upload.file, status, info.id, info.pages, problems=info.problems)


def _asked(
    question: str,
    level: Level | str,
    k: int | None,
    threshold: float | None,
    scope: Scope,
    filter: Metadata | None,
    picture: ImageInput | None,
    region: PageRegions | None,
) -> dict[str, Any]:
    """Returns a question as JSON; raises `OctavoError` for a picture that cannot be read."""
    return {
        "question": question,
        "level": str(Level(level)),
        "k": k,
        "threshold": threshold,
        "documents": scope.documents,
        "pages": scope.pages,
        "kinds": None if scope.kinds is None else sorted(scope.kinds),
        "filter": None if filter is None else dict(filter),
        "picture": None if picture is None else data_url(picture_file(picture)),
        "region": [{"document": part.document, "page": part.page, "box": part.box} for part in each_region(region)],
    }
