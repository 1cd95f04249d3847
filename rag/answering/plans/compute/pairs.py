"""Two numbers side by side: their difference and their ratio."""

from __future__ import annotations

import re

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.changes import operand_of_year, without_years
from octavo.rag.answering.plans.compute.formulas import difference, quotient
from octavo.rag.answering.plans.operands import Operand, find, of_cell
from octavo.rag.answering.wanted import wanted, words_of

_BETWEEN = pattern("compute", "between")
_THAN = pattern("compute", "than")
_TIMES = pattern("compute", "times")
_RATIO = pattern("compute", "ratio")
_COMPARING = pattern("compute", "comparing")


def than(material: Material) -> Reply | None:
    match = _THAN.search(material.query.text)
    if not match:
        return None
    first = find(material, match["a"])
    return difference(first, counterpart(material, first, match["b"], match["a"]), absolute=True)


def times(material: Material) -> Reply | None:
    match = _TIMES.search(material.query.text)
    if not match:
        return None
    years = re.findall(r"\b(?:19|20)\d\d\b", match["a"])
    first = find(material, _COMPARING.sub(" ", match["a"]), "", None) or (
        find(material, match["a"], years[0]) if years else None
    )
    return quotient(first, counterpart(material, first, match["b"], match["a"]))


def between(material: Material) -> Reply | None:
    found = _BETWEEN.search(material.query.text)
    if not found:
        return None
    years = [re.findall(r"\b(?:19|20)\d\d\b", found[g]) for g in ("a", "b")]
    if years[0] and years[1]:
        return None
    metric = re.sub(r"^\s*(?:in|of)\b", " ", found["metric"])
    a = find(material, f"{metric} {found['a']}")
    b = counterpart(material, a, found["b"], metric) if metric.strip() else find(material, found["b"])
    return difference(a, b, absolute=True)


def ratio(material: Material) -> Reply | None:
    match = _RATIO.search(material.query.text)
    if not match:
        return None
    year = next(iter(material.wanted.years), "")
    return quotient(
        operand_of_year(material, without_years(match["a"]), year),
        operand_of_year(material, without_years(match["b"]), year),
    )


def counterpart(material: Material, first: Operand | None, other: str, metric: str) -> Operand | None:
    """The number that `other` has where the first one has its own: in its column, in its row, in another document."""
    if first is None:
        return None
    asked = wanted(other)
    if first.cell is not None and first.candidate.passage.row is not None:
        table = [
            c
            for c in material.candidates
            if (c.document, c.page, c.passage.element)
            == (first.candidate.document, first.candidate.page, first.candidate.passage.element)
        ]
        best: tuple[float, Operand] | None = None
        own = frozenset(asked.terms)
        for c in table:
            row = c.passage.row
            if row is None:
                continue
            for cell in row.values:
                same_column = cell.names == first.cell.names and c.passage.places != first.candidate.passage.places
                same_row = c.passage.places == first.candidate.passage.places and cell.names != first.cell.names
                if not (same_column or same_row):
                    continue
                name = words_of(row.label if same_column else " ".join(cell.names))
                fit = len(asked.held(frozenset(name), " ".join(name)) & own) / max(1, len(name))
                operand = of_cell(c, cell, fit)
                if fit and operand and (best is None or fit > best[0]):
                    best = fit, operand
        if best:
            return best[1]
        label = words_of(first.candidate.passage.row.label)
        for c in material.candidates:
            row = c.passage.row
            if row and c.document != first.candidate.document and words_of(row.label) == label and _speaks_of(c, other):
                cells = [cell for cell in row.values if cell.names == first.cell.names] or list(row.values)
                if operand := of_cell(c, cells[0]):
                    return operand
    return find(material, f"{metric} {other}") or find(material, other)


def _speaks_of(c: Candidate, name: str) -> bool:
    asked = wanted(name)
    title = words_of(f"{c.evidence.title} {c.evidence.name} {c.evidence.heading}".replace("-", " "))
    return len(asked.held(frozenset(title))) >= max(1, len(asked.terms) // 2)
