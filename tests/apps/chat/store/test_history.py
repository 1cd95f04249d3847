"""Conversations, pictures and settings that persist, each user's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from octavo.apps.chat.store.history import History, new_conversation
from octavo.apps.chat.turns import AskedQuestion, Turn, TurnId
from octavo.ingest import OctavoError
from tests.apps.chat.turns import TURN
from tests.postgres import empty_schema, server

ASKED = Turn(AskedQuestion("How much?"), "")
Opened = Callable[[], History]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as uri:
        yield uri


@pytest.fixture(params=["folder", pytest.param("postgres", marks=pytest.mark.slow)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Opens the same conversations again and again: in a folder, or in PostgreSQL."""
    uri = empty_schema(request.getfixturevalue("address")) if request.param == "postgres" else ""
    return lambda: History(tmp_path, uri)


def test_conversations_outlive_the_process_and_the_last_changed_comes_first(opened: Opened) -> None:
    history = opened()
    first, second = new_conversation(), new_conversation()
    assert history.begin("ann", first, TURN) == TurnId(first, 0)
    history.begin("ann", second, replace(TURN, asked=AskedQuestion("A " + "very " * 30 + "long question")))
    assert history.begin("ann", first, TURN) == TurnId(first, 1)
    history.close()
    history = opened()
    assert [one.id for one in history.conversations("ann")] == [first, second]
    assert history.conversations("ann")[0].title == "How much?"
    assert len(history.conversations("ann")[1].title) <= 62
    assert history.turns("ann", first) == [TURN, TURN]
    history.close()


def test_a_question_is_kept_when_it_is_asked_and_completed_by_its_answer(opened: Opened) -> None:
    history, conversation = opened(), new_conversation()
    at = history.begin("ann", conversation, ASKED)
    other = opened()  # as after a kill
    assert other.turns("ann", conversation) == [ASKED]
    assert [one.title for one in other.conversations("ann")] == ["How much?"]
    history.finish(at, TURN)
    assert other.turn("ann", at) == TURN
    other.close()
    history.close()


def test_conversations_of_other_windows_are_kept(opened: Opened) -> None:
    history = opened()
    first, second = new_conversation(), new_conversation()  # two windows that opened before anything was asked
    at = history.begin("", first, ASKED)
    history.begin("", second, ASKED)
    history.finish(at, TURN)
    assert history.turns("", first) == [TURN]
    assert history.count("", new_conversation()) == 0
    history.close()


def test_an_answer_of_a_deleted_conversation_is_dropped(opened: Opened) -> None:
    history, conversation = opened(), new_conversation()
    at = history.begin("ann", conversation, ASKED)
    history.delete("ann", conversation)
    history.finish(at, TURN)
    assert history.conversations("ann") == []
    for reach in (lambda: history.turn("ann", at), lambda: history.delete("ann", conversation)):
        with pytest.raises(OctavoError, match="not there any more"):
            reach()
    history.close()


def test_users_cannot_reach_the_data_of_others(opened: Opened) -> None:
    history, mine = opened(), new_conversation()
    history.begin("ann", mine, TURN)
    picture = history.add_picture("ann", b"webp", "words")
    assert history.picture("ann", picture) == (b"webp", "words")
    assert history.conversations("ben") == []
    for reach in (
        lambda: history.turns("ben", mine),
        lambda: history.turn("ben", TurnId(mine, 0)),
        lambda: history.begin("ben", mine, TURN),
        lambda: history.delete("ben", mine),
        lambda: history.picture("ben", picture),
        lambda: history.turns("", mine),
    ):
        with pytest.raises(OctavoError, match="not there any more"):
            reach()
    assert history.turns("ann", mine) == [TURN]
    history.delete("ann", mine)
    assert history.conversations("ann") == []
    history.close()


@pytest.mark.parametrize("identity", ["", "x", "'><img src=x>abcd", "a" * 17, "ábcdefghijklmnop"])
def test_a_conversation_is_named_by_an_id_that_was_given_out(opened: Opened, identity: str) -> None:
    history = opened()
    with pytest.raises(OctavoError, match="not there any more"):
        history.begin("ann", identity, TURN)
    assert history.conversations("ann") == []
    history.close()


def test_conversations_are_searched_shared_and_rated_beside_files_and_settings(opened: Opened) -> None:
    history = opened()
    first, second = new_conversation(), new_conversation()
    at = history.begin("ann", first, replace(TURN, asked=AskedQuestion("How many Herons?")))
    history.begin("ann", second, TURN)
    assert [one.id for one in history.conversations("ann", "herons MANY")] == [first]
    assert history.conversations("ann", "50%") == []
    token = history.shares.make(first)
    assert history.shares.make(first) == token
    assert history.shares.find(token) == ("ann", first)
    assert history.conversations("ann", "herons")[0].token == token
    history.feedback.keep("default", "ann", {"rating": "up"}, f"chat-{at.conversation}-0")
    history.feedback.keep("default", "ann", {"rating": "down"}, f"chat-{at.conversation}-0")
    assert [verdict["rating"] for verdict in history.feedback.of("default")] == ["down"]
    history.feedback.forget_all(f"chat-{first}-")
    assert history.feedback.of("default") == []
    history.files.set_owner("a.pdf", "ann")
    history.files.set_owner("a.pdf", "ben")
    assert history.files.owners() == {"a.pdf": "ben"}
    old, new = (history.files.put("removed", name, name, "", "ann", {"year": 2018}) for name in ("a.pdf", "b.pdf"))
    assert history.files.all() == [new, old]
    assert history.files.older(0) == [new, old]
    history.files.forget(old.id)
    assert history.files.all() == [new]
    history.set("theme", "dark")
    history.set("theme", "light")
    assert (history.get("theme"), history.get("other")) == ("light", None)
    history.delete("ann", first)
    assert history.shares.find(token) is None
    history.close()


def test_a_file_that_others_could_read_is_its_owners_only(tmp_path: Path) -> None:
    History(tmp_path).close()
    (tmp_path / "chat.sqlite").chmod(0o644)
    History(tmp_path).close()
    assert (tmp_path / "chat.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "chat.sqlite") as old:
        old.executescript(
            """
            CREATE TABLE conversations (id TEXT PRIMARY KEY, user TEXT NOT NULL, title TEXT NOT NULL, changed TEXT);
            CREATE TABLE turns (conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
                number INTEGER NOT NULL, turn TEXT NOT NULL, PRIMARY KEY (conversation, number));
            INSERT INTO conversations VALUES ('abcdefghijklmnop', '', 'What?', '2026'), ('empty', '', '', '2026');
            INSERT INTO turns VALUES ('abcdefghijklmnop', 0, '{"asked": {"text": "What?"}, "query": "What?",
                "answer": {"question": "What?", "text": "This [1].", "citations": [{"number": 1, "document": "d",
                "name": "a.pdf", "page": 0, "boxes": [[1, 2, 3, 4]], "quote": "This", "evidence": "e"}]}}');
            """
        )
    old.close()
    history = History(tmp_path)
    assert [one.title for one in history.conversations("")] == ["What?"]
    (turn,) = history.turns("", "abcdefghijklmnop")
    assert turn.is_answered
    assert history.begin("", "abcdefghijklmnop", TURN).number == 1
    history.close()
