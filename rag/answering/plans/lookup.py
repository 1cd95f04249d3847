"""Lookup: the passages that fit best, word for word; of a row the cell, of a form the field that is asked for first."""

from __future__ import annotations

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.citations import without_citations
from octavo.rag.answering.material import Material, field_asked_for
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply, Said, quotes
from octavo.rag.answering.rows import NamedCell
from octavo.rag.answering.wanted import Wanted, words_of

_SCALE = pattern("kinds", "scale")
MAX_QUOTES = 3
READ = -2.0
"""The log odds above which the reader's passage is quoted as well."""
ENOUGH = 0.5
"""Further quotes must score at least this share of the first."""


def lookup(material: Material) -> Reply | None:
    """Up to `MAX_QUOTES` passages, the best first, and what the reader finds beside them."""
    ranked = material.ranked()
    if not ranked:
        return None
    chosen = [s.candidate for s in ranked if s.score > ENOUGH * ranked[0].score or s is ranked[0]]
    said = quotes(chosen)[:MAX_QUOTES]
    if material.reading.score > READ:
        said = quotes([c for s in said for c in s.support] + list(material.reading.support))
    best = ranked[0].candidate
    cell = cell_asked_for(material.wanted, best)
    if cell is not None:
        said = (Said(cell_text(best, cell), (best,)), *said)
    elif len(best.passage.places) > 1 and (field := field_asked_for(material.wanted, best.passage)):
        said = (Said(field, (best,)), *said)
    elif verdict := _verdict(material, best):
        said = (Said(f"{verdict}: {said[0].text}", said[0].support), *said[1:])
    return Reply(said, one_document=True)


def _verdict(material: Material, best: Candidate) -> str:
    """Yes or no to such a question where the passage says so plainly, without a condition; else nothing."""
    asked, text = material.wanted.language, best.passage.text
    says = material.language(best.document)
    is_plain = not pattern("verdict", "denies", asked.code).search(material.query.text)
    if not pattern("verdict", "asked", asked.code).search(material.query.text) or not is_plain:
        return ""
    if pattern("verdict", "conditional", says).search(text):
        return ""
    if pattern("verdict", "denies", says).search(text):
        return asked.no
    return asked.yes if pattern("verdict", "affirms", says).search(text) else ""


def cell_asked_for(asked: Wanted, candidate: Candidate) -> NamedCell | None:
    """The one cell of a row that a question asks for: by the name of its column, or the row's only value."""
    row = candidate.passage.row
    if row is None or len(row.cells) < 2:
        return None
    values = [cell for cell in row.values if cell.text.strip(" -–—")]
    if len(values) == 1:
        return values[0]
    counted = [(sum(_fits(asked, cell)), n) for n, cell in enumerate(values)]
    best = max(counted, default=(0, 0))[0]
    first = [n for fit, n in counted if fit == best]
    return values[first[0]] if best and len(first) == 1 else None


def _fits(asked: Wanted, cell: NamedCell) -> list[int]:
    words = frozenset(words_of(" ".join(cell.names)))
    return [2 if t[0].isdigit() else 1 for t in asked.held(words, " ".join(words_of(" ".join(cell.names))))]


def cell_text(candidate: Candidate, cell: NamedCell) -> str:
    """A cell with the names of its row and column first, and the unit or scale that the table states.

    `Revenue, 2023: 1,284.6 (in millions of dollars)`.
    """
    row = candidate.passage.row
    assert row is not None
    names = ", ".join(dict.fromkeys([row.label, *cell.names]))
    return without_citations(f"{names}: {cell.text}{scale_note(candidate)}")


def scale_note(candidate: Candidate) -> str:
    """The scale and currency that the table states, in brackets."""
    stated = _SCALE.search(candidate.passage.context)
    return f" ({stated[0].strip()})" if stated else ""
