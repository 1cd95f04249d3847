"""The service without HTTP: the API, MCP and tests call it, and it checks rights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self

from octavo.apps.chat.verdicts import forget_user
from octavo.apps.feedback import FeedbackRecords, write_dataset
from octavo.apps.service.collections import DEFAULT, Collections
from octavo.apps.service.document_service import DocumentService
from octavo.apps.service.errors import ForbiddenError, ServiceError
from octavo.apps.service.jobs import JobQueue
from octavo.apps.service.oidc import name_of, roles_of
from octavo.apps.service.options import ServiceOptions
from octavo.apps.service.own_files import OwnFiles
from octavo.apps.service.question_service import QuestionService
from octavo.apps.service.quotas import Quotas
from octavo.apps.service.refusals import Refusals
from octavo.apps.service.rights import Caller, Role
from octavo.apps.service.store.audit import AuditLog
from octavo.apps.service.store.batches import BatchRecords
from octavo.apps.service.store.database import open_database
from octavo.apps.service.store.files import UserFileRecords
from octavo.apps.service.store.logins import LoginRecords, WrongPasswords, form_key
from octavo.apps.service.store.users import User, Users
from octavo.apps.turns import SearchPlaces, Turns
from octavo.rag import Pipeline, Settings


class Service(DocumentService, QuestionService):
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
        self.search_places = SearchPlaces()
        """The places of all searches, those for answers and those of the chat too."""
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
        self.jobs.park()
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
        """Removes a user with their keys, own files and conversations; documents stay in their collections.

        Raises `NotFoundError`, and `ServiceError` for the last administrator.
        """
        self.users.remove(name)
        self.own_files.delete_all(name)
        forget_user(name, self.settings.library, self.settings.documents_uri, self.feedback_records)

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
