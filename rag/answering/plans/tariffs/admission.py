"""Admission by age: the rows of a table whose least age somebody has reached."""

from __future__ import annotations

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.relation import cell_in, relations
from octavo.rag.answering.plans.tariffs.rules import ages_of
from octavo.rag.answering.quantities import quantities

_LEAST_AGE = pattern("tariffs", "least_age")
_WHICH = pattern("extremes", "cue")
FEWEST = 2
"""Rows of a table with a least age."""


def admission(material: Material) -> Reply | None:
    """Returns the rows whose least age the one that a question gives has reached, each with that age."""
    text = material.query.text
    ages = ages_of(text)
    if len(ages) != 1 or not _WHICH.search(text):
        return None
    for relation in relations(material):
        columns = [column for column in relation.columns if _LEAST_AGE.search(column)]
        if len(columns) != 1 or not material.analysis.matched_terms(relation.around):
            continue
        cells = [(c, cell) for c in relation.counted if (cell := cell_in(c, columns[0]))]
        limits = [(c, cell, next(quantities(cell.text), None)) for c, cell in cells]
        bounds = [(c, cell, limit.value) for c, cell, limit in limits if limit]
        open_rows = [(c, cell) for c, cell, limit in bounds if limit <= ages[0]]
        if len(bounds) >= FEWEST and open_rows and len(open_rows) < len(bounds):
            names = "; ".join(f"{relation.label(c)} ({columns[0]}: {cell.text})" for c, cell in open_rows)
            return Reply((Paragraph(f"{names}, of {len(bounds)}", tuple(c for c, _ in open_rows)),), checked=True)
    return None
