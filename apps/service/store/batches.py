"""Batches of files that are put into a collection together, as rows."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from octavo.apps.service.store.database import now
from octavo.ingest.store.rows import RowStore


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that were put into a collection by one request, as ids of their jobs; times are UTC."""

    id: str
    collection: str
    jobs: tuple[str, ...]
    created_at: str


class BatchRecords:
    """The rows of batches."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def add(self, collection: str, jobs: Sequence[str]) -> Batch:
        """Keeps a batch."""
        batch = Batch(f"vsfb_{secrets.token_hex(12)}", collection, tuple(jobs), now())
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO batches VALUES (?, ?, ?, ?)", (batch.id, collection, json.dumps(jobs), batch.created_at)
            )
        return batch

    def get(self, collection: str, identity: str) -> Batch | None:
        """Returns a batch of a collection, or `None`."""
        row = self._database.connection.execute(
            "SELECT jobs, created_at FROM batches WHERE collection = ? AND id = ?", (collection, identity)
        ).fetchone()
        return None if row is None else Batch(identity, collection, tuple(json.loads(row[0])), row[1])
