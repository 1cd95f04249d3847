"""Conversations, pictures and settings that persist, each user's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from apps.chat.history import History
from apps.chat.turns import Asked, Spot, Turn, dump, load
from ingest import Box, Kind, OctavoError, Region
from rag import Answer, Citation, Evidence, Level

EVIDENCE = Evidence(
    "d/p1/e2",
    Level.ELEMENT,
    "d",
    "a.pdf",
    "A",
    1,
    "Costs",
    "12 | 13",
    (Region(1, Box(1, 2, 3, 4), 2),),
    0.75,
    Kind.TABLE,
)
ANSWER = Answer(
    "How much?",
    "It was **12** [1].",
    (Citation(1, "d", "a.pdf", 1, (Box(1, 2, 3, 4),), "12", "d/p1/e2"),),
    (EVIDENCE,),
    (EVIDENCE, replace(EVIDENCE, id="d/p2", kind=None, score=0.1)),
    model="tiny",
    problems=("one",),
)
SPOT = Spot("d", "a.pdf", 1, Box(1.5, 2, 3, 4), "12")
TURN = Turn(Asked("How much?", ("p1",), SPOT, ("d", "e"), True), "How much? 12", 0.35, ANSWER, "", True, 1.25)


def test_a_turn_comes_back_as_it_was() -> None:
    assert load(dump(TURN)) == TURN
    assert load(dump(Turn(Asked("x"), "", error="no"))) == Turn(Asked("x"), "", error="no")


def test_conversations_outlive_the_process_and_the_last_changed_comes_first(tmp_path: Path) -> None:
    history = History(tmp_path)
    first = history.start("ann")
    assert history.add("ann", first, TURN) == 0
    second = history.start("ann")
    history.add("ann", second, replace(TURN, asked=Asked("A " + "very " * 30 + "long question")))
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
