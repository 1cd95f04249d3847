"""Clauses of sentences: where one ends, at a mark or before "and"."""

from __future__ import annotations

import re
from functools import cache

from octavo.rag.query.language import any_form, languages


@cache
def clause_end(code: str) -> re.Pattern[str]:
    """Returns a pattern of what parts the clauses of a sentence in a language.

    >>> clause_end("en").split("The state pays half, the town 30 and we the rest.")[:3]
    ['The state pays half', 'the town 30', 'we the rest']
    """
    return re.compile(rf"[;.:!?](?:\s|$)|,\s|\s{any_form(languages()[code].pages.conjunctions)}\s", re.I)


def clause_start(text: str, place: int, code: str, begin: int = 0) -> int:
    """Returns where the clause begins in which a place of a text lies."""
    return max((m.end() for m in clause_end(code).finditer(text, begin, place)), default=begin)
