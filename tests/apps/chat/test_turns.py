"""Turns are kept as JSON; those of earlier versions are read too."""

from __future__ import annotations

import json
from dataclasses import replace

from octavo.apps.chat.turns import AskedQuestion, Turn, dump, load
from tests.apps.chat.turns import TURN


def test_a_turn_comes_back_as_it_was() -> None:
    assert load(dump(TURN)) == TURN
    assert load(dump(Turn(AskedQuestion("x"), "", error="no"))) == Turn(AskedQuestion("x"), "", error="no")


def test_a_turn_without_later_fields_is_read() -> None:
    kept = json.loads(dump(TURN))
    del kept["note"]
    assert load(json.dumps(kept)) == TURN


def test_a_turn_of_the_first_version_keeps_its_candidates() -> None:
    assert TURN.answer
    assert TURN.answer.candidates
    assert load(dump(TURN).replace('"candidates"', '"looked_at"')) == TURN


def test_a_turn_of_the_first_version_keeps_its_region() -> None:
    stored = json.loads(dump(TURN))
    [region] = stored["asked"].pop("regions")
    assert load(json.dumps(stored | {"asked": stored["asked"] | {"spot": region}})) == TURN
    without = replace(TURN, asked=replace(TURN.asked, regions=()))
    assert load(json.dumps(stored | {"asked": stored["asked"] | {"spot": None}})) == without
