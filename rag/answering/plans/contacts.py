"""Contacts: phone numbers, e-mail and web addresses, opening hours, by whom or what the question names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from octavo.rag.answering.candidates import BESIDE, Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import LazyPattern, pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, terms_of_words, words_of_names
from octavo.rag.query.language import any_word

_TIME = r"(?<!\d)(?:[01]?\d|2[0-4])(?:[:.]\d\d|\s?h(?:\s?\d\d)?)?\s?(?:am|pm|a\.m\.|p\.m\.|Uhr|uur)?"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|\(?0|00)?\d(?:[\s()/-]{0,2}\d){6,14}(?![\w]|[.,]\d)")
_WEB = re.compile(r"\b(?:https?://|www\.)\S+[\w/]")
_HOURS = re.compile(rf"{_TIME}\s*(?:[-–—]|{any_word(lambda language: language.pages.to)})\s*{_TIME}", re.I)
_FORMS = {"email": _EMAIL, "phone": _PHONE, "web": _WEB}
_DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_OWN = terms_of_words(words("contacts", "words_own"))
MOST = 3


@cache
def contact_kinds(code: str) -> tuple[tuple[LazyPattern, re.Pattern[str]], ...]:
    """Returns the ways to ask for a number or an address in a language, each with the form that it has.

    >>> [bool(cue.search("What is the web site of the club?")) for cue, _ in contact_kinds("en")]
    [False, False, True]
    """
    return tuple((pattern("contacts", kind, code), form) for kind, form in _FORMS.items())


def contacts(material: Material) -> Reply | None:
    """Returns the number, address or hours beside what the question names; `None` where its names stand nowhere."""
    text = material.query.text
    code = material.analysis.language.code
    kinds = (*contact_kinds(code), (pattern("contacts", "hours", code), _HOURS))
    kind = next(((cue, form) for cue, form in kinds if cue.search(text)), None)
    if kind is None:
        return None
    cue, form = kind
    analysis = material.analysis if form is _HOURS else analyze_question(cue.sub(" ", text))
    if reply := _only_one(material, analysis, form):
        return reply
    documents = {info.id for info in material.about} or {e.document for e in material.evidence}
    contact_values = [
        (len(matches), len(analysis.matched_in(line)), c, value)
        for c in material.candidates
        if c.document in documents
        for matches in [_matched_terms(analysis, c) - _OWN]
        for line, value in _values(form, c)
    ]
    most, nearest = max((one[:2] for one in contact_values), default=(0, 0))
    terms = [t for t in analysis.terms if t not in _OWN]
    needed = len(terms) if analysis.names or form is _HOURS else min(1, len(terms))
    best = {value: c for matches, near, c, value in contact_values if (matches, near) == (most, nearest)}
    if not best or most < needed or len(best) > MOST:
        return None
    paragraphs = tuple(Paragraph(f"{value}: {quote(c).text}", (c,)) for value, c in best.items())
    return Reply(paragraphs, checked=most >= len(terms))


def _only_one(material: Material, analysis: QuestionAnalysis, form: re.Pattern[str]) -> Reply | None:
    """Returns the only number or address of a document, where the question says no more than what kind it wants."""
    titles = words_of_names(*(f"{info.title} {info.name}" for info in material.about))
    if len(material.about) != 1 or not _OWN.union(titles).issuperset(analysis.terms):
        return None
    values = {value: c for c in material.page_candidates(material.about[0].id) for _, value in _values(form, c)}
    if len(values) != 1:
        return None
    (value, c), *_ = values.items()
    return Reply((Paragraph(f"{value}: {quote(c).text}", (c,)),), checked=True)


def _values(form: re.Pattern[str], c: Candidate) -> Iterator[tuple[str, str]]:
    """Yields the lines of a passage with what is looked for in each."""
    for place in c.passage.places:
        for match in form.finditer(place.text):
            if not _DAY.fullmatch(match[0]):
                yield place.text, match[0].strip()


def _matched_terms(analysis: QuestionAnalysis, c: Candidate) -> set[str]:
    """Returns the terms that a passage says, or what belongs to it."""
    terms = analysis.matched_terms(c.words, c.spans)
    for share, own, spans in c.around:
        if share > BESIDE:
            terms |= analysis.matched_terms(own, spans)
    return terms
