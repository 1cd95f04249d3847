"""Amounts that grow with another: one more day of leave for each completed year of service."""

from __future__ import annotations

import re
from functools import cache

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.given_amounts import GivenAmount
from octavo.rag.answering.intervals import intervals
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.question_analysis import terms_of_words, words_of
from octavo.rag.answering.units import Unit, unit_written
from octavo.rag.query.language import any_form, any_of, languages, numeral_form, numerals

NEAREST, BETWEEN = 8, 3
"""The best passages that are looked at, and the words between an amount and the unit that it grows with."""


def growth(material: Material, amounts: list[GivenAmount]) -> Reply | None:
    """Returns an amount that a paragraph states with what is added to it for each of the units of a question."""
    for scored in material.ranked()[:NEAREST]:
        c = scored.candidate
        code = material.language(c.document)
        match = _step(code).search(c.passage.text) if c.passage.row is None else None
        if match is None or not any_of(languages()[code].conditions.rose, re.I).search(c.passage.text[: match.start()]):
            continue
        unit, per = unit_written(match["unit"]), _unit_in(match["per"])
        if unit is None or per is None or unit.group == per.group:
            continue
        counts = [g.value * factor for g in amounts if g.unit and (factor := g.unit.factor_to(per))]
        base = _base(material, c, match["unit"])
        if len(counts) != 1 or counts[0] < 1 or base is None or not _is_about(material, (c, base[1]), amounts):
            continue
        number = _value(match["n"], code)
        limit = next((i.high for i in intervals(c.passage.text) if i.unit and i.unit.group == unit.group), None)
        total = base[0] + number * int(counts[0])
        total = min(total, limit) if limit is not None else total
        formula = f"{total:g} {match['unit']} = {base[0]:g} + {int(counts[0])} × {number:g}"
        if limit is not None:
            formula = f"{total:g} {match['unit']} = {base[0]:g} + {int(counts[0])} × {number:g}, {limit:g} at most"
        return Reply(
            (Paragraph(f"{formula}. From “{base[1].passage.text}”; “{c.passage.text}”", (base[1], c)),), checked=True
        )
    return None


def _is_about(material: Material, support: tuple[Candidate, ...], amounts: list[GivenAmount]) -> bool:
    """Returns whether passages say a word of the question besides its amounts and units."""
    analysis = material.analysis
    amount_words = {t for g in amounts for t in words_of(f"{g.digits} {g.word}")}
    matches = {t for c in support for t in analysis.matched_terms(c.words, c.spans)} - amount_words
    return any(
        unit_written(t) is None and not t[0].isdigit() for t in matches - terms_of_words(analysis.language.generic)
    )


@cache
def _step(code: str) -> re.Pattern[str]:
    """Returns a pattern of an amount in one unit for each of another: "one day for each completed year"."""
    words = languages()[code].amounts
    joint = any_form({*words.per, *words.whom, *words.started, *words.single, *words.along})
    return re.compile(
        rf"\b(?P<n>\d+(?:[.,]\d+)?|{numeral_form(code)}|{any_form(words.one)})\s+(?P<unit>[^\W\d_]+)\s+"
        rf"(?:{joint}\s+)+(?P<per>(?:[^\W\d_]+\s+){{0,{BETWEEN}}}[^\W\d_]+)",
        re.I,
    )


def _unit_in(text: str) -> Unit | None:
    return next((unit for word in text.split() if (unit := unit_written(word))), None)


def _value(text: str, code: str) -> float:
    return float(text.replace(",", ".")) if text[0].isdigit() else float(numerals(code).get(text.lower(), 1))


def _base(material: Material, step: Candidate, unit: str) -> tuple[float, Candidate] | None:
    """Returns the first amount of a unit that the paragraph states before the sentence of the step."""
    stem = words_of(unit)
    for c in material.candidates:
        if c is step:
            break
        if c.element != step.element or c.passage.row is not None:
            continue
        for match in re.finditer(r"(?<![\w.,])(\d+(?:[.,]\d+)?)\s+([^\W\d_]+)", c.passage.text):
            if words_of(match[2]) == stem:
                return float(match[1].replace(",", ".")), c
    return None
