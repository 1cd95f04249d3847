"""Moving what a service has from its folder into the database that machines share, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from octavo.apps.chat.store.history import open_chat
from octavo.apps.service.collections import DEFAULT, folder_of, schema_of
from octavo.apps.service.store.collections import CollectionRecords
from octavo.apps.service.store.copying import copy_rows
from octavo.apps.service.store.database import open_database
from octavo.ingest.store.database import Database
from octavo.ingest.store.postgres_database import make_schema, with_schema
from octavo.ingest.store.rows import RowStore
from octavo.rag import Settings
from octavo.rag.sharing import keep_library, share_library

MADE = ("collections", "secrets", "settings")
"""Tables that have rows as soon as a service or a chat has begun."""
_FILES = {"service.sqlite": open_database, "chat.sqlite": open_chat}


def share_service(settings: Settings, uri: str) -> int:
    """Copies users, keys, collections with their documents, jobs and conversations into the database at `uri`.

    Returns how many rows it copied. A run that is cut off goes on where it was. Raises `LibraryError` where other rows
    are there already.
    """
    if (settings.library / "service.sqlite").exists():
        with closing(open_database(settings.library)) as database:
            for name, schema in _collections(database):
                folder = folder_of(settings.library, name)
                if folder.exists():
                    make_schema(uri, schema)
                    share_library(settings.model_copy(update={"library": folder}), with_schema(uri, schema))
                    folder.rename(folder_of(settings.library, schema))
    copied = 0
    for name in _FILES:
        if (settings.library / name).exists():
            with _both(settings.library, name, uri) as (own, shared):
                copied += copy_rows(own, shared, own, MADE)
    return copied


def keep_service(settings: Settings, uri: str) -> int:
    """Copies what `share_service` copies back into the folder, in place of what is there; returns how many rows."""
    with closing(open_database(settings.library, uri)) as database:
        for name, schema in _collections(database):
            folder = folder_of(settings.library, schema)
            if folder.exists():
                keep_library(settings.model_copy(update={"library": folder, "documents_uri": ""}))
                folder.rename(folder_of(settings.library, name))
    copied = 0
    for name in _FILES:
        with _both(settings.library, name, uri) as (own, shared):
            copied += copy_rows(shared, own, own, MADE, replace=True)
    return copied


def _collections(database: RowStore) -> Iterator[tuple[str, str]]:
    """Yields the name and the schema of each collection but `default`."""
    for record in CollectionRecords(database).all():
        if record.name != DEFAULT:
            yield record.name, schema_of(record.name, record.created_at)


@contextmanager
def _both(folder: Path, name: str, uri: str) -> Iterator[tuple[Database, RowStore]]:
    with closing(_FILES[name](folder, "")) as own, closing(_FILES[name](folder, uri)) as shared:
        assert isinstance(own, Database)
        yield own, shared
