"""Two documents or things, "A or B": the number of each, and whether the lower of both is asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.compute.editions import in_tables
from octavo.rag.answering.plans.operands import Operand, of_cell
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.query.language import Language, any_of

Series = list[tuple[str, Operand]]


def asks_for_lower(language: Language, text: str) -> tuple[bool | None, str]:
    """Returns whether the lower of two is asked for, as by "which has the lower fee", and the text without that word.

    It is `None` where neither the lower nor the higher is asked for.
    """
    for comparatives, lowest in ((language.conditions.less, True), (language.conditions.more, False)):
        form = any_of(comparatives, re.I)
        if form.search(text):
            return lowest, form.sub(" ", text)
    return None, text


def in_two_documents(material: Material, text: str, noun: Collection[str], pair: re.Match[str]) -> Series:
    """Returns the number that the question names in each of the two documents that the sides of "A or B" name.

    The `noun` of what is compared, as in "which shop", names no row.
    """
    words = [word for word in text[: text.rindex(",")].split() if set(words_of(word)).isdisjoint(noun)]
    sides = pair[1].strip(), pair[2].strip(" ?")
    numbers = in_tables(material, " ".join(words), *sides) or ()
    return _in_one_unit(list(zip(sides, numbers, strict=True)) if numbers else [])


def in_documents(material: Material, measures: Sequence[str]) -> Series:
    """Returns the row of each document that the question is about which is called by the measure."""
    measure_terms = frozenset(t for m in measures for t in words_of(m)) or frozenset(material.analysis.terms)
    result: dict[str, tuple[str, Operand]] = {}
    for c in material.candidates:
        row = c.passage.row
        if row is None or c.document in result or c.document not in {i.id for i in material.about}:
            continue
        if measure_terms & set(words_of(row.label)) and row.values and (operand := of_cell(c, row.values[0])):
            result[c.document] = (c.evidence.title or c.evidence.name, operand)
    return _in_one_unit(list(result.values()))


def _in_one_unit(series: Series) -> Series:
    """Returns several numbers of one unit; none where there is one number, or where they are not comparable."""
    return series if len(series) > 1 and len({o.quantity.unit for _, o in series}) == 1 else []
