"""Pages of documents that are still being read, so that a reader which is killed goes on where it was.

They are kept apart from the library's documents, so that no search finds them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from pydantic import TypeAdapter, ValidationError

from octavo.ingest.model import Page
from octavo.ingest.store.database import Database
from octavo.ingest.store.images import ImageStore

DAYS = 7
"""Days after which the pages of a document that was not read to its end are deleted."""


class PageCheckpoints:
    """Pages by the id of their document's content and a `reading`, which tells how they were read."""

    def __init__(self, database: Database, images: ImageStore) -> None:
        self._database, self._images = database, images

    def pages(self, document: str, reading: str) -> dict[int, Page]:
        """Returns the pages that were read so far, by number; those whose screenshot is gone are left out."""
        query = "SELECT number, page FROM checkpoints WHERE document = ? AND reading = ? ORDER BY number"
        result = {}
        for number, data in self._database.connection.execute(query, (document, reading)):
            try:
                page = _pages().validate_json(data)
            except ValidationError:  # an Octavo whose pages were others
                continue
            if not page.image or self._images.has(page.image):
                result[number] = page
        return result

    def save(self, document: str, reading: str, page: Page) -> None:
        """Keeps a page that was read; its screenshot is saved already."""
        row = (document, reading, page.number, _pages().dump_json(page).decode(), page.image, _now().isoformat())
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?)", row)

    def delete(self, document: str) -> list[str]:
        """Deletes the pages of a document and returns their screenshots; call it in a transaction."""
        query = "DELETE FROM checkpoints WHERE document = ? RETURNING image"
        return [row[0] for row in self._database.connection.execute(query, (document,)).fetchall() if row[0]]

    def expire(self) -> list[str]:
        """Deletes pages that nobody came back for in `DAYS` days; returns their screenshots."""
        until = (_now() - timedelta(days=DAYS)).isoformat()
        query = "SELECT DISTINCT document FROM checkpoints GROUP BY document HAVING max(at) < ?"
        old = [row[0] for row in self._database.connection.execute(query, (until,)).fetchall()]
        if not old:
            return []
        with self._database.transaction():
            return [image for document in old for image in self.delete(document)]


@cache
def _pages() -> TypeAdapter[Page]:
    from octavo.ingest.table import Table

    adapter = TypeAdapter(Page)
    adapter.rebuild(_types_namespace={"Table": Table}, force=True)  # which the model names for type checkers only
    return adapter


def _now() -> datetime:
    return datetime.now(UTC)
