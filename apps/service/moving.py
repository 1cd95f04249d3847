"""Moving what a service has from its folder to where machines share it, and back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from octavo.apps.chat.store.history import open_chat
from octavo.apps.chat.uploads import NO_SHARED_FOLDER
from octavo.apps.service.collections import DEFAULT, folder_of, schema_of
from octavo.apps.service.store.collections import CollectionRecords
from octavo.apps.service.store.copying import copy_rows, move_paths
from octavo.apps.service.store.database import open_database
from octavo.apps.service.user_files import copy_files, delete_files, user_files
from octavo.ingest.errors import SettingsError
from octavo.ingest.store.database import Database
from octavo.ingest.store.library import Library
from octavo.ingest.store.postgres_database import make_schema, with_schema
from octavo.ingest.store.rows import RowStore
from octavo.rag import Settings
from octavo.rag.sharing import keep_library, share_library

MADE = ("collections", "secrets", "settings")
"""Tables that have rows as soon as a service or a chat has begun."""
_SERVICE, _CHAT = "service.sqlite", "chat.sqlite"
_DATABASES = {_SERVICE: open_database, _CHAT: open_chat}
Tell = Callable[[int, int], None]
"""Is told how many documents of a library are moved, of how many."""


@dataclass(frozen=True, slots=True)
class ServiceMoveReport:
    """The counts of a move: documents, rows of the service and the chat, and files of users."""

    documents: int
    rows: int = 0
    files: int = 0


def share_service(
    settings: Settings, uri: str, files: Path | None = None, progress: Tell = lambda done, of: None
) -> ServiceMoveReport:
    """Moves documents, users, keys, collections, jobs and conversations into the database at `uri`.

    Files of users go into the folder `files`, which all machines see, and leave that of the service once everything
    refers to their copies. A run that is cut off goes on where it was. Raises `LibraryError` where other rows, files or
    documents are there already, and `SettingsError` where there are files and no folder for them.
    """
    root = settings.library.resolve()
    if files is None and next(user_files(root), None):
        raise SettingsError(NO_SHARED_FOLDER, setting="files")
    moved = (root, _outside(root, files)) if files else None
    copied = copy_files(*moved) if moved else 0
    documents, rows = _share(settings, root, uri, moved, progress), 0
    if (root / _SERVICE).exists():
        with closing(open_database(root)) as database:
            if moved:
                move_paths(database, *moved)
            for name, schema in _collections(database):
                folder = folder_of(root, name)
                if folder.exists():
                    make_schema(uri, schema)
                    documents += _share(settings, folder, with_schema(uri, schema), moved, progress)
                    shutil.rmtree(folder / "uploads", ignore_errors=True)
                    folder.rename(folder_of(root, schema))
    for name in _DATABASES:
        if (root / name).exists():
            with _both(root, name, uri) as (own, shared):
                rows += copy_rows(own, shared, own, MADE)
    if moved:
        delete_files(root)
    return ServiceMoveReport(documents, rows, copied)


def keep_service(
    settings: Settings, files: Path | None = None, progress: Tell = lambda done, of: None
) -> ServiceMoveReport:
    """Copies what `share_service` moves back into the folder, in place of what is there; what is shared stays.

    Files of users come from the folder `files`; without it they stay where they are.
    """
    root, uri = settings.library.resolve(), settings.documents_uri
    documents, rows = keep_library(settings, progress), 0
    if uri:
        with closing(open_database(root, uri)) as database:
            for name, schema in _collections(database):
                folder = folder_of(root, name)
                if not folder.exists():
                    place = {"library": folder_of(root, schema), "documents_uri": with_schema(uri, schema)}
                    documents += keep_library(settings.model_copy(update=place), progress)
                    folder_of(root, schema).rename(folder)
        for name in _DATABASES:
            with _both(root, name, uri) as (own, shared):
                rows += copy_rows(shared, own, own, MADE, replace=True)
    moved = (_outside(root, files), root) if files else None
    copied = copy_files(*moved) if moved else 0
    if moved:
        if (root / _SERVICE).exists():
            with closing(open_database(root)) as database:
                move_paths(database, *moved)
        for file in (root / "library.sqlite", *root.glob("collections/*/library.sqlite")):
            _move_paths(file.parent, *moved)
    return ServiceMoveReport(documents, rows, copied)


def _outside(root: Path, files: Path) -> Path:
    """Returns the folder of users' files; raises `SettingsError` for one in the library, whose files are deleted."""
    folder = files.resolve()
    if folder.is_relative_to(root) or (folder.exists() and folder.samefile(root)):
        raise SettingsError(f"{files} lies in the library: name a folder outside of it.", setting="files")
    return folder


def _share(settings: Settings, folder: Path, uri: str, moved: tuple[Path, Path] | None, progress: Tell) -> int:
    if moved:
        _move_paths(folder, *moved)
    return share_library(settings.model_copy(update={"library": folder}), uri, progress)


def _move_paths(folder: Path, old: Path, new: Path) -> None:
    with Library(folder, create=False) as library, library.writer(), library.transaction():
        library.move_paths(old, new)


def _collections(database: RowStore) -> Iterator[tuple[str, str]]:
    """Yields the name and the schema of each collection but `default`."""
    for record in CollectionRecords(database).all():
        if record.name != DEFAULT:
            yield record.name, schema_of(record.name, record.created_at)


@contextmanager
def _both(folder: Path, name: str, uri: str) -> Iterator[tuple[Database, RowStore]]:
    with closing(_DATABASES[name](folder, "")) as own, closing(_DATABASES[name](folder, uri)) as shared:
        assert isinstance(own, Database)
        yield own, shared
