"""The chat's tables: conversations, pictures of questions and settings.

They are in the library's `chat.sqlite`, and where machines share their documents, in the PostgreSQL database of these.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from octavo.apps.chat import turns
from octavo.apps.chat.store.set_aside import SCHEMA, LibraryFileRecords
from octavo.apps.chat.store.shares import SHARES, Shares
from octavo.apps.chat.turns import Turn, TurnId
from octavo.apps.feedback import FEEDBACK, FeedbackRecords
from octavo.ingest import OctavoError
from octavo.ingest.store.opening import open_rows
from octavo.ingest.store.rows import Connection, RowStore

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, title TEXT NOT NULL, changed TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS conversations_by_user ON conversations (user, changed);
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE, number INTEGER NOT NULL,
    turn TEXT NOT NULL, PRIMARY KEY (conversation, number)
);
CREATE TABLE IF NOT EXISTS pictures (id TEXT PRIMARY KEY, user TEXT NOT NULL, webp BLOB NOT NULL, words TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_TEXT = """(title || ' ' || (
    SELECT group_concat(
        coalesce(json_extract(turn, '$.asked.text'), '') || ' ' || coalesce(json_extract(turn, '$.answer.text'), ''),
        ' '
    )
    FROM turns WHERE conversation = conversations.id
))"""
"""The text of a conversation, in SQL."""
TITLE = 60
"""Letters of the first question that name a conversation."""


LONGEST_TITLE = 120
"""Letters that a name given by a user may have."""
_IDENTITY = re.compile(r"[\w-]{16}", re.A)
_GONE = "This conversation is not there any more: start a new one."


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation in a list: its id, its title, when it last changed (UTC), and the token of its link, if any."""

    id: str
    title: str
    changed: str
    token: str = ""


def new_conversation() -> str:
    """Returns the id of a conversation in which nothing was asked yet; it is kept from its first question on."""
    return secrets.token_urlsafe(12)


def open_chat(folder: Path, documents_uri: str = "") -> RowStore:
    """Opens the tables of the chat, made where there are none: in a folder, or in the database at `documents_uri`."""
    database = open_rows(folder / "chat.sqlite", documents_uri)
    database.migrate("chat", (f"{_SCHEMA} {SCHEMA} {SHARES} {FEEDBACK}",))
    return database


