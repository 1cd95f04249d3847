"""Dates, e-mail and web addresses and phone numbers on pages that a question names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.ingest import Page
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import LazyPattern, pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.plans.contacts import contact_kinds
from octavo.rag.answering.question_analysis import terms_of_words

_DATE: tuple[LazyPattern, LazyPattern] = (pattern("page_values", "date"), pattern("whole", "dates"))
_OWN = terms_of_words([*words("page_values", "words_own"), *words("contacts", "words_own")])
MOST = 6
"""Values of named pages that are an answer; more are none."""


def page_values(material: Material) -> Reply | None:
    """Returns the dates, addresses or numbers of the pages that the question names, each with its passage.

    Where the question says more than that, those of the passages that say most of it are returned.
    """
    text = material.query.content or material.query.text
    forms: list[tuple[LazyPattern, LazyPattern | re.Pattern[str]]] = [
        _DATE,
        *contact_kinds(material.analysis.language.code),
    ]
    form = next((form for cue, form in forms if cue.search(text)), None)
    if form is None or not material.about:
        return None
    document = material.about[0]
    named = material.page_numbers(document.pages)
    if not named or not all(0 <= n < document.pages for n in named):
        return None
    numbers = [_filled(material.pages(document.id), n) for n in named]
    own = _OWN | {str(n + 1) for n in named}
    terms = frozenset(t for t in material.analysis.terms if t not in own)
    matches = [
        (len(material.analysis.matched_terms(c.words, c.spans) & terms), match[0].strip(), c)
        for c in material.page_candidates(document.id, numbers)
        for match in form.finditer(c.passage.text)
    ]
    most = max((count for count, _, _ in matches), default=0)
    values: dict[str, Candidate] = {}
    for count, value, c in matches:
        if count == most:
            values.setdefault(value, c)
    if not values or len(values) > MOST or 2 * most < len(terms):
        return None
    return Reply(tuple(Paragraph(f"{value}: {quote(c).text}", (c,)) for value, c in values.items()), checked=True)


def _filled(pages: Sequence[Page], number: int) -> int:
    """Returns the first page from a number on that is not blank: people count no blank page."""
    return next((n for n in range(number, len(pages)) if pages[n].elements), number)
