"""Collections: each is a library of its own, so that nothing of one shows in another's ranking, counts or errors."""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from octavo.apps.chat.uploads import Uploads
from octavo.apps.service.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from octavo.apps.service.rights import Caller, Role
from octavo.apps.service.store.collections import CollectionRecords
from octavo.apps.service.store.jobs import JobRecords
from octavo.ingest.store.metadata import Metadata
from octavo.ingest.store.rows import RowStore
from octavo.rag import Pipeline, Settings
from octavo.rag.sharing import delete_shared

DEFAULT = "default"
"""The collection that is the library of the service's own folder."""
REMOVAL_WAIT = 10.0
"""Seconds that a removal waits for those who use the collection."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection as its members see it; `role` is the caller's own."""

    name: str
    title: str
    created_at: str
    role: Role
    metadata: Metadata = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """An open library, and when its collection was made: another process may have made a new one of its name."""

    pipeline: Pipeline
    created_at: str
    users: int = 0


def folder_of(root: Path, name: str) -> Path:
    """Returns the library's folder of a collection, or of its schema, below the folder of the service."""
    return root if name == DEFAULT else root / "collections" / name


def schema_of(name: str, created_at: str) -> str:
    """Returns the schema of a collection's shared documents."""
    return f"collection_{hashlib.sha256(f'{name} {created_at}'.encode()).hexdigest()[:16]}"


