"""The documents of a service's collections: uploading, listing and removing them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from pathlib import Path

from octavo.apps.chat.uploads import NO_SHARED_FOLDER, Uploads, file_name
from octavo.apps.service.collections import Collections
from octavo.apps.service.errors import ConflictError, ServiceError, TooLargeError
from octavo.apps.service.jobs import Job, JobQueue
from octavo.apps.service.options import ServiceOptions
from octavo.apps.service.questions import find_document
from octavo.apps.service.quotas import Quotas
from octavo.apps.service.rights import Caller, Role
from octavo.ingest import OctavoError
from octavo.ingest.readers.base import content_id
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.metadata import Metadata
from octavo.ingest.store.rows import RowStore
from octavo.rag import Level, Settings


class DocumentService(ABC):
    """The part of a service that is about documents."""

    settings: Settings
    options: ServiceOptions
    database: RowStore
    collections: Collections
    jobs: JobQueue
    quotas: Quotas

    @abstractmethod
    def record(self, caller: Caller, action: str, collection: str = "", subject: str = "") -> None:
        """Writes an entry of the audit log."""

    def upload(
        self,
        caller: Caller,
        collection: str,
        file: Path,
        name: str,
        metadata: Metadata | None = None,
        password: str = "",
        *,
        replace: bool = False,
        force: bool = False,
    ) -> Job:
        """Takes a file into a collection's folder of uploads and queues it; `file` is moved.

        A file whose name is taken by other bytes is kept beside it under a free name, or with `replace` takes its
        place. With `force` it is read also where its document is there. Raises `ServiceError` for a file of no known
        kind or too large, and where the caller's files would take more than they may.
        """
        self.collections.get(caller, collection, Role.EDITOR)
        uploads = self.collections.uploads(collection)
        file = file.rename(file.with_name(file_name(name)))
        size, document = file.stat().st_size, content_id(file)
        with self.database.exclusive():  # no two find the same room, or the same name
            name = self._check(caller, uploads, file)
            target = uploads.place(name, "")
            if not replace and target.exists() and not uploads.same(file, target):
                target = uploads.free(target)
            uploads.move(file, target)
            self.quotas.note_upload(caller.user, target, size)
        self.record(caller, "document.add", collection, target.name)
        return self.jobs.add(collection, caller.user, target, metadata or {}, document, password, force=force)

    def read_again(self, caller: Caller, collection: str, document: str, password: str = "") -> Job:
        """Queues the file of a document to be read again, as after an update; its metadata stays.

        Raises `NotFoundError`, and `ConflictError` where the file is gone.
        """
        self.collections.get(caller, collection, Role.EDITOR)
        with self.collections.opened(collection) as pipeline:
            info = find_document(pipeline, document)
        file = next((path for path in map(Path, info.paths) if path.is_file()), None)
        if file is None:
            raise ConflictError(f"The file of {info.name} is gone: upload it again.")
        self.record(caller, "document.read", collection, info.name)
        return self.jobs.add(collection, caller.user, file, info.metadata, content_id(file), password, force=True)

    def documents(
        self, caller: Caller, collection: str, limit: int | None = None, offset: int = 0
    ) -> list[DocumentInfo]:
        """Returns the documents of a collection, by name, or `limit` of them after the first `offset`."""
        self.collections.get(caller, collection)
        with self.collections.opened(collection) as pipeline:
            pipeline.index.refresh()
            return pipeline.library.documents(limit, offset)

    def count_documents(self, caller: Caller, collection: str) -> int:
        """Returns how many documents a collection has."""
        self.collections.get(caller, collection)
        with self.collections.opened(collection) as pipeline:
            return pipeline.index.count(Level.DOCUMENT)

    def metadata_of(self, caller: Caller, collection: str, documents: Collection[str]) -> dict[str, Metadata]:
        """Returns the metadata of those documents, given by id, that are there."""
        self.collections.get(caller, collection)
        with self.collections.opened(collection) as pipeline:
            library = pipeline.library
            with library.snapshot():  # others may remove documents meanwhile
                return {identity: library.info(identity).metadata for identity in documents if library.has(identity)}

    def remove(self, caller: Caller, collection: str, document: str) -> DocumentInfo:
        """Removes a document, and its file where it was uploaded; raises `NotFoundError`."""
        self.collections.get(caller, collection, Role.EDITOR)
        with self.collections.opened(collection) as pipeline:
            info = find_document(pipeline, document)
            pipeline.remove(info.id)
        uploads = self.collections.uploads(collection)
        for path in map(Path, info.paths):
            if uploads.holds(path):
                path.unlink(missing_ok=True)
        self.record(caller, "document.remove", collection, info.name)
        return info

    def forget_job(self, caller: Caller, collection: str, job: str) -> Job:
        """Forgets a job that is over, with its file where that became no document; raises `ConflictError` for others.

        The bytes of a file that could not be read, or whose job was canceled, count as long as it is stored.
        """
        self.collections.get(caller, collection, Role.EDITOR)
        forgotten = self.jobs.forget(collection, job)
        path = Path(forgotten.path)
        if forgotten.state != "done" and self.collections.uploads(collection).holds(path):
            with self.collections.opened(collection) as pipeline:
                is_document = pipeline.library.at(path) is not None
            if not (is_document or forgotten.path in self.jobs.paths(collection)):
                path.unlink(missing_ok=True)
        self.record(caller, "job.remove", collection, forgotten.name)
        return forgotten

    def set_metadata(self, caller: Caller, collection: str, document: str, metadata: Metadata) -> DocumentInfo:
        """Notes metadata with a document in place of what was noted; raises `NotFoundError`."""
        self.collections.get(caller, collection, Role.EDITOR)
        with self.collections.opened(collection) as pipeline:
            info = find_document(pipeline, document)
            pipeline.set_metadata(info.id, metadata)
            return pipeline.library.info(info.id)

    def _check(self, caller: Caller, uploads: Uploads, file: Path) -> str:
        """Returns a safe name for a file that comes in; raises `ServiceError`."""
        if not self._sees_files:
            raise ServiceError(NO_SHARED_FOLDER, setting="files")
        size, limit = file.stat().st_size, self.options.upload_bytes
        if size > limit:
            raise TooLargeError(f"{file.name[:120]} is larger than {limit / 1e6:.1f} MB.")
        try:
            name = uploads.check(file, limit)
        except OctavoError as error:
            raise ServiceError(str(error)) from error
        self.quotas.check_file(caller.user, name, size)
        return name

    def start_jobs(self) -> None:
        """Begins to read the files of the queue, where this machine sees them."""
        if self._sees_files:
            self.jobs.start()

    @property
    def _sees_files(self) -> bool:
        """True where users' files lie where each machine that shares the documents sees them."""
        return bool(self.options.files) or not self.settings.documents_uri
