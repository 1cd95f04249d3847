"""Users with their passwords, API keys, sessions and identities. Passwords are kept as scrypt hashes, keys and
sessions as SHA-256 digests."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from octavo.apps.chat.accounts import hash_password
from octavo.apps.service.errors import ConflictError, NotFoundError, ServiceError
from octavo.apps.service.rights import Caller, Role
from octavo.apps.service.store.database import now
from octavo.ingest.store.rows import ConstraintError, RowStore

PREFIX = "octavo_"
"""Begins every API key, so that scanners for secrets find one that was published."""
_NAME = re.compile(r"[^\W_][\w.@+-]{0,63}")
SHORTEST_PASSWORD = 8
"""Letters."""


@dataclass(frozen=True, slots=True)
class User:
    """An account. An administrator may make users and collections; documents need a role in their collection."""

    name: str
    is_admin: bool
    created_at: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret. `role` is the most that it allows. Times are UTC, or empty."""

    id: str
    user: str
    name: str
    role: Role
    created_at: str
    expires_at: str
    revoked_at: str


class Users:
    """The users of a service; without any, the one person at this machine may do everything."""

    def __init__(self, database: RowStore) -> None:
        self._database = database

    def __len__(self) -> int:
        (count,) = self._database.connection.execute("SELECT count(*) FROM users").fetchone()
        return int(count)

    def all(self) -> list[User]:
        """Returns the users in the order in which they were made."""
        rows = self._database.connection.execute(
            "SELECT name, is_admin, created_at FROM users ORDER BY created_at, name"
        )
        return [User(name, bool(is_admin), created) for name, is_admin, created in rows]

    def get(self, name: str) -> User:
        """Returns a user; raises `NotFoundError`."""
        for user in self.all():
            if user.name == name:
                return user
        raise NotFoundError(f"There is no user {name}.")

    def add(self, name: str, password: str, *, is_admin: bool = False) -> User:
        """Makes a user; the first one is an administrator. Raises `ServiceError` for a name or password that is not."""
        _check_name(name)
        digest = _hash(password)
        try:
            with self._database.transaction() as connection:
                (count,) = connection.execute("SELECT count(*) FROM users").fetchone()
                connection.execute(
                    "INSERT INTO users VALUES (?, ?, ?, ?)", (name, digest, is_admin or not count, now())
                )
        except ConstraintError as error:
            raise ConflictError(f"There is a user {name} already.") from error
        return self.get(name)

    def add_without_password(self, name: str) -> User:
        """Makes a user who is known by an identity provider alone; raises `ServiceError`, `ConflictError`."""
        _check_name(name)
        try:
            with self._database.transaction() as connection:
                connection.execute("INSERT INTO users VALUES (?, '', 0, ?)", (name, now()))
        except ConstraintError as error:
            raise ConflictError(f"There is a user {name} already.") from error
        return self.get(name)

    def set_admin(self, name: str, is_admin: bool) -> None:
        """Makes a user an administrator, or no longer one."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE users SET is_admin = ? WHERE name = ?", (is_admin, name))

    def remove(self, name: str) -> None:
        """Removes a user with their keys, sessions, memberships and replies.

        Raises `NotFoundError`, and `ServiceError` for the last administrator.
        """
        user = self.get(name)
        if user.is_admin and sum(other.is_admin for other in self.all()) == 1 and len(self) > 1:
            raise ServiceError(f"{name} is the last administrator: make another one first.")
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM users WHERE name = ?", (name,))
            connection.execute("DELETE FROM replies WHERE user = ?", (name,))

    def set_password(self, name: str, password: str) -> None:
        """Changes a password and ends the user's sessions.

        Raises `NotFoundError`, and `ServiceError` for one that is too short.
        """
        digest = _hash(password)
        self.get(name)
        with self._database.transaction() as connection:
            connection.execute("UPDATE users SET password = ? WHERE name = ?", (digest, name))
            connection.execute("DELETE FROM sessions WHERE user = ?", (name,))

    def passwords(self) -> dict[str, str]:
        """Returns the hashed password of each user who has one."""
        return dict(self._database.connection.execute("SELECT name, password FROM users WHERE password != ''"))

    # sessions

    def start_session(self, user: str, hours: float) -> str:
        """Starts a session of so many hours; returns its secret, which the browser keeps."""
        secret, moment = secrets.token_urlsafe(32), datetime.now(UTC)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?", (_text(moment),))
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?)",
                (_digest(secret), user, _text(moment), _text(moment + timedelta(hours=hours))),
            )
        return secret

    def end_session(self, secret: str) -> None:
        """Ends a session."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sessions WHERE digest = ?", (_digest(secret),))

    def session_caller(self, secret: str) -> Caller | None:
        """Returns whose session this is, or `None` for one that is unknown or over."""
        row = self._database.connection.execute(
            "SELECT name, is_admin FROM sessions JOIN users ON users.name = sessions.user"
            " WHERE digest = ? AND expires_at > ?",
            (_digest(secret), _text(datetime.now(UTC))),
        ).fetchone()
        return None if row is None else Caller(row[0], is_admin=bool(row[1]))

    # identity providers

    def find_identity(self, issuer: str, subject: str) -> User | None:
        """Returns the user whom an identity provider knows as `subject`, or `None`."""
        row = self._database.connection.execute(
            "SELECT user FROM identities WHERE issuer = ? AND subject = ?", (issuer, subject)
        ).fetchone()
        return None if row is None else self.get(row[0])

    def identify(self, name: str, issuer: str, subject: str) -> None:
        """Notes that an identity provider knows a user as `subject`; raises `ConflictError` where one is noted."""
        try:
            with self._database.transaction() as connection:
                connection.execute("INSERT INTO identities VALUES (?, ?, ?)", (issuer, subject, name))
        except ConstraintError as error:
            raise ConflictError(f"The user {name} belongs to another identity.") from error

    # keys

    def make_key(self, user: str, name: str, role: Role = Role.OWNER, days: float | None = None) -> tuple[ApiKey, str]:
        """Makes an API key; returns it with its secret, which is shown this once. Raises `NotFoundError`."""
        self.get(user)
        if days is not None and not 0 < days <= 36_500:
            raise ServiceError("A key is valid for more than 0 and at most 36500 days.")
        secret = PREFIX + secrets.token_urlsafe(32)
        expires = "" if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat()
        key = ApiKey(secrets.token_hex(6), user, name[:100], role, now(), expires, "")
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                (key.id, user, _digest(secret), key.name, role, key.created_at, expires or None),
            )
        return key, secret

    def keys(self, user: str) -> list[ApiKey]:
        """Returns a user's keys, the newest first."""
        rows = self._database.connection.execute(
            "SELECT id, user, name, role, created_at, coalesce(expires_at, ''), coalesce(revoked_at, '')"
            " FROM keys WHERE user = ? ORDER BY created_at DESC",
            (user,),
        )
        return [ApiKey(identity, owner, name, Role(role), *times) for identity, owner, name, role, *times in rows]

    def revoke(self, user: str, key: str) -> None:
        """Ends a user's key at once; raises `NotFoundError`."""
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE keys SET revoked_at = ? WHERE id = ? AND user = ? AND revoked_at IS NULL", (now(), key, user)
            ).rowcount
        if not changed:
            raise NotFoundError(f"There is no valid key {key}.")

    def caller(self, secret: str) -> Caller | None:
        """Returns whose key this is, or `None` for one that is unknown, expired or revoked."""
        row = self._database.connection.execute(
            "SELECT keys.user, keys.role, users.is_admin, expires_at IS NOT NULL"
            " FROM keys JOIN users ON users.name = keys.user"
            " WHERE digest = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
            (_digest(secret), datetime.now(UTC).isoformat()),
        ).fetchone()
        if row is None:
            return None
        user, role, is_admin, expires = row
        is_admin = bool(is_admin) and Role(role) is Role.OWNER
        return Caller(user, is_admin=is_admin, limit=Role(role), expires=bool(expires))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ServiceError(
            "A user's name has 1 to 64 letters, digits and . @ + - _ only, and begins with a letter or digit."
        )


def _hash(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise ServiceError(f"A password has at least {SHORTEST_PASSWORD} letters.")
    return hash_password(password)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
