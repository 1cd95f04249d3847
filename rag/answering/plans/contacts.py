"""Contacts: phone numbers, e-mail and web addresses, opening hours, by whom or what the question names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from octavo.rag.answering.candidates import BESIDE, Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import LazyPattern, pattern, words
from octavo.rag.answering.plans.base import Reply, Said, quote
from octavo.rag.answering.wanted import Wanted, wanted, words_of

_TIME = r"\d{1,2}(?:[:.]\d\d|\s?h(?:\s?\d\d)?)?\s?(?:am|pm|a\.m\.|p\.m\.|Uhr|uur)?"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|\(?0|00)?\d(?:[\s()/-]{0,2}\d){6,14}(?![\w]|[.,]\d)")
_WEB = re.compile(r"\b(?:https?://|www\.)\S+[\w/]")
_HOURS = re.compile(rf"{_TIME}\s*(?:-|–|—|to|until|bis|à|a|alle|tot|às|e las)\s*{_TIME}", re.I)
_KINDS: tuple[tuple[LazyPattern, re.Pattern[str]], ...] = (
    (pattern("contacts", "email"), _EMAIL),
    (pattern("contacts", "phone"), _PHONE),
    (pattern("contacts", "web"), _WEB),
    (pattern("contacts", "hours"), _HOURS),
)
_DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_OWN = frozenset(t for word in words("contacts", "words_own") for t in words_of(word))
MOST = 3


def contacts(material: Material) -> Reply | None:
    """The number, address or hours that stand with what the question names; `None` where names stand nowhere."""
    text = material.query.text
    kind = next(((cue, form) for cue, form in _KINDS if cue.search(text)), None)
    if kind is None:
        return None
    cue, form = kind
    asked = wanted(cue.sub(" ", text))
    documents = {info.id for info in material.about} or {e.document for e in material.evidence}
    found = [
        (len(held), len(asked.held(frozenset(words_of(line)))), c, value)
        for c in material.candidates
        if c.document in documents
        for held in [_held(asked, c) - _OWN]
        for line, value in _values(form, c)
    ]
    most, nearest = max((one[:2] for one in found), default=(0, 0))
    terms = [t for t in asked.terms if t not in _OWN]
    needed = len(terms) if asked.names else min(1, len(terms))
    best = {value: c for held, near, c, value in found if (held, near) == (most, nearest)}
    if not best or most < needed or len(best) > MOST:
        return None
    said = tuple(Said(f"{value}: {quote(c).text}", (c,)) for value, c in best.items())
    return Reply(said, checked=most >= len(terms))


def _values(form: re.Pattern[str], c: Candidate) -> Iterator[tuple[str, str]]:
    """The lines of a passage with what is looked for in each."""
    for place in c.passage.places:
        for match in form.finditer(place.text):
            if not _DAY.fullmatch(match[0]):
                yield place.text, match[0].strip()


def _held(asked: Wanted, c: Candidate) -> set[str]:
    """The terms that a passage says, or what belongs to it."""
    held = asked.held(c.words, c.spans)
    for share, own, spans in c.around:
        if share > BESIDE:
            held |= asked.held(own, spans)
    return held
