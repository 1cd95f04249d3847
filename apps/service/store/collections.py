"""Collections and their members as rows."""

from __future__ import annotations

import json
from dataclasses import dataclass

from octavo.apps.service.errors import ConflictError, NotFoundError
from octavo.apps.service.rights import Role
from octavo.apps.service.store.database import now
from octavo.ingest.store.metadata import Metadata, dump_metadata
from octavo.ingest.store.rows import ConstraintError, RowStore


@dataclass(frozen=True, slots=True)
class CollectionRecord:
    """A collection as it is stored; times are UTC."""

    name: str
    title: str
    created_at: str
    metadata: Metadata


class CollectionRecords:
    """The rows of collections and of their members."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def all(self) -> list[CollectionRecord]:
        """Returns all collections, by name."""
        rows = self._database.connection.execute(
            "SELECT name, title, created_at, metadata FROM collections ORDER BY name"
        )
        return [CollectionRecord(name, title, created, json.loads(metadata)) for name, title, created, metadata in rows]

    def created_at(self, name: str) -> str | None:
        """Returns when a collection was made, `None` where there is none."""
        row = self._database.connection.execute("SELECT created_at FROM collections WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def ensure(self, name: str, title: str) -> None:
        """Adds a collection where it is not there yet."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO collections VALUES (?, ?, '{}', ?) ON CONFLICT DO NOTHING", (name, title, now())
            )

    def add(self, name: str, title: str, metadata: Metadata, owner: str) -> None:
        """Adds a collection with its owner, if any; raises `ConflictError` for a name that is taken."""
        noted = dump_metadata(metadata)
        try:
            with self._database.transaction() as connection:
                connection.execute("INSERT INTO collections VALUES (?, ?, ?, ?)", (name, title, noted, now()))
                if owner:
                    connection.execute("INSERT INTO members VALUES (?, ?, ?)", (name, owner, Role.OWNER))
        except ConstraintError as error:
            raise ConflictError(f"The name {name} is taken.") from error

    def remove(self, name: str) -> None:
        """Deletes a collection with its members, jobs and feedback."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM collections WHERE name = ?", (name,))
            connection.execute("DELETE FROM jobs WHERE collection = ?", (name,))
            connection.execute("DELETE FROM feedback WHERE collection = ?", (name,))

    # members

    def members(self, name: str) -> dict[str, Role]:
        """Returns the role of each member of a collection, by user."""
        rows = self._database.connection.execute(
            "SELECT user, role FROM members WHERE collection = ? ORDER BY user", (name,)
        )
        return {user: Role(role) for user, role in rows}

    def roles(self, user: str) -> dict[str, Role]:
        """Returns the role of a user in each collection that they are a member of."""
        rows = self._database.connection.execute("SELECT collection, role FROM members WHERE user = ?", (user,))
        return {name: Role(role) for name, role in rows}

    def set_member(self, name: str, user: str, role: Role | None) -> None:
        """Gives a user a role, or none; raises `NotFoundError` where there is no such user."""
        try:
            with self._database.transaction() as connection:
                if role is None:
                    connection.execute("DELETE FROM members WHERE collection = ? AND user = ?", (name, user))
                else:
                    connection.execute(
                        "INSERT INTO members VALUES (?, ?, ?)"
                        " ON CONFLICT (collection, user) DO UPDATE SET role = excluded.role",
                        (name, user, role),
                    )
        except ConstraintError as error:
            raise NotFoundError(f"There is no user {user}.") from error
