"""Ordinals: what several come to where a tariff has a price for the first, for the second and for each further one."""

from __future__ import annotations

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.given_amounts import GivenAmount, given_amounts
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import add
from octavo.rag.answering.plans.operands import Operand
from octavo.rag.answering.plans.relation import Relation, cells_of, relations
from octavo.rag.answering.question_analysis import analyze_question, words_of
from octavo.rag.query.language import AnswerKind, Language, languages, split

STEM = 4
"""Letters of an ordinal from which on it may have another ending."""
MOST = 10
"""Things that are counted at most."""


def of_ordinals(material: Material) -> Reply | None:
    """Returns the sum of the prices of the first, the second and each further one of what a question counts."""
    analysis = material.analysis
    if not (analysis.money or analysis.answer_kind is AnswerKind.AMOUNT):
        return None
    amounts = [g for g in given_amounts(analysis.text, analysis.language) if g.unit is None and g.word]
    amounts = [g for g in amounts if g.value.is_integer() and 1 < g.value <= MOST]
    for relation in relations(material):
        if len(relation.values) != 1:
            continue
        language = languages()[material.language(relation.rows[0].document)]
        for one in amounts:
            parts = _parts(relation, language, one)
            if len(parts) > 1 and (reply := add(parts)):
                return Reply(reply.paragraphs, checked=True)
    return None


def _parts(relation: Relation, language: Language, amount: GivenAmount) -> list[tuple[float, Operand]]:
    """Returns the price of each step, with how often it is paid; nothing where one is missing."""
    numbered: dict[int, Operand] = {}
    further: list[Operand] = []
    for c in relation.counted:
        operand = relation.number(c, relation.values[0])
        if operand is None or not _is_of(c, amount.word):
            continue
        words = split(cells_of(c)[0].text)
        places = enumerate(language.pages.ordinals, 1)
        place = next((n for n, forms in places if any(_is_form(word, form) for word in words for form in forms)), 0)
        if place:
            numbered[place] = operand
        elif language.amounts.further & set(words):
            further.append(operand)
    count = int(amount.value)
    steps = [numbered[n] for n in range(1, count + 1) if n in numbered]
    rest = count - len(steps)
    if not steps or set(numbered) != set(range(1, len(numbered) + 1)) or (rest and len(further) != 1):
        return []
    return [(1.0, o) for o in steps] + ([(float(rest), further[0])] if rest else [])


def _is_form(word: str, ordinal: str) -> bool:
    """Returns whether a word is an ordinal, perhaps with another ending: "zweites" of "zweite"."""
    return word == ordinal or (len(ordinal) > STEM and len(word) <= len(ordinal) + 1 and word.startswith(ordinal[:-1]))


def _is_of(c: Candidate, word: str) -> bool:
    """Returns whether the label of a row says what is counted."""
    label = frozenset(words_of(cells_of(c)[0].text))
    return bool(analyze_question(word).matched_terms(label))
