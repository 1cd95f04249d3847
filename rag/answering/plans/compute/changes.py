"""Changes of one number from a year to another: how much, and by what percentage."""

from __future__ import annotations

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import difference, growth_from
from octavo.rag.answering.plans.operands import operand_of_year, without_years

_GROWTH = pattern("compute", "growth")
_CHANGE = pattern("compute", "change")
_ASKING = pattern("compute", "asking")


def growth(material: Material) -> Reply | None:
    """By what percentage a number grew from a year to a later one."""
    text = material.query.text
    if not _GROWTH.search(text) or (years := two_years(material)) is None:
        return None
    phrase = _ASKING.sub(" ", without_years(text))
    return growth_from(*(operand_of_year(material, phrase, year) for year in years))


def change(material: Material) -> Reply | None:
    """By how much a number changed from a year to a later one."""
    text = material.query.text
    if not _CHANGE.search(text) or (years := two_years(material)) is None:
        return None
    phrase = _ASKING.sub(" ", without_years(text))
    before, after = (operand_of_year(material, phrase, year) for year in years)
    return difference(after, before)


def two_years(material: Material) -> tuple[str, str] | None:
    """The first and the last year of a question; the year before the only one and it."""
    years = sorted(material.wanted.years)
    if len(years) >= 2:
        return years[0], years[-1]
    return (str(int(years[0]) - 1), years[0]) if years else None
