"""Changes of one number from a year to another: how much, and by what percentage."""

from __future__ import annotations

import re

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import difference, growth_from
from octavo.rag.answering.plans.operands import Operand, find, of_item
from octavo.rag.query.domains import finance

_GROWTH = pattern("compute", "growth")
_CHANGE = pattern("compute", "change")
_ASKING = pattern("compute", "asking")


def growth(material: Material) -> Reply | None:
    text = material.query.text
    if not _GROWTH.search(text) or (years := two_years(material)) is None:
        return None
    phrase = _ASKING.sub(" ", without_years(text))
    return growth_from(*(operand_of_year(material, phrase, year) for year in years))


def change(material: Material) -> Reply | None:
    text = material.query.text
    if not _CHANGE.search(text) or (years := two_years(material)) is None:
        return None
    phrase = _ASKING.sub(" ", without_years(text))
    before, after = (operand_of_year(material, phrase, year) for year in years)
    return difference(after, before)


def two_years(material: Material) -> tuple[str, str] | None:
    years = sorted(material.wanted.years)
    if len(years) >= 2:
        return years[0], years[-1]
    return (str(int(years[0]) - 1), years[0]) if years else None


def operand_of_year(material: Material, phrase: str, year: str) -> Operand | None:
    """The number of a phrase in a year: a line item's row first, else what fits the words."""
    named = finance().named(phrase)
    documents = {info.id for info in material.about}
    pool = [c for c in material.candidates if c.document in documents] or material.candidates
    for item, span in named[:1]:
        if len(span) >= 1 and (operand := of_item(material, item, year, pool)):
            return operand
    return find(material, f"{phrase} {year}", year, pool) or find(material, f"{phrase} {year}", year)


def without_years(text: str) -> str:
    return re.sub(r"\b(?:from|to|in|between|and|of|fy|the year|year)?\s*(?:19|20)\d\d\b", " ", text, flags=re.I)
