"""Whether two words are forms of one, or one is the other mistyped."""

from __future__ import annotations

ALIKE = 5
"""Letters at the beginning that two words have in common when one is taken for a form of the other."""
LONG = 8
"""Letters in common from which on both words may have an ending: "entschädigt" and "Entschädigung"."""
TYPED = 4
"""Letters of a word that may have been mistyped."""


def share_stem(a: str, b: str) -> bool:
    """Returns whether two stems are forms of one word.

    >>> [share_stem(a, b) for a, b in (("abonn", "abonnement"), ("intern", "internation"), ("sunday", "sundarban"))]
    [False, False, False]
    >>> share_stem("meldung", "meldungen"), share_stem("expir", "expiri"), share_stem("entschadigt", "entschadigung")
    (True, True, True)
    """
    short, long = sorted((a, b), key=len)
    common = next((n for n, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    rest = len(short) - common
    return common >= ALIKE and rest <= 1 and len(long) - common <= (2 if rest and common < LONG else 4)


def is_slip(typed: str, word: str) -> bool:
    """Returns whether a word was typed with one slip: a letter too few or too many, in long ones also a wrong one.

    >>> [is_slip(a, b) for a, b in (("smal", "small"), ("recieve", "receive"), ("rent", "rest"), ("cat", "cart"))]
    [True, True, False, True]
    """
    if typed[0] != word[:1] or abs(len(typed) - len(word)) > 1 or len(word) < TYPED or typed == word:
        return False
    if len(typed) == len(word) and len(typed) < 6:
        return False
    first = next((n for n, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), min(len(typed), len(word)))
    if len(typed) == len(word):
        is_swap = typed[first : first + 2] == word[first : first + 2][::-1] and typed[first + 2 :] == word[first + 2 :]
        return is_swap or typed[first + 1 :] == word[first + 1 :]
    short, long = sorted((typed, word), key=len)
    return short[first:] == long[first + 1 :]
