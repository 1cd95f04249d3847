"""Logins, as processes share them: wrong passwords, logins at an identity provider, the key of forms."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping

from octavo.apps.chat.accounts import FORGOTTEN, TRIES, Tries, Who
from octavo.ingest.store.rows import RowStore

_ALL = 1 << 62
LONGEST_NAME = 200
"""Letters of a name that somebody gives which are kept."""


class WrongPasswords:
    """Wrong passwords by user and by address."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def get(self, who: Who) -> Tries:
        """Returns those of a user or an address."""
        row = self._database.connection.execute(
            "SELECT wrong, last, until FROM wrong_passwords WHERE kind = ? AND name = ?", _key(who)
        ).fetchone()
        return Tries(*row) if row else Tries()

    def count(self, who: Who, now: float) -> Tries:
        """Counts another one; returns what there are then."""
        with self._database.transaction() as connection:
            result = self.get(who).and_another(now, TRIES[who[0]])
            connection.execute("DELETE FROM wrong_passwords WHERE last < ?", (now - FORGOTTEN,))
            connection.execute(
                "INSERT INTO wrong_passwords VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET"
                " wrong = excluded.wrong, last = excluded.last, until = excluded.until",
                (*_key(who), result.wrong, result.last, result.until),
            )
        return result

    def forget(self, who: Who) -> None:
        """Forgets those of a user or an address."""
        if self.get(who).wrong:
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM wrong_passwords WHERE kind = ? AND name = ?", _key(who))


class LoginRecords:
    """Logins that are under way at an identity provider, by the digest of a secret that the browser keeps."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def begin(self, secret: str, content: Mapping[str, str], now: float, until: float, most: int) -> None:
        """Keeps a login until a time in seconds; of more than `most`, those that end first go."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM logins WHERE until < ?", (now,))
            connection.execute(
                "INSERT INTO logins VALUES (?, ?, ?)", (_digest(secret), json.dumps(dict(content)), until)
            )
            connection.execute(
                "DELETE FROM logins WHERE digest IN (SELECT digest FROM logins ORDER BY until DESC LIMIT ? OFFSET ?)",
                (_ALL, most),
            )

    def finish(self, secret: str, now: float) -> dict[str, str] | None:
        """Returns a login and forgets it; `None` where there is none, or it took too long."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "DELETE FROM logins WHERE digest = ? RETURNING content, until", (_digest(secret),)
            ).fetchone()
        if row is None or row[1] < now:
            return None
        content: dict[str, str] = json.loads(row[0])
        return content


def form_key(database: RowStore) -> bytes:
    """Returns the key that tokens of forms are made with, the same in all processes."""
    with database.transaction() as connection:
        connection.execute("INSERT INTO secrets VALUES ('forms', ?) ON CONFLICT DO NOTHING", (secrets.token_hex(32),))
        (value,) = connection.execute("SELECT value FROM secrets WHERE name = 'forms'").fetchone()
    return bytes.fromhex(value)


def _key(who: Who) -> Who:
    kind, name = who
    return kind, name if len(name) <= LONGEST_NAME else _digest(name)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
