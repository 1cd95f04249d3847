"""Sums of named items, and what counted things cost."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.changes import operand_of_year, without_years
from octavo.rag.answering.plans.compute.formulas import added
from octavo.rag.answering.plans.operands import Operand, find, of_cell
from octavo.rag.answering.wanted import wanted, words_of
from octavo.rag.query.language import languages

_SUM = pattern("compute", "sum")
_AND = re.compile(r"\s*(?:,\s*and\s+|\s+and\s+|\s+plus\s+|,\s+)\s*", re.I)
_PRICED = pattern("compute", "priced")
_COUNT = pattern("compute", "counted")


def total(material: Material) -> Reply | None:
    """Answers by the sum of several named items."""
    text = material.query.text
    if not _SUM.search(text):
        return None
    year = next(iter(material.wanted.years), "")
    phrase = re.sub(
        r"^\s*(?:what|how much|how many|which)\b\s*(?:do|does|did|is|are|was|were)?\s*(?:the)?",
        "",
        _SUM.sub(" | ", text),
        flags=re.I,
    )
    head, _, tail = phrase.partition("|")
    head = head if _AND.search(head) else tail
    rest = tail if head is not tail else ""
    parts = [p for p in _AND.split(head.strip(" ?.")) if wanted(p).terms]
    if len(parts) < 2:
        return None
    shared = _shared_noun(parts)
    operands = []
    for part in parts:
        plain = without_years(f"{part} {rest}")
        operand = operand_of_year(material, plain, year)
        if operand is None and shared and part is not parts[-1]:
            operand = find(material, f"{part} {shared}", year)
        if operand is None:
            return None
        operands.append(operand)
    return added([(1.0, o) for o in operands])


def _shared_noun(parts: Sequence[str]) -> str:
    """In "short-term and long-term borrowings", the last word belongs to all."""
    words = re.split(r"\b(?:of|for|in|at|on)\b", parts[-1])[0].split()
    return words[-1] if len(words) > 1 else ""


def priced(material: Material) -> Reply | None:
    """Answers by the total cost of counted items: "two adults and a bicycle", "three oak doors"."""
    text = material.query.text
    if not _PRICED.search(text):
        return None
    counted = [(_count(n), noun) for n, noun in _COUNT.findall(text)]
    counted = [(n, noun) for n, noun in counted if n and wanted(noun).terms]
    if not counted or (len(counted) == 1 and counted[0][0] == 1):
        return None
    parts = []
    for n, noun in counted:
        for words in (noun, noun.split()[0]):
            operand = _price_of(material, words)
            if operand:
                parts.append((n, operand))
                break
    if not parts or len(parts) < sum(1 for n, _ in counted if n > 1) or not any(n > 1 for n, _ in parts):
        return None
    return added(parts)


def _count(word: str) -> float:
    if word.isdigit():
        return float(word) if len(word) < 4 else 0.0
    numbers = languages()["en"].numbers
    return float(numbers.index(word.lower()) + 1) if word.lower() in numbers else 1.0


def _price_of(material: Material, noun: str) -> Operand | None:
    """The price of a thing that a row or a column is called by."""
    asked = wanted(noun)
    documents = {info.id for info in material.about}
    for c in sorted(material.candidates, key=lambda c: c.document not in documents):
        row = c.passage.row
        if row is None or not asked.terms:
            continue
        for cell in row.values:
            name, label = words_of(" ".join(cell.names)), words_of(row.label)
            if set(asked.terms) <= asked.held(frozenset(name), " ".join(name)) and (operand := of_cell(c, cell)):
                return operand
            priced = wanted("price cost fare").held(frozenset(name))
            if (
                priced
                and set(asked.terms) <= asked.held(frozenset(label), " ".join(label))
                and (operand := of_cell(c, cell))
            ):
                return operand
    return None