class Collections:
    """Collections with their members. A caller sees those that they are a member of; nobody sees the others."""

    def __init__(self, database: RowStore, settings: Settings, keep_open: int, files: Path | None = None) -> None:
        self._records, self._settings, self._keep_open = CollectionRecords(database), settings, keep_open
        self._files = files or settings.library
        self._jobs = JobRecords(database)
        self._guard = threading.Condition()
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._leaving: set[str] = set()
        self._records.ensure(DEFAULT, "Documents")
        if self._is_shared:
            self._sweep_folders()

    def close(self) -> None:
        """Closes all libraries."""
        with self._guard:
            for open_pipeline in self._open.values():
                open_pipeline.pipeline.close()
            self._open.clear()

    # what there is

    def of(self, caller: Caller) -> list[Collection]:
        """Returns the collections that a caller may ask, by name."""
        roles = self._records.roles(caller.user)
        results = []
        for one in self._records.all():
            role = Role.OWNER if caller.is_local else roles.get(one.name)
            if role is not None:
                role = min(role, caller.limit, key=lambda limit: limit.rank)
                results.append(Collection(one.name, one.title, one.created_at, role, one.metadata))
        return results

    def get(self, caller: Caller, name: str, needed: Role = Role.READER) -> Collection:
        """Returns a collection.

        Raises `NotFoundError` where it is not there or the caller is no member, and `ForbiddenError` where their role
        there is less than `needed`.
        """
        for collection in self.of(caller):
            if collection.name == name:
                if not collection.role.allows(needed):
                    raise ForbiddenError(f"This needs the role {needed} in {name}; yours is {collection.role}.")
                return collection
        raise NotFoundError(f"There is no collection {name[:80]!r}.")

    def folder(self, name: str) -> Path:
        """The library's folder of a collection on this machine."""
        return folder_of(self._settings.library, self._schema(name) if self._is_shared and name != DEFAULT else name)

    def uploads(self, name: str) -> Uploads:
        """Returns the files that users put into a collection."""
        return Uploads(self._files if name == DEFAULT else self._files / "collections" / name)

    @property
    def _is_shared(self) -> bool:
        return bool(self._settings.documents_uri)

    def _schema(self, name: str) -> str:
        """Returns the schema of a collection's shared documents; a later collection of its name has another."""
        return schema_of(name, self._records.created_at(name) or "")

    def _settings_of(self, name: str) -> Settings:
        """Returns the settings of a collection."""
        settings = self._settings.model_copy(update={"library": self.folder(name)})
        if name == DEFAULT or not self._is_shared:
            return settings
        from octavo.ingest.store.postgres_database import make_schema, with_schema

        make_schema(settings.documents_uri, self._schema(name))
        return settings.model_copy(update={"documents_uri": with_schema(settings.documents_uri, self._schema(name))})

    def make(self, caller: Caller, name: str, title: str = "", metadata: Metadata | None = None) -> Collection:
        """Makes an empty collection that its maker owns; raises `ServiceError` for a bad name, `ConflictError`."""
        if not _NAME.fullmatch(name):
            raise ServiceError(
                "A collection's name has 1 to 63 small letters, digits and . _ - and begins with none of these."
            )
        self._records.add(name, title or name, metadata or {}, caller.user)
        with self.opened(name):
            pass
        return self.get(caller, name)

    def remove(self, name: str) -> None:
        """Removes a collection with its documents.

        Raises `ServiceError` for `default`, and `ConflictError` where it is still being used after `REMOVAL_WAIT`.
        """
        if name == DEFAULT:
            raise ServiceError(f"The collection {DEFAULT} is the library itself: remove its documents instead.")
        with self._guard:
            self._leaving.add(name)
            try:
                is_free = self._guard.wait_for(lambda: not self._in_use(name), REMOVAL_WAIT)
                if not is_free or self._jobs.is_running(name, time.time()):
                    raise ConflictError(f"The collection {name} is being used: try again later.")
                if name in self._open:
                    self._open.pop(name).pipeline.close()
                folder = self.folder(name)
                if self._is_shared:
                    self._drop_documents(name)
                self._records.remove(name)
                shutil.rmtree(folder, ignore_errors=True)
                self.uploads(name).clear()
            finally:
                self._leaving.discard(name)

    def _drop_documents(self, name: str) -> None:
        """Deletes the documents of a collection that machines share, and their screenshots."""
        from octavo.ingest.store.postgres_database import drop_schema

        delete_shared(self._settings_of(name))
        drop_schema(self._settings.documents_uri, self._schema(name))

    def _sweep_folders(self) -> None:
        """Deletes this machine's folders of collections that another machine removed."""
        used = {self._schema(record.name) for record in self._records.all()}
        for folder in (self._settings.library / "collections").glob("collection_*"):
            if folder.name not in used:
                shutil.rmtree(folder, ignore_errors=True)

    def _in_use(self, name: str) -> bool:
        return name in self._open and self._open[name].users > 0

    # members

    def members(self, name: str) -> dict[str, Role]:
        """Returns the role of each member."""
        return self._records.members(name)

    def set_member(self, name: str, user: str, role: Role | None) -> None:
        """Gives a user a role, or none; raises `NotFoundError`, and `ServiceError` where no owner would be left."""
        members = self.members(name)
        owners = [member for member, member_role in members.items() if member_role is Role.OWNER]
        if owners == [user] and role is not Role.OWNER:
            raise ServiceError(f"{user} is the only owner of {name}: make another one first.")
        self._records.set_member(name, user, role)

    def assign(self, name: str, user: str, role: Role | None) -> None:
        """Gives a user the role that an identity provider decides, also where no owner is left then."""
        if self.members(name).get(user) is not role:
            self._records.set_member(name, user, role)

    # their libraries

    @contextmanager
    def opened(self, name: str) -> Iterator[Pipeline]:
        """Returns the pipeline of a collection, which stays open as long as the block runs.

        Of those that nobody uses, the last `open_collections` stay open. Raises `NotFoundError`.
        """
        with self._guard:
            created_at = self._records.created_at(name)
            if name in self._leaving or created_at is None:
                raise NotFoundError(f"There is no collection {name!r}.")
            open_pipeline = self._open.get(name)
            if open_pipeline is not None and open_pipeline.created_at != created_at:
                self._forget(name)
                open_pipeline = None
            if open_pipeline is None:
                settings = self._settings_of(name)
                settings.library.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                open_pipeline = self._open[name] = _Open(Pipeline(settings), created_at)
            open_pipeline.users += 1
            self._open.move_to_end(name)
            self._close_idle()
        try:
            yield open_pipeline.pipeline
        finally:
            with self._guard:
                open_pipeline.users -= 1
                if self._open.get(name) is not open_pipeline and not open_pipeline.users:
                    open_pipeline.pipeline.close()
                self._close_idle()
                self._guard.notify_all()

    def _forget(self, name: str) -> None:
        """Leaves a library to those who still use it, the last of whom closes it."""
        open_pipeline = self._open.pop(name)
        if not open_pipeline.users:
            open_pipeline.pipeline.close()

    def _close_idle(self) -> None:
        idle = [name for name, open_pipeline in self._open.items() if not open_pipeline.users]
        for name in idle[: max(0, len(self._open) - self._keep_open)]:
            self._open.pop(name).pipeline.close()
