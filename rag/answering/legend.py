"""Legends: what the codes in cells and headings of a table mean, as its page says ("N night", "R = on request")."""

from __future__ import annotations

import re
from collections.abc import Iterable

from octavo.rag.answering.rows import Row
from octavo.rag.query.language import any_word

LONGEST_CODE = 4
"""Letters of a code."""
LEAST_PARTS = 2
"""Parts of a line that begin with a code, from which on it is a legend without signs between codes and meanings."""
_MEANS = rf"\s*(?:=|:|→|{any_word(lambda language: language.means)})\s*"
_EQUALS = r"\s*=\s*"
_MEANING = r"(?P<meaning>[^\s;·•|=][^;·•|=\n]*?)(?=\s*(?:[;·•|\n]|[.](?:\s|$)|$|,\s+\S{1,4}\s*[=:]))"
_PARTS = re.compile(r"\s*[·;|•\n]\s*|,\s+")
_DASHES = "-–—−"


def codes_of(rows: Iterable[Row]) -> frozenset[str]:
    """Returns the short texts of a table's cells and of its headings that may be codes: numbers are none."""
    result = set[str]()
    for row in rows:
        for cell in row.values:
            result.update(text for text in (cell.text.strip(), *cell.names) if _may_be_code(text))
    return frozenset(result)


def _may_be_code(text: str) -> bool:
    return 0 < len(text) <= LONGEST_CODE and (not text[0].isdigit() or len(text) == 1)


def legend(codes: Iterable[str], lines: Iterable[str]) -> dict[str, str]:
    """Returns the meaning of each code that one of the lines explains.

    >>> legend(["N", "AL", "–"], ["Key. E early 07:00–15:00 · N night 21:00–07:30 · AL annual leave · – off duty"])
    {'N': 'night 21:00–07:30', 'AL': 'annual leave', '–': 'off duty'}
    >>> legend(["R", "–", "2"], ["R = on request: ring the office.", "– = does not stop. 2 = refused; 3 = absent"])
    {'R': 'on request: ring the office', '–': 'does not stop', '2': 'refused'}
    """
    result: dict[str, str] = {}
    lines = list(lines)
    for code in codes:
        form = re.compile(rf"(?:^|(?<=[\s(,;·.|])){_form(code)}{_EQUALS if code.isdigit() else _MEANS}{_MEANING}", re.M)
        for line in lines:
            if match := form.search(line):
                result.setdefault(code, match["meaning"].strip())
    rest = [code for code in codes if code not in result and not code.isdigit()]
    for line in lines:
        parts = [part for part in _PARTS.split(line) if part]
        meanings: dict[str, str] = {}
        for part in parts:
            for code in rest:
                match = re.search(rf"(?:^|[.:]\s+){_form(code)}\s+(?P<meaning>[^\W\d_]{{2,}}.*)$", part)
                if match:
                    meanings.setdefault(code, match["meaning"].strip(" ."))
        if len(meanings) >= LEAST_PARTS:
            for code, meaning in meanings.items():
                result.setdefault(code, meaning)
    return result


def _form(code: str) -> str:
    return f"[{_DASHES}]" if code in _DASHES else re.escape(code)
