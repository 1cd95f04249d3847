"""The seam between records and the database that holds their rows: SQLite on one machine, PostgreSQL on several.

Statements are written once, in the SQL that both understand: parameters are `?` or `:name`, types those of SQLite, and
what is there already is met by `ON CONFLICT`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Values = Sequence[Any] | Mapping[str, Any]


class ConstraintError(Exception):
    """A row breaks a constraint of its table: one of its key is there, or one that it names is not."""


class Cursor(Protocol):
    """The rows of a statement."""

    @property
    def rowcount(self) -> int:
        """The number of rows that were changed."""
        ...

    def fetchone(self) -> Any:
        """Returns the next row, `None` after the last."""
        ...

    def fetchall(self) -> list[Any]:
        """Returns all rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """Executes statements."""

    def execute(self, sql: str, values: Values = (), /) -> Cursor:
        """Executes a statement."""
        ...


class RowStore(Protocol):
    """A database for any number of threads."""

    @property
    def connection(self) -> Connection:
        """This thread's connection: that of the transaction which it is in, else one that reads."""
        ...

    def transaction(self) -> AbstractContextManager[Connection]:
        """Opens the one transaction that writes; raises `ConstraintError`, `LibraryError` where it cannot write."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Keeps out all others that would be exclusive, in every process, beside what they read and write."""
        ...

    def migrate(self, name: str, scripts: Sequence[str]) -> None:
        """Brings the tables of `name` to the version that has all `scripts`, each whole or not at all.

        Raises `LibraryError` for those that a newer Octavo made.
        """
        ...

    def close(self) -> None:
        """Closes all connections."""
        ...
