"""How many times a document says a word or a name, and on which pages."""

from __future__ import annotations

import re

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.page_sets import page_list

LONGEST = 4
"""Words that what is counted has at most; a longer phrase describes something."""
_QUOTES = "\"'“”„‘’«»` "


def occurrences(material: Material) -> Reply | None:
    """Returns the number of times that the document says what is counted, and its pages; `None` where it never does.

    A name in capitals is looked for in capitals, all else in any case.
    """
    match = pattern("occurrences", "cue", material.analysis.language.code).search(material.query.text)
    if match is None or not material.about:
        return None
    name = match["name"].strip(_QUOTES)
    if not 1 <= len(name.split()) <= LONGEST:
        return None
    document = material.about[0]
    numbers = material.page_numbers(document.pages)
    form = _form_of(name)
    counts = {page.number: len(form.findall(page.text)) for page in material.pages(document.id)}
    on_pages = [n for n, count in counts.items() if count and (not numbers or n in numbers)]
    if not on_pages:
        return None
    total = sum(counts[n] for n in on_pages)
    support = [c for c in material.page_candidates(document.id, on_pages) if form.search(c.passage.text)]
    text = f"{total} time{'s' * (total > 1)} in {document.name}, on {page_list(on_pages)}."
    return Reply((Paragraph(text, _first_of_each(support)),), checked=True)


def _form_of(name: str) -> re.Pattern[str]:
    """Returns the form of a name, whose words may have a plural's s: "Exhibits P-10"."""
    spaced = r"\s+".join(f"{re.escape(word)}{'s?' if word.isalpha() else ''}" for word in name.split())
    return re.compile(rf"(?<!\w){spaced}(?!\w)", re.NOFLAG if name.isupper() else re.IGNORECASE)


def _first_of_each(support: list[Candidate]) -> tuple[Candidate, ...]:
    """Returns the first passage of each page."""
    first: dict[int, Candidate] = {}
    for c in support:
        first.setdefault(c.page, c)
    return tuple(first.values())
