"""Conversations, pictures and settings that persist, each user's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from octavo.apps.chat.history import History
from octavo.apps.chat.turns import AskedQuestion
from octavo.ingest import OctavoError
from tests.apps.chat.turns import TURN


def test_conversations_outlive_the_process_and_the_last_changed_comes_first(tmp_path: Path) -> None:
    history = History(tmp_path)
    first = history.start("ann")
    assert history.add("ann", first, TURN) == 0
    second = history.start("ann")
    history.add("ann", second, replace(TURN, asked=AskedQuestion("A " + "very " * 30 + "long question")))
    assert history.add("ann", first, TURN) == 1
    history.close()
    history = History(tmp_path)
    assert [one.id for one in history.conversations("ann")] == [first, second]
    assert history.conversations("ann")[0].title == "How much?"
    assert len(history.conversations("ann")[1].title) <= 62
    assert history.turns("ann", first) == [TURN, TURN]
    history.close()


def test_nobody_reaches_what_is_not_theirs(tmp_path: Path) -> None:
    history = History(tmp_path)
    mine = history.start("ann")
    history.add("ann", mine, TURN)
    picture = history.add_picture("ann", b"webp", "words")
    assert history.picture("ann", picture) == (b"webp", "words")
    assert history.conversations("ben") == []
    for reach in (
        lambda: history.turns("ben", mine),
        lambda: history.add("ben", mine, TURN),
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


def test_a_conversation_without_turns_is_not_listed_and_goes(tmp_path: Path) -> None:
    history = History(tmp_path)
    empty = history.start("ann")
    assert history.conversations("ann") == []
    assert history.turns("ann", empty) == []
    history.start("ann")
    with pytest.raises(OctavoError):
        history.turns("ann", empty)
    history.close()
