"""Compounds of German and Dutch: words that are made of others, and those that end with one."""

from __future__ import annotations

from collections.abc import Collection

from octavo.rag.query.concepts import COMPOUNDS

_PART = 4
"""Letters of a part, at least."""
_JOINTS = ("", "s", "n", "en", "es", "e", "er")
"""What may stand between two parts."""


def ending_with(word: str, vocabulary: Collection[str], code: str) -> list[str]:
    """Returns the words of a vocabulary that are compounds of a word: kinds of what it names.

    >>> ending_with("vergadering", ["ledenvergadering", "vergaderzaal"], "nl"), ending_with("ring", ["string"], "en")
    (['ledenvergadering'], [])
    """
    if code not in COMPOUNDS or len(word) <= _PART:
        return []
    return sorted(other for other in vocabulary if other.endswith(word) and len(other) >= len(word) + _PART - 1)


def heads_of(word: str, vocabulary: Collection[str], code: str) -> list[str]:
    """Returns the words of a vocabulary for what a compound names, where its first part stands there as well.

    Both may be parts of other compounds there.

    >>> heads_of("brunnenuntersuchung", ["hausbrunnen", "untersuchungen"], "de"), heads_of("brunnen", ["haus"], "de")
    (['untersuchungen'], [])
    """
    if code not in COMPOUNDS:
        return []
    for place in range(_PART, len(word) - _PART + 1):
        first, last = word[:place], word[place:]
        firsts = {first.removesuffix(joint) for joint in _JOINTS}
        if any(len(part) >= _PART and _has_part(part, vocabulary) for part in firsts):
            others = sorted(other for other in vocabulary if other.startswith(last) or other.endswith(last))
            if others and others != [word]:
                return others
    return []


def _has_part(part: str, vocabulary: Collection[str]) -> bool:
    return any(other.startswith(part) or other.endswith(part) for other in vocabulary)
