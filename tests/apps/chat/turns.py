"""A turn with all that a turn can have."""

from __future__ import annotations

from dataclasses import replace

from octavo.apps.chat.turns import AskedQuestion, RegionSelection, Turn, TurnId
from octavo.ingest import Box, Kind, Region
from octavo.rag import Answer, Citation, Evidence, Level

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
REGION = RegionSelection("d", "a.pdf", 1, Box(1.5, 2, 3, 4), "12")
AT = TurnId("AbcDefGhiJklMno0", 2)
AT_DATA = f'data-conversation="{AT.conversation}" data-turn="{AT.number}"'
TURN = Turn(
    AskedQuestion("How much?", ("p1",), (REGION,), ("d", "e"), True), "How much? 12", 0.35, ANSWER, "", True, 1.25
)
