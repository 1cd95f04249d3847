"""Patterns that need one of some words."""

from __future__ import annotations

import re

import pytest

from octavo.rag.query.patterns import WordPattern


def unneeded() -> str:
    pytest.fail("compiled for a text that it cannot fit")


def test_a_pattern_is_not_compiled_for_a_text_without_its_words() -> None:
    pattern = WordPattern(unneeded, ["page", "Seite"])
    text = "What was revenue?"
    assert (pattern.search(text), pattern.sub("", text), list(pattern.finditer(text))) == (None, text, [])


@pytest.mark.parametrize("text", ["See PAGE 5.", "Siehe Seite 5."])
def test_a_pattern_applies_where_a_word_occurs_in_any_case(text: str) -> None:
    pattern = WordPattern(lambda: r"(?:page|seite)\s+\d+", ["page", "Seite"])
    assert pattern.search(text) is not None
    assert pattern.sub("it", text) in ("See it.", "Siehe it.")
    assert len(list(pattern.finditer(text))) == 1


def test_matches_respect_the_flags() -> None:
    pattern = WordPattern(lambda: "Answer", ["Answer"], re.NOFLAG)
    assert pattern.search("the answer") is None
    assert pattern.search("Answer in words") is not None
