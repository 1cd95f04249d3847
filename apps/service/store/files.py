"""Files that users keep, and those that they uploaded into collections, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from octavo.ingest.store.rows import RowStore


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that a user keeps, in no collection yet."""

    id: str
    name: str
    path: Path
    bytes: int
    purpose: str
    created_at: str


class UserFileRecords:
    """The rows of users' files."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def keep(self, user: str, file: KeptFile) -> None:
        """Notes a file that a user keeps, in place of the one with its id."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (user, id) DO UPDATE SET"
                " name = excluded.name, path = excluded.path, bytes = excluded.bytes, purpose = excluded.purpose,"
                " created_at = excluded.created_at",
                (user, file.id, file.name, str(file.path), file.bytes, file.purpose, file.created_at),
            )

    def of(self, user: str) -> list[KeptFile]:
        """Returns the files that a user keeps, the latest first."""
        rows = self._database.connection.execute(
            "SELECT id, name, path, bytes, purpose, created_at FROM files WHERE user = ? ORDER BY created_at DESC",
            (user,),
        )
        return [KeptFile(i, name, Path(path), size, purpose, at) for i, name, path, size, purpose, at in rows]

    def delete(self, user: str, identity: str) -> None:
        """Forgets a file that a user kept."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM files WHERE user = ? AND id = ?", (user, identity))

    def delete_all(self, user: str) -> None:
        """Forgets the files that a user kept, and whose the files in collections were that the user uploaded."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM files WHERE user = ?", (user,))
            connection.execute("DELETE FROM uploads WHERE user = ?", (user,))

    def note_upload(self, user: str, path: Path, size: int) -> None:
        """Notes whose upload the file at `path` is, and its size in bytes."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO uploads VALUES (?, ?, ?, 0)"
                " ON CONFLICT (path) DO UPDATE SET user = excluded.user, bytes = excluded.bytes, pages = 0",
                (str(path), user, size),
            )

    def sizes(self, user: str) -> dict[Path, int]:
        """Returns the size in bytes of each file that a user keeps or uploaded, by its path, also of deleted ones."""
        rows = self._database.connection.execute(
            "SELECT path, bytes FROM uploads WHERE user = ? UNION SELECT path, bytes FROM files WHERE user = ?",
            (user, user),
        )
        return {Path(path): size for path, size in rows}
