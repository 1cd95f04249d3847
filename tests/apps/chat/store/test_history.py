"""Conversations, pictures and settings that persist, each user's own."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from octavo.apps.chat.store.history import History, new_conversation
from octavo.apps.chat.turns import AskedQuestion, Turn, TurnId
from octavo.ingest import OctavoError
from tests.apps.chat.turns import TURN

ASKED = Turn(AskedQuestion("How much?"), "")


def test_conversations_outlive_the_process_and_the_last_changed_comes_first(tmp_path: Path) -> None:
    history = History(tmp_path)
    first, second = new_conversation(), new_conversation()
    assert history.begin("ann", first, TURN) == TurnId(first, 0)
    history.begin("ann", second, replace(TURN, asked=AskedQuestion("A " + "very " * 30 + "long question")))
    assert history.begin("ann", first, TURN) == TurnId(first, 1)
    history.close()
    history = History(tmp_path)
    assert [one.id for one in history.conversations("ann")] == [first, second]
    assert history.conversations("ann")[0].title == "How much?"
    assert len(history.conversations("ann")[1].title) <= 62
    assert history.turns("ann", first) == [TURN, TURN]
    history.close()


def test_a_question_is_kept_when_it_is_asked_and_completed_by_its_answer(tmp_path: Path) -> None:
    history, conversation = History(tmp_path), new_conversation()
    at = history.begin("ann", conversation, ASKED)
    other = History(tmp_path)  # as after a kill
    assert other.turns("ann", conversation) == [ASKED]
    assert [one.title for one in other.conversations("ann")] == ["How much?"]
    history.finish(at, TURN)
    assert other.turn("ann", at) == TURN
    other.close()
    history.close()


def test_what_is_begun_elsewhere_takes_nothing_away(tmp_path: Path) -> None:
    history = History(tmp_path)
    first, second = new_conversation(), new_conversation()  # two windows that opened before anything was asked
    at = history.begin("", first, ASKED)
    history.begin("", second, ASKED)
    history.finish(at, TURN)
    assert history.turns("", first) == [TURN]
    assert history.count("", new_conversation()) == 0
    history.close()


def test_an_answer_of_a_deleted_conversation_is_dropped(tmp_path: Path) -> None:
    history, conversation = History(tmp_path), new_conversation()
    at = history.begin("ann", conversation, ASKED)
    history.delete("ann", conversation)
    history.finish(at, TURN)
    assert history.conversations("ann") == []
    for reach in (lambda: history.turn("ann", at), lambda: history.delete("ann", conversation)):
        with pytest.raises(OctavoError, match="not there any more"):
            reach()
    history.close()


def test_nobody_reaches_what_is_not_theirs(tmp_path: Path) -> None:
    history, mine = History(tmp_path), new_conversation()
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
def test_a_conversation_is_named_by_an_id_that_was_given_out(tmp_path: Path, identity: str) -> None:
    history = History(tmp_path)
    with pytest.raises(OctavoError, match="not there any more"):
        history.begin("ann", identity, TURN)
    assert history.conversations("ann") == []
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
