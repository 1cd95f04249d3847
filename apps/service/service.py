"""The service without HTTP: the API, MCP and tests call it, and it checks rights."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from itertools import chain
from pathlib import Path
from typing import Any, Self

from octavo.apps.chat.uploads import NO_SHARED_FOLDER, Uploads, file_name
from octavo.apps.feedback import FeedbackRecords, write_dataset
from octavo.apps.service.collections import DEFAULT, Collections
from octavo.apps.service.errors import (
    ConflictError,
    ForbiddenError,
    ModelServerError,
    ServiceError,
    TooLargeError,
)
from octavo.apps.service.jobs import Job, JobQueue
from octavo.apps.service.oidc import name_of, roles_of
from octavo.apps.service.options import ServiceOptions
from octavo.apps.service.own_files import OwnFiles
from octavo.apps.service.questions import (
    CollectionQuestion,
    check_question,
    check_text,
    find_document,
    locate_region,
    stand_alone,
    without_address,
)
from octavo.apps.service.quotas import Quotas
from octavo.apps.service.refusals import Refusals
from octavo.apps.service.rights import Caller, Role
from octavo.apps.service.store.audit import AuditLog
from octavo.apps.service.store.batches import BatchRecords
from octavo.apps.service.store.database import open_database
from octavo.apps.service.store.files import UserFileRecords
from octavo.apps.service.store.logins import LoginRecords, WrongPasswords, form_key
from octavo.apps.service.store.users import User, Users
from octavo.apps.turns import Turns
from octavo.ingest import OctavoError
from octavo.ingest.readers.base import content_id
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.metadata import Metadata
from octavo.rag import Event, Evidence, Level, Pipeline, Settings
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.messages import Usage, counted_usage

logger = logging.getLogger(__name__)


class Service:
    """Collections with their users, files on their way and questions. Use it as a context manager.

    `settings.library` is the folder of the service, and the library of its collection `default`; others lie in
    `collections/` there.
    """

    def __init__(self, settings: Settings, options: ServiceOptions | None = None) -> None:
        self.settings, self.options = settings, options or ServiceOptions()
        self.apply_preferences: Callable[[Settings], Settings] = lambda settings: settings
        """Returns the settings of an answer from those of a library; the chat replaces it."""
        askers, waiting, seconds = self.options.askers, self.options.waiting, self.options.wait_seconds
        self.answering = Turns(askers, waiting, seconds, "asker")
        """The turns of questions that are answered, of the API, MCP and the chat."""
        self.searching = Turns(askers, waiting, seconds, "search")
        """The turns of searches and embeddings, which wait for no answer that is being written."""
        self._searchers = threading.BoundedSemaphore(os.cpu_count() or 1)
        with Pipeline(settings):  # makes the library where there is none, before other files lie in its folder
            pass
        with ExitStack() as opened:
            self.database = opened.enter_context(closing(open_database(settings.library, settings.documents_uri)))
            self.users = Users(self.database)
            self._files, self.feedback_records = UserFileRecords(self.database), FeedbackRecords(self.database)
            self._audit, self.batches = AuditLog(self.database), BatchRecords(self.database)
            self.refusals = Refusals(self._audit)
            self.wrong_passwords, self.logins = WrongPasswords(self.database), LoginRecords(self.database)
            self.form_key = form_key(self.database)
            self.quotas = Quotas(self.database, self.options)
            self.collections = opened.enter_context(
                closing(Collections(self.database, settings, self.options.open_collections, self.options.files))
            )
            self.jobs = opened.enter_context(
                closing(JobQueue(self.database, self.collections, self.quotas, self.options.lease_seconds))
            )
            self._opened = opened.pop_all()
        folder, uploads = self.options.files or settings.library, self.collections.uploads(DEFAULT)
        self.own_files = OwnFiles(self.database, self._files, folder, uploads, self._check)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Waits for questions that are being answered, parks the queue and closes all libraries."""
        self.answering.close()
        self.searching.close()
        self._opened.close()

    # who calls

    @property
    def is_open(self) -> bool:
        """True where whoever reaches the service is one person who may do everything."""
        return not (len(self.users) or self.options.oidc_issuer)

    def check_exposure(self) -> None:
        """Raises `ServiceError` where others could reach the service and no users are set."""
        if self.is_open and not self.options.is_local:
            raise ServiceError(
                f"The service would be open to everyone who reaches {self.options.host}: make a user first.",
                setting="host",
            )

    def add_user(self, name: str, password: str, *, is_admin: bool = False) -> User:
        """Makes a user; the first one is an administrator and owns the collection `default`."""
        user = self.users.add(name, password, is_admin=is_admin)
        if len(self.users) == 1:
            self.collections.set_member(DEFAULT, name, Role.OWNER)
        return user

    def remove_user(self, name: str) -> None:
        """Removes a user with their keys and own files; documents stay in their collections.

        Raises `NotFoundError`, and `ServiceError` for the last administrator.
        """
        self.users.remove(name)
        self.own_files.delete_all(name)

    def admit(self, caller: Caller) -> None:
        """Counts a request; raises `TooManyError` where a caller made too many within a minute."""
        self.quotas.count_request(caller.user)

    def admit_identity(self, claims: Mapping[str, Any]) -> User:
        """Returns the user for whom an identity provider vouches, with the role that its claims give.

        A user who is not known yet is made, without a password. Raises `ForbiddenError`, and `ConflictError` where
        the name belongs to somebody else.
        """
        issuer, subject = self.options.oidc_issuer.rstrip("/"), str(claims["sub"])
        name = name_of(claims, self.options)
        user = self.users.find_identity(issuer, subject)
        if user is None:
            user = self.users.add_without_password(name)
            self.users.identify(name, issuer, subject)
            self.record(Caller(user.name), "user.add", subject=user.name)
        if self.options.oidc_roles:
            role, is_admin = roles_of(claims, self.options)
            self.users.set_admin(user.name, is_admin)
            self.collections.assign(DEFAULT, user.name, Role(role) if role else None)
        return self.users.get(user.name)

    def record(self, caller: Caller, action: str, collection: str = "", subject: str = "") -> None:
        """Writes an entry of the audit log."""
        self._audit.add(caller.user, action, collection, subject)

    # documents

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
            self._files.note_upload(caller.user, target, size)
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

    # questions

    def search(self, caller: Caller, collection: str, question: CollectionQuestion) -> list[Evidence]:
        """Returns the entries that fit a question best, with their relevancy scores."""
        self.collections.get(caller, collection)
        check_question(question, self.options)
        with (
            self._discreet(),
            self.collections.opened(collection) as pipeline,
            self._turn_to_search(pipeline.settings),
        ):
            return pipeline.search(
                question.text,
                level=question.level or Level.PAGE,
                k=question.k,
                threshold=question.threshold or 0.0,
                scope=question.scope(pipeline),
                filter=question.filter,
                picture=question.picture,
                region=[locate_region(pipeline, region) for region in question.regions],
            )

    def stream(
        self, caller: Caller, collection: str, question: CollectionQuestion, usage: Usage | None = None
    ) -> Generator[Event]:
        """Yields the answer to a question in steps, as `Pipeline.stream`; a follow-up is asked as a full question.

        The tokens of models are added to `usage`.
        """
        self.collections.get(caller, collection)
        check_question(question, self.options)
        self.quotas.check_tokens(caller.user)
        with (
            self._discreet(),
            self.collections.opened(collection) as pipeline,
            self._counting(caller, usage or Usage()),
        ):
            settings = self.apply_preferences(pipeline.settings)
            events = pipeline.stream(
                stand_alone(question, settings, pipeline),
                level=question.level or Level.CHUNK,
                k=question.k,
                threshold=question.threshold,
                scope=question.scope(pipeline),
                filter=question.filter,
                picture=question.picture,
                region=[locate_region(pipeline, region) for region in question.regions],
                settings=settings,
            )
            hides_address = not self.is_open
            with closing(events):
                with self._turn_to_search(settings):
                    first = next(events)
                for event in chain([first], events):
                    yield without_address(event, settings.llm_url) if hides_address else event

    def _turn_to_search(self, settings: Settings) -> AbstractContextManager[object]:
        """Waits until a processor is free for a search, unless the search waits for servers of models or of an index.

        Searches that run at once on fewer processors end late, all of them.
        """
        kinds = {settings.embedding.kind, settings.relevancy.kind}
        is_here = not settings.index_uri and kinds <= {"static", "match", "transformers"}
        return self._searchers if is_here else nullcontext()

    @contextmanager
    def _discreet(self) -> Iterator[None]:
        """Keeps the addresses of model servers from users; the log has them."""
        try:
            yield
        except EndpointError as error:
            if self.is_open:
                raise
            logger.warning("A model server could not be asked: %s", error)
            raise ModelServerError("A model server cannot be asked now; the service's log says why.") from error

    @contextmanager
    def _counting(self, caller: Caller, usage: Usage) -> Iterator[None]:
        with counted_usage(usage):
            try:
                yield
            finally:
                self.quotas.count_tokens(caller.user, usage.total)

    def embed(self, caller: Caller, collection: str, texts: Sequence[str]) -> list[list[float]]:
        """Returns the vectors of texts by the embedder of a collection."""
        self.collections.get(caller, collection)
        if len(texts) > self.options.texts:
            raise TooLargeError(f"At most {self.options.texts} texts can be embedded in one request.")
        for text in texts:
            check_text(text)
        with self._discreet(), self.collections.opened(collection) as pipeline:
            rows: list[list[float]] = pipeline.index.embedding.embed_texts(list(texts)).tolist()
            return rows

    # feedback

    def keep_feedback(self, caller: Caller, collection: str, content: dict[str, Any]) -> str:
        """Keeps what a user thinks of an answer; returns its id."""
        self.collections.get(caller, collection)
        return self.feedback_records.keep(collection, caller.user, content)

    def feedback(self, caller: Caller, collection: str) -> list[dict[str, Any]]:
        """Returns the feedback on a collection, oldest first; for its owners."""
        self.collections.get(caller, collection, Role.OWNER)
        return self.feedback_records.of(collection)

    def write_feedback(self, caller: Caller, collection: str, folder: Path) -> tuple[int, int]:
        """Writes the feedback on a collection as a data set into a new folder, for its owners.

        Returns the numbers of questions and of graded answers.
        """
        feedback = self.feedback(caller, collection)
        with self.collections.opened(collection) as pipeline:
            return write_dataset(feedback, pipeline, folder)

    def audit(self, caller: Caller, limit: int, before: int | None = None) -> list[dict[str, Any]]:
        """Returns entries of the audit log, the latest first; for administrators."""
        if not caller.is_admin:
            raise ForbiddenError("Only administrators read the audit log.")
        return self._audit.entries(limit, before)
