"""Documents that were removed, as they were read, for as long as a removal can be undone.

They lie in the table of `checkpoints`, apart from the library's documents, so that no search finds them; it keeps their
screenshots and lets them expire.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from octavo.ingest.model import READING, Document
from octavo.ingest.store.checkpoints import DAYS
from octavo.ingest.store.database import Database
from octavo.ingest.store.document_json import dump_document, load_document, rename
from octavo.ingest.store.images import ImageStore

_READING = f"removed-{READING}"
"""What such documents have in place of the `reading` of pages; what an older Octavo read is read again."""
_WHOLE = -1
"""The number of the row that holds the document; the others hold a screenshot each."""


class RemovedDocuments:
    """Documents by the id of their content."""

    def __init__(self, database: Database, images: ImageStore) -> None:
        self._database, self._images = database, images

    def keep(self, document: Document, days: float) -> None:
        """Keeps a document that is about to be removed for so many days."""
        at = (datetime.now(UTC) + timedelta(days=days - DAYS)).isoformat()
        images = [(page.number, "", page.image) for page in document.pages]
        rows = [(_WHOLE, dump_document(document).decode(), ""), *images]
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?)",
                [(document.id, _READING, number, text, image, at) for number, text, image in rows],
            )

    def get(self, document: str, path: str) -> Document | None:
        """Returns a document under the name of its path, `None` where it is not kept, or a screenshot of it is gone."""
        query = "SELECT page FROM checkpoints WHERE document = ? AND reading = ? AND number = ?"
        row = self._database.connection.execute(query, (document, _READING, _WHOLE)).fetchone()
        if row is None:
            return None
        try:
            result = rename(load_document(row[0], path), path)
        except ValidationError:
            return None
        return result if all(self._images.has(page.image) for page in result.pages if page.image) else None
