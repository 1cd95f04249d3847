"""Questions about a document as a whole: its title, its authors, its date, how long it is; how many documents."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.question_analysis import terms_of_words, words_of, words_of_names
from octavo.rag.query.language import any_word

_PAGES = pattern("whole", "pages")
_DOCUMENTS = pattern("whole", "documents")
_TITLE = pattern("whole", "title")
_AUTHOR = pattern("whole", "author")
_DATE = pattern("whole", "date")
_DATES = pattern("whole", "dates")
_BY = pattern("whole", "by")
_NAME = rf"[A-ZÀ-Þ][\w’'.-]*(?:\s+(?:{'|'.join(words('whole', 'words_particles'))}|[A-ZÀ-Þ][\w’'.-]*))*"
_LINE = re.compile(rf"^(?=\S+\s+[A-ZÀ-Þ]){_NAME}(?:,\s|\s[–—-]\s).{{0,60}}$")
_NAMES = re.compile(
    rf"^{_NAME}(?:\s*(?:[,&]|{any_word(lambda language: language.pages.conjunctions[:1])})\s*{_NAME})*$"
)

FIRST, TITLE_WORDS = 3, 15
"""Passages at the top of a first page without headings one of which is its title, and words that it has at most."""


def whole(material: Material) -> Reply | None:
    """Returns the number of pages, title, authors or date of the document that the question is about."""
    text = material.query.text
    if not material.documents:
        return None
    if _DOCUMENTS.search(text) and len(words_of(text)) < 9:
        return Reply((Paragraph(f"{len(material.documents)} documents.", ()),), checked=True)
    if not any(pattern.search(text) for pattern in (_PAGES, _TITLE, _AUTHOR, _DATE)) or not material.about:
        return None
    info = material.about[0]
    if (pages := _PAGES.search(text)) and _only_names(material):
        word = "slides" if "slide" in pages[0].lower() else "pages"
        first = material.page_candidates(info.id, [0])[:1]
        return Reply((Paragraph(f"{info.name} has {info.pages} {word}.", tuple(first)),), checked=True)
    if _TITLE.search(text):
        return _title(material)
    if _AUTHOR.search(text) and _only_names(material, 0):
        return _author(material)
    return _date(material) if _DATE.search(text) else None


def _only_names(material: Material, others: int = 1) -> bool:
    """Returns whether all that is asked for beside the length names a document: its title, or a name at its start."""
    front = frozenset(words_of(material.front(material.about[0].id))) & material.analysis.names
    titles = words_of_names(*(f"{i.title} {i.name}" for i in material.about))
    own = terms_of_words(words("whole", "words_own"))
    return sum(t not in titles | front and t not in own for t in material.analysis.terms) <= others


def _first_page(material: Material) -> list[Candidate]:
    return material.page_candidates(material.about[0].id, [0])


def _title(material: Material) -> Reply | None:
    title = _title_of(_first_page(material))
    return Reply((quote(title),), checked=True) if title else None


def _title_of(first_page: Sequence[Candidate]) -> Candidate | None:
    """Returns the first heading of a page, else its first short text: a title may be drawn as a picture."""
    heads = [c for c in first_page if c.passage.kind in HEADINGS]
    short = [c for c in first_page[:FIRST] if 2 <= len(c.passage.text.split()) <= TITLE_WORDS]
    return next(iter(heads or short), None)


def _author(material: Material) -> Reply | None:
    """Returns a line of names below the title, or one that says by whom it is."""
    first_page = _first_page(material)
    title = _title_of(first_page)
    lines = [c for c in first_page[:12] if c.passage.kind not in HEADINGS and c is not title]
    match = [c for c in lines if _BY.search(c.passage.text)] or [
        c
        for c in lines
        if _NAMES.match(c.passage.text.strip().rstrip(".")) or _LINE.match(c.passage.text.strip())
        if 2 <= len(c.passage.text.split()) <= 30
    ]
    return Reply((quote(match[0]),), checked=True) if match else None


def _date(material: Material) -> Reply | None:
    for c in _first_page(material):
        if match := _DATES.search(c.passage.text):
            return Reply((Paragraph(f"{match[0]}: {quote(c).text}", (c,)),), checked=True)
    return None
