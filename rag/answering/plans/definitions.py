"""Definitions: what a word or an abbreviation stands for, as a document defines it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply, quote
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.query.language import any_form, any_word, languages

_ASKED = pattern("definitions", "asked")
_QUOTES = "\"'“”‘’„«» "
_ARTICLES = sorted({word for language in languages().values() for word in language.articles if len(word) > 1})
_JOINTS = sorted({word for language in languages().values() for word in language.pages.conjunctions})
_LONGEST = 5
"""Words of a term that a document defines."""


def definitions(material: Material) -> Reply | None:
    """Returns the passage that defines what the question asks the meaning of; `None` where there is none."""
    match = _ASKED.search(material.query.text)
    term = next((group for group in match.groups() if group), "").strip(_QUOTES) if match else ""
    words = [word for word in term.split() if word.lower() not in material.analysis.language.articles]
    if len(words) > _LONGEST or set(material.analysis.terms).isdisjoint(words_of(" ".join(words))):
        return None
    about = {info.id for info in material.about}
    ranked = [
        (rank, c.document not in about, n, c)
        for n, c in enumerate(material.candidates)
        for rank in [_rank(c, " ".join(words))]
        if rank is not None
    ]
    return Reply((quote(min(ranked, key=lambda item: item[:3])[3]),), checked=True) if ranked else None


def _rank(c: Candidate, term: str) -> int | None:
    """Returns the place of the first form of a definition that a passage has, or `None`."""
    row = c.passage.row
    if row and len(row.cells) > 1 and row.label.strip().lower() == term.lower():
        return 0
    text = "\n".join(cell.text for cell in row.cells) if row else " ".join(c.passage.text.split())
    return next((n for n, form in enumerate(_forms(term)) if form.search(text)), None)


def _forms(term: str) -> Iterator[re.Pattern[str]]:
    """Yields the forms of a definition of a term, the plainest first.

    >>> forms = list(_forms("KVO"))
    >>> texts = "KVO (keep vein open) is slow", "keep vein open (KVO)", "KVO = keep vein open", "KVO keep vein open · B"
    >>> [next(n for n, form in enumerate(forms) if form.search(text)) for text in texts]
    [0, 0, 0, 2]
    """
    own = rf"(?<!\w){re.escape(term)}s?(?!\w)"
    means = any_word(lambda language: language.means)
    defined = [
        rf"{own}\s*\([^()\d]{{4,}}\)",
        rf"\w[^().;]{{3,60}}\({own}\)",
        rf"{own}\s*=\s*\w",
        rf"{own}\s+(?:\w+\s+)?{means}",
        rf"^\W{{0,3}}{own}\s*[:–—-]\s",
    ]
    yield re.compile("|".join(defined), re.I)
    yield re.compile(rf"{own}\s+{any_word(lambda language: language.being)}", re.I)
    if term.isupper():
        yield re.compile(rf"(?:^|[·;,.:|]\s*){own}\s+[a-zß-ÿ]{{3,}}")
        yield re.compile(rf"(?:^|[·;,.:|]\s*|\b{any_form(_JOINTS)}\s+){own}\s+{any_form(_ARTICLES)}\s+\w")
