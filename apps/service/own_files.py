"""Files that users keep for themselves, to be put into collections."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from octavo.apps.chat.uploads import Uploads, file_name
from octavo.apps.service.errors import ForbiddenError, NotFoundError
from octavo.apps.service.questions import FILE
from octavo.apps.service.rights import Caller, Role
from octavo.apps.service.store.database import now
from octavo.apps.service.store.files import KeptFile, UserFileRecords
from octavo.ingest.readers.base import content_id
from octavo.ingest.store.rows import RowStore


class OwnFiles:
    """The files of each user, in folders of `root` with a row each.

    `check` returns a safe name for a file that comes in, or raises `ServiceError`.
    """

    def __init__(
        self,
        database: RowStore,
        records: UserFileRecords,
        root: Path,
        uploads: Uploads,
        check: Callable[[Caller, Uploads, Path], str],
    ) -> None:
        self._database, self._records = database, records
        self._root, self._uploads, self._check = root, uploads, check

    def keep(self, caller: Caller, file: Path, name: str, purpose: str) -> KeptFile:
        """Keeps a file of the caller's own; `file` is moved. Raises `ServiceError`."""
        _check_editor(caller)
        file = file.rename(file.with_name(file_name(name)))
        size, document = file.stat().st_size, content_id(file)
        with self._database.exclusive():  # no two find the same room, or the same name
            name = self._check(caller, self._uploads, file)
            target = self._folder(caller.user) / document / name
            self._uploads.move(file, target)
            record = KeptFile(FILE + document, name, target.resolve(), size, purpose[:64], now())
            self._records.keep(caller.user, record)
        return record

    def all(self, caller: Caller) -> list[KeptFile]:
        """Returns the caller's own files, the latest first."""
        return self._records.of(caller.user)

    def get(self, caller: Caller, identity: str) -> KeptFile:
        """Returns one of the caller's own files; raises `NotFoundError`."""
        for record in self.all(caller):
            if record.id == identity and record.path.is_file():
                return record
        raise NotFoundError(f"There is no file {identity[:80]!r}.")

    def delete(self, caller: Caller, identity: str) -> None:
        """Deletes one of the caller's own files; raises `NotFoundError`."""
        _check_editor(caller)
        record = self.get(caller, identity)
        record.path.unlink(missing_ok=True)
        self._records.delete(caller.user, identity)

    def delete_all(self, user: str) -> None:
        """Deletes all files of a user."""
        self._records.delete_all(user)
        shutil.rmtree(self._folder(user), ignore_errors=True)

    def _folder(self, user: str) -> Path:
        return self._root / "files" / (user or "_")


def _check_editor(caller: Caller) -> None:
    if not caller.limit.allows(Role.EDITOR):
        raise ForbiddenError(f"This key allows {caller.limit}: it keeps and deletes no files.")