class History:
    """Conversations of all users; each user reaches only their own. Usable from any number of threads.

    They are in a library's folder, or in the database at `documents_uri`.
    """

    def __init__(self, folder: Path, documents_uri: str = "") -> None:
        self._database = open_chat(folder, documents_uri)
        self.files = LibraryFileRecords(self._database)
        self.feedback = FeedbackRecords(self._database)
        self.shares = Shares(self._database)

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    # conversations

    def conversations(self, user: str, search: str = "") -> list[Conversation]:
        """Returns a user's conversations that hold a turn, the last changed first.

        With `search`, those whose title, questions or answers hold each of its words.
        """
        words = ["%" + re.sub(r"([!%_])", r"!\1", word) + "%" for word in search.split()]
        rows = self._database.connection.execute(
            "SELECT id, title, changed, coalesce((SELECT token FROM shares WHERE conversation = conversations.id), '')"
            " FROM conversations WHERE user = ? AND title != ''"
            + f" AND lower({_TEXT}) LIKE lower(?) ESCAPE '!'" * len(words)
            + " ORDER BY changed DESC, id",
            (user, *words),
        )
        return [Conversation(*row) for row in rows]

    def turns(self, user: str, conversation: str, first: int = 0, last: int | None = None) -> list[Turn]:
        """Returns the turns of a user's conversation, from number `first` to before `last`; none of a new one.

        Raises `OctavoError` for a conversation of another user.
        """
        self._check(user, conversation)
        rows = self._database.connection.execute(
            "SELECT turn FROM turns WHERE conversation = ? AND number >= ? AND (? IS NULL OR number < ?)"
            " ORDER BY number",
            (conversation, first, last, last),
        )
        return [turns.load(row[0]) for row in rows]

    def turn(self, user: str, at: TurnId) -> Turn:
        """Returns one turn; raises `OctavoError` where it is another user's or gone."""
        result = self.turns(user, at.conversation, at.number, at.number + 1)
        if not result:
            raise OctavoError(_GONE)
        return result[0]

    def count(self, user: str, conversation: str) -> int:
        """Returns the number of turns of a user's conversation; raises `OctavoError` for a conversation of another
        user."""
        self._check(user, conversation)
        return self._count(self._database.connection, conversation)

    def begin(self, user: str, conversation: str, turn: Turn) -> TurnId:
        """Keeps a question before it is answered. The first one makes the conversation and names it.

        Raises `OctavoError` for a conversation of another user.
        """
        if not _IDENTITY.fullmatch(conversation):
            raise OctavoError(_GONE)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO conversations VALUES (?, ?, '', ?) ON CONFLICT (id) DO NOTHING",
                (conversation, user, _now()),
            )
            self._check(user, conversation)
            number = self._count(connection, conversation)
            connection.execute("INSERT INTO turns VALUES (?, ?, ?)", (conversation, number, turns.dump(turn)))
            connection.execute(
                "UPDATE conversations SET changed = ?, title = CASE title WHEN '' THEN ? ELSE title END WHERE id = ?",
                (_now(), title(turn), conversation),
            )
        return TurnId(conversation, number)

    def finish(self, at: TurnId, turn: Turn) -> None:
        """Keeps what became of a question; nothing where its conversation was deleted meanwhile."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE turns SET turn = ? WHERE conversation = ? AND number = ?",
                (turns.dump(turn), at.conversation, at.number),
            )
            connection.execute("UPDATE conversations SET changed = ? WHERE id = ?", (_now(), at.conversation))

    def title(self, user: str, conversation: str) -> str:
        """Returns the title of a user's conversation."""
        row = self._database.connection.execute(
            "SELECT title FROM conversations WHERE id = ? AND user = ?", (conversation, user)
        ).fetchone()
        return row[0] if row else "Conversation"

    def rename(self, user: str, conversation: str, title: str) -> None:
        """Gives a user's conversation another title; raises `OctavoError` for an empty one, or where it is gone."""
        self._check(user, conversation)
        title = " ".join(title.split())[:LONGEST_TITLE]
        if not title:
            raise OctavoError("A conversation needs a name: type one.")
        with self._database.transaction() as connection:
            connection.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation))

    def delete(self, user: str, conversation: str) -> None:
        """Deletes a user's conversation with all its turns; raises `OctavoError` where it is another user's or gone."""
        self._check(user, conversation)
        with self._database.transaction() as connection:
            if not connection.execute("DELETE FROM conversations WHERE id = ?", (conversation,)).rowcount:
                raise OctavoError(_GONE)

    def delete_all(self, user: str) -> list[str]:
        """Deletes all conversations and pictures of a user; returns the ids of the conversations."""
        with self._database.transaction() as connection:
            rows = connection.execute("DELETE FROM conversations WHERE user = ? RETURNING id", (user,)).fetchall()
            connection.execute("DELETE FROM pictures WHERE user = ?", (user,))
        return [identity for (identity,) in rows]

    def _count(self, connection: Connection, conversation: str) -> int:
        return int(
            connection.execute("SELECT count(*) FROM turns WHERE conversation = ?", (conversation,)).fetchone()[0]
        )

    def _check(self, user: str, conversation: str) -> None:
        row = self._database.connection.execute(
            "SELECT user FROM conversations WHERE id = ?", (conversation,)
        ).fetchone()
        if row is not None and row[0] != user:
            raise OctavoError(_GONE)

    # pictures of questions

    def add_picture(self, user: str, webp: bytes, words: str) -> str:
        """Keeps a user's picture with the words read in it; returns its id."""
        identity = secrets.token_hex(12)
        with self._database.transaction() as connection:
            connection.execute("INSERT INTO pictures VALUES (?, ?, ?, ?)", (identity, user, webp, words))
        return identity

    def picture(self, user: str, picture: str) -> tuple[bytes, str]:
        """Returns a user's picture (WebP) and its words; raises `OctavoError` for one that is not theirs."""
        row = self._database.connection.execute(
            "SELECT webp, words FROM pictures WHERE id = ? AND user = ?", (picture, user)
        ).fetchone()
        if row is None:
            raise OctavoError("This picture is not there any more.")
        return row[0], row[1]

    # settings

    def get(self, key: str) -> str | None:
        """Returns a value that was stored under `key`."""
        row = self._database.connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set(self, key: str, value: str) -> None:
        """Stores a value."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value),
            )


def title(turn: Turn) -> str:
    """Returns the title that a conversation gets from its first turn."""
    text = " ".join(turn.asked.text.split())
    if not text and (regions := turn.asked.regions):
        further = f" and {len(regions) - 1} more" if len(regions) > 1 else ""
        text = f"A part of {regions[0].name}, page {regions[0].page + 1}{further}"
    text = text or "A picture"
    return text if len(text) <= TITLE else text[:TITLE].rsplit(" ", 1)[0] + " …"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
