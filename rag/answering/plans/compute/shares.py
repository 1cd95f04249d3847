"""A part of a whole, in percent."""

from __future__ import annotations

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.changes import operand_of_year, without_years
from octavo.rag.answering.plans.compute.formulas import percentage
from octavo.rag.answering.plans.operands import find, of_cell
from octavo.rag.answering.wanted import words_of

_SHARE = pattern("compute", "share")


def share(material: Material) -> Reply | None:
    found = _SHARE.search(material.query.text)
    if not found:
        return None
    year = next(iter(material.wanted.years), "")
    part = find(material, f"{without_years(found['part'])} {without_years(found['whole'])}", year, rows_only=True)
    if part is None or part.cell is None:
        return None
    if part.quantity.unit == "%":
        return None
    table = [
        c
        for c in material.candidates
        if (c.document, c.page, c.passage.element)
        == (part.candidate.document, part.candidate.page, part.candidate.passage.element)
    ]
    totals = [
        c for c in table if c.passage.row and {"total", "sum", "gesamt", "summe"} & set(words_of(c.passage.row.label))
    ]
    whole = None
    for c in totals:
        cell = (
            next((cell for cell in c.passage.row.values if cell.names == part.cell.names), None)
            if c.passage.row
            else None
        )
        whole = whole or (of_cell(c, cell) if cell else None)
    whole = whole or operand_of_year(material, found["whole"], year)
    reply = percentage(part, whole)
    return reply if reply and whole and abs(part.quantity.amount) <= abs(whole.quantity.amount) else None
