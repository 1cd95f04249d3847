"""Opens the database of rows beside a library, or the one that several machines share."""

from __future__ import annotations

import os
from pathlib import Path

from octavo.ingest.store.database import Database
from octavo.ingest.store.rows import RowStore


def open_rows(file: Path, documents_uri: str = "") -> RowStore:
    """Returns the database of a file that nobody else may read, or that at `documents_uri` where it is given."""
    if documents_uri:
        from octavo.ingest.store.postgres_database import PostgresRows

        return PostgresRows(documents_uri)
    if not file.exists():
        file.touch(0o600)  # SQLite's files beside it take its mode
    elif (result := file.stat()).st_mode & 0o077 and result.st_uid == os.getuid():
        file.chmod(0o600)
    return Database(file)
