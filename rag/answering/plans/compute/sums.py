"""Sums of named items."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import add
from octavo.rag.answering.plans.matching import is_called
from octavo.rag.answering.plans.operands import (
    Operand,
    find,
    is_in_money,
    of_cell,
    of_label,
    operand_of_year,
    without_money,
    without_years,
)
from octavo.rag.answering.plans.relation import cells_of, relations
from octavo.rag.answering.question_analysis import analyze_question
from octavo.rag.query.language import languages

_SUM = pattern("compute", "sum")
_LEADING, _RELATING = pattern("compute", "leading"), pattern("compute", "relating")


def total(material: Material) -> Reply | None:
    """Returns the sum of several named items."""
    text = material.query.text
    match = _SUM.search(text)
    if not match:
        return None
    joint = _conjunctions(material.analysis.language.code)
    head, tail = text[: match.start()], text[match.end() :]
    addends, rest = (head, tail) if joint.search(head) else (tail, head)
    parts = [p for p in joint.split(_LEADING.sub("", addends).strip(" ?.")) if analyze_question(p).terms]
    if len(parts) < 2:
        return None
    if reply := _of_rows(material, parts):
        return reply
    if labelled := _of_labels(material, parts):
        return add([(1.0, o) for o in labelled])
    year = material.year
    shared = _shared_noun(parts)
    operands: list[Operand | None] = []
    for part in parts:
        plain = without_years(f"{part} {rest}")
        operand = operand_of_year(material, plain, year) or operand_of_year(material, part, year)
        bare = without_money(part, material.analysis.language)
        operand = operand or find(material, bare, year, rows_only=True, is_part=True)
        if operand is None and shared and part is not parts[-1]:
            operand = find(material, f"{part} {shared}", year)
        operands.append(operand)
    in_cells = [o for o in operands if o and o.cell]
    in_table = next((o for o in in_cells if material.analysis.money and is_in_money(o)), next(iter(in_cells), None))
    filled = [
        o if o and (in_table is None or _is_beside(o, in_table)) else in_table and _beside(material, part, in_table)
        for part, o in zip(parts, operands, strict=True)
    ]
    summands = [operand for operand in filled if operand]
    return add([(1.0, o) for o in summands]) if len(summands) == len(parts) and _are_one_kind(summands) else None


def _are_one_kind(operands: Sequence[Operand]) -> bool:
    """Returns whether numbers are of one document, and those of sentences in the same unit as the others."""
    units = {o.quantity.unit for o in operands}
    return len({o.candidate.document for o in operands}) == 1 and (len(units) == 1 or all(o.cell for o in operands))


def _of_rows(material: Material, parts: Sequence[str]) -> Reply | None:
    """Returns the sum over the rows that the words beside the conjunctions call, in the one column of numbers."""
    for start in range(len(parts) - 1):
        first, *between, last = parts[start:]
        names = [first.split()[-1], *between, last.split()[0]]
        for relation in relations(material):
            rows_of_names = [[c for c in relation.counted if is_called(cells_of(c)[0].text, name)] for name in names]
            if len(relation.values) == 1 and all(len(rows) == 1 for rows in rows_of_names):
                numbers = [relation.number(rows[0], relation.values[0]) for rows in rows_of_names]
                reply = add([(1.0, operand) for operand in numbers if operand]) if all(numbers) else None
                return replace(reply, checked=True) if reply else None
    return None


def _of_labels(material: Material, parts: Sequence[str]) -> list[Operand]:
    """Returns the numbers of labels of one figure, where it has one for each part; nothing where no figure has."""
    for c in material.candidates:
        numbers = [(part, of_label(analyze_question(part), c)) for part in parts]
        operands = [Operand(number, part, c) for part, number in numbers if number]
        if len(operands) == len(parts):
            return operands
    return []


def _beside(material: Material, part: str, operand: Operand) -> Operand | None:
    """Returns the number that a part has in the table and the column of another one's."""
    analysis, own = analyze_question(part), operand.candidate
    rows: dict[Candidate, int] = {}
    for c in material.candidates:
        if c.passage.row is None or c.element != own.element:
            continue
        label = analysis.matched_in(c.passage.row.label)
        if label and set(analysis.terms) <= label | analysis.matched_in(f"{c.passage.context} {c.passage.section}"):
            rows[c] = len(label)
    best = [c for c, said in rows.items() if said == max(rows.values())]
    cells = [cell for c in best if c.passage.row for cell in c.passage.row.values]
    fitting = [cell for cell in cells if operand.cell and cell.names == operand.cell.names]
    return of_cell(best[0], fitting[0]) if len(best) == len(fitting) == 1 else None


def _is_beside(operand: Operand, other: Operand) -> bool:
    """Returns whether a number may be added to another one: not of another column of its table in another unit."""
    if operand.cell is None or other.cell is None or operand.candidate.element != other.candidate.element:
        return True
    return operand.cell.names == other.cell.names or operand.quantity.unit == other.quantity.unit


@cache
def _conjunctions(code: str) -> re.Pattern[str]:
    """Returns what stands between the parts of a list in a language."""
    conjunction = re.escape(languages()[code].pages.conjunctions[0])
    return re.compile(rf"\s*(?:,\s*{conjunction}\s+|\s+{conjunction}\s+|\s+plus\s+|,\s+)\s*", re.I)


def _shared_noun(parts: Sequence[str]) -> str:
    """In "short-term and long-term borrowings", the last word belongs to all."""
    relating = _RELATING.search(parts[-1])
    words = parts[-1][: relating.start() if relating else None].split()
    return words[-1] if len(words) > 1 else ""
