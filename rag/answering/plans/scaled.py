"""Scaled amounts: how much of an ingredient it takes for another number of people than the recipe is for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import LazyPattern, pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.quantities import Quantity, decimal_sign, format_number, quantities
from octavo.rag.answering.question_analysis import analyze_question, words_of
from octavo.rag.answering.question_nouns import head_nouns

_PEOPLE = pattern("scaled", "people")
_SERVES = pattern("scaled", "serves")
_STEP = re.compile(r"\(?\d{1,2}[.)]\s")
MOST_WORDS = 8
"""Words of a line with an amount."""


def scale_recipe(material: Material) -> Reply | None:
    """Returns an amount of a recipe times the people of the question, by those that the recipe is for."""
    text = material.query.text
    match = _PEOPLE.search(text)
    people = _number(_PEOPLE, text)
    if match is None or not people:
        return None
    line = _line(material, f"{text[: match.start()]} {text[match.end() :]}")
    base = _base(material, line) if line else None
    if line is None or base is None or _number(_SERVES, base.passage.text) == people:
        return None
    serves = _number(_SERVES, base.passage.text)
    q = _amount(line)
    result = q.value * people / serves
    places = max(q.places, 0 if result == round(result) else 1)
    unit = q.unit if len(q.unit) <= 2 else ""
    formula = f"{format_number(result, places, unit)} = {format_number(q.value, q.places)} × {people:g} ÷ {serves:g}"
    paragraph = Paragraph(f"{formula}. From “{line.passage.text}”, “{base.passage.text}”", (line, base))
    return Reply((paragraph,), checked=True)


def _line(material: Material, text: str) -> Candidate | None:
    """Returns the line with the amount of what is asked for, under the heading that says most of the question."""
    query = analyze_question(text)
    units = {t for unit in query.units for t in words_of(unit.name)}
    for _, term in head_nouns(query):
        lines = [c for c in material.candidates if term not in units and term in c.words and _is_amount(c)]
        fits = [len(query.matched_in(f"{c.passage.section} {c.evidence.title}")) for c in lines]
        best = [c for fit, c in zip(fits, lines, strict=True) if fit == max(fits)]
        if best:
            return best[0] if len(best) == 1 else None
    return None


def _is_amount(c: Candidate) -> bool:
    text = c.passage.text
    is_line = c.passage.row is None and len(text.split()) <= MOST_WORDS and not _STEP.match(text)
    return is_line and len(list(_amounts(c))) == 1


def _amounts(c: Candidate) -> Iterator[Quantity]:
    return quantities(c.passage.text, decimal_sign(c.evidence.text))


def _amount(c: Candidate) -> Quantity:
    return next(_amounts(c))


def _number(form: LazyPattern, text: str) -> float:
    """Returns the number of people that a pattern finds; 0 for none."""
    match = form.search(text)
    number = next(iter(words_of(next(filter(None, match.groups()), ""))), "") if match else ""
    return float(number) if number.isdigit() else 0.0


def _base(material: Material, c: Candidate) -> Candidate | None:
    """Returns the passage that says for how many people a recipe is: under the same heading, else the only one."""
    candidates = [o for o in material.candidates if o.document == c.document and _number(_SERVES, o.passage.text)]
    here = [other for other in candidates if other.passage.section == c.passage.section]
    return here[0] if here else candidates[0] if len(candidates) == 1 else None
