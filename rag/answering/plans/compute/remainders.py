"""What is left of a whole: a total less the parts that a text or a question names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise, takewhile

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.plans.binding import is_bound
from octavo.rag.answering.plans.clauses import clause_start
from octavo.rag.answering.plans.compute.amounts import amounts_of
from octavo.rag.answering.plans.compute.formulas import alike, computed_reply, difference, plain
from octavo.rag.answering.plans.compute.products import price_terms
from octavo.rag.answering.plans.named_rows import best_rows
from octavo.rag.answering.plans.operands import Operand, field_name, is_in_money
from octavo.rag.answering.plans.relation import Relation, relations
from octavo.rag.answering.quantities import CURRENCIES, decimal_sign, quantities
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.query.language import AnswerKind, Language, any_form, any_of, languages, split

_STEMS = tuple({stem for language in languages().values() for stem in language.amounts.rest_stems})
ENOUGH, NEAREST = 0.4, 4
"""The share of the question's terms that a sentence says, and how many of the best ones are looked at."""
_CLAUSE = re.compile(r"[.;:]\s")
_NET = pattern("compute", "net")


def remainder(material: Material) -> Reply | None:
    """Returns a whole less its parts, where the question asks for the others of them or for whose the rest is."""
    analysis = material.analysis
    if analysis.answer_kind is not AnswerKind.AMOUNT and not analysis.money:
        return None
    if stated := _stated_rest(material):
        return stated
    near = [s.candidate for s in material.ranked() if s.candidate.passage.row is None and s.coverage >= ENOUGH]
    for c in near[:NEAREST]:
        language = languages()[material.language(c.document)]
        reply = _of_rest(material, c, language) or (_of_others(c, language) if _asks_others(material) else None)
        if reply and is_bound(material, reply.paragraphs[0].support):
            return reply
    return None


def _stated_rest(material: Material) -> Reply | None:
    """Returns the sentence that states what is left to pay, where the question asks for that after another payment."""
    language = material.analysis.language
    if language.amounts.rest.isdisjoint(split(material.query.text)) or not material.analysis.money:
        return None
    for element in dict.fromkeys(s.candidate.element for s in material.ranked()[:1]):
        own = [c for c in material.candidates if c.element == element and c.passage.row is None]
        rests = [c for c in own if _only_amount(c) and _says_rest(c)]
        if len(rests) == 1:
            return Reply((quote(rests[0]),), checked=True)
    return None


def _says_rest(c: Candidate) -> bool:
    """Returns whether a word for what is left to pay stands in one clause with an amount, or in one row."""
    clauses = [c.passage.text] if c.passage.row else _CLAUSE.split(c.passage.text)
    return any(
        any(word.startswith(_STEMS) for word in split(clause))
        and any(q.unit in CURRENCIES for q in quantities(clause, decimal_sign(c.evidence.text)))
        for clause in clauses
    )


def _asks_others(material: Material) -> bool:
    """Returns whether a question negates or asks for what is left."""
    language, text = material.analysis.language, material.query.text.lower().replace("’", "'")
    negates = any_of(language.conditions.without, re.I).search(text) or "n't" in text
    return bool(negates) or not language.amounts.rest.isdisjoint(split(text))


def _of_others(c: Candidate, language: Language) -> Reply | None:
    """Returns a number less the part of it that stands behind it: "18 flats, 11 of them", "of the 18 flats, 11"."""
    amounts = sorted(amounts_of(c), key=lambda q: q.start)
    for whole, part in pairwise(amounts):
        text = c.passage.text
        between = text[whole.end : part.start]
        following = text[part.end : part.end + 1 + max(map(len, language.amounts.parts))]
        is_part = any_of(language.amounts.parts, re.I).search(between) or _parts_at(language.code).match(following)
        is_of = _of(language.code).search(text[: whole.start]) and not _CLAUSE.search(between)
        if (
            (is_part or is_of)
            and part.amount < whole.amount
            and (part.unit in CURRENCIES) == (whole.unit in CURRENCIES)
        ):
            return _difference(Operand(whole, text, c), [Operand(part, text, c)])
    return None


@cache
def _parts_at(code: str) -> re.Pattern[str]:
    return re.compile(rf"\s*{any_form(languages()[code].amounts.parts)}", re.I)


@cache
def _of(code: str) -> re.Pattern[str]:
    """Returns a pattern of "of the" before a number, at the beginning of a clause."""
    language = languages()[code]
    function, also = any_form({*language.articles, *language.amounts.of}), any_form(language.pages.conjunctions[:1])
    return re.compile(rf"(?:^|[.;:,]\s|{also}\s){function}(?:\s+{function})*\s*$", re.I)


def _of_rest(material: Material, c: Candidate, language: Language) -> Reply | None:
    """Returns a whole less all parts that a sentence names, where it says that the rest is what is asked for."""
    text, analysis = c.passage.text, material.analysis
    rest = next((m for m in re.finditer(r"[^\W\d_]+", text) if m[0].lower() in language.amounts.rest), None)
    if rest is None:
        return None
    clause = text[clause_start(text, rest.start(), language.code) :]
    owner = analysis.matched_in(clause) - analysis.matched_in(rest[0])
    elsewhere = analysis.matched_in(text[: len(text) - len(clause)])
    if not (owner - elsewhere or not language.amounts.rest.isdisjoint(split(material.query.text))):
        return None
    amounts = sorted(amounts_of(c), key=lambda q: q.start)
    before = [Operand(q, o.passage.text, o) for o in _before(material, c) for q in amounts_of(o)]
    own = [Operand(q, text, c) for q in amounts if q.start < rest.start() and q.unit != "%"]
    shares = [q.value / 100 for q in amounts if q.unit == "%"] + [0.5] * bool(language.amounts.half & set(split(text)))
    first = own[:1] if len(own) > 1 or shares else []
    asks = len(first) or not language.amounts.rest.isdisjoint(split(material.query.text))
    whole = next((o for o in (*first, *reversed(before if asks else [])) if _exceeds(o, own)), None)
    if whole is None or (analysis.price_terms and not is_in_money(whole)):
        return None
    parts = [o for o in own if o.place != whole.place and alike(o, whole)]
    parts += [_share(whole, share, c) for share in shares]
    return (
        _difference(whole, parts) if parts and sum(o.quantity.amount for o in parts) < whole.quantity.amount else None
    )


def _before(material: Material, c: Candidate) -> list[Candidate]:
    """Returns the sentences of a paragraph before one."""
    paragraph = [o for o in material.candidates if o.element == c.element and o.passage.row is None]
    return list(takewhile(lambda o: o is not c, paragraph))


def _exceeds(whole: Operand, parts: Sequence[Operand]) -> bool:
    others = [o for o in parts if o.place != whole.place and alike(o, whole)]
    return whole.quantity.unit != "%" and all(o.quantity.amount < whole.quantity.amount for o in others)


def _share(whole: Operand, share: float, c: Candidate) -> Operand:
    q = whole.quantity
    value = q.value * share
    return Operand(replace(q, value=value, places=q.places if value % 1 else 0, start=-1), "", c)


def _difference(whole: Operand, parts: Sequence[Operand]) -> Reply:
    q = whole.quantity
    places = max(o.quantity.places for o in (whole, *parts))
    result = q.value - sum(o.quantity.amount for o in parts) / q.scale
    unit = q.unit if q.unit in CURRENCIES else ""
    formula = " - ".join(plain(o) for o in (whole, *parts))
    return computed_reply(plain(whole, result, places, unit, q.scale), formula, [whole, *parts])


def net(material: Material) -> Reply | None:
    """Returns a price less what a question takes off it, such as a grant: of one row, or of one list."""
    match = _NET.search(material.query.text)
    part = {t for g in match.groups() if g for t in words_of(g)} if match else set()
    if not part:
        return None
    prices = price_terms(material.analysis)
    for relation in relations(material):
        rows = best_rows(material.analysis, relation)
        if reply := _of_list(relation, part):
            return reply
        parts = [c for c in relation.values if part & set(words_of(c))]
        others = [c for c in relation.values if c not in parts and prices & set(words_of(c))]
        if len(rows) == len(parts) == len(others) == 1:
            a, b = relation.number(rows[0], others[0]), relation.number(rows[0], parts[0])
            if reply := _less(a, b):
                return reply
    return _of_fields(material, part, prices)


def _of_list(relation: Relation, part: set[str]) -> Reply | None:
    """Returns the sum of a list that has what is taken off as a negative number of a row: "Grant: -£500"."""
    if relation.total is None or len(relation.values) != 1:
        return None
    taken = [o for c in relation.counted if part & set(words_of(field_name(c))) and (o := _number(relation, c))]
    total = _number(relation, relation.total)
    if total is None or len(taken) != 1 or taken[0].quantity.amount >= 0:
        return None
    return Reply((Paragraph(total.description, (relation.total, taken[0].candidate)),), checked=True)


def _number(relation: Relation, c: Candidate) -> Operand | None:
    return relation.number(c, relation.values[0])


def _of_fields(material: Material, part: set[str], prices: frozenset[str]) -> Reply | None:
    """Returns a price less a part of it, both fields under one heading."""
    for place in dict.fromkeys(_place(s.candidate) for s in material.ranked()[:NEAREST]):
        on_place = [c for c in material.candidates if _place(c) == place]
        fields = [(set(words_of(field_name(c))), o) for c in on_place if (o := _only_amount(c))]
        parts = [o for label, o in fields if part & label]
        others = [(label, o) for label, o in fields if o not in parts]
        whole = [o for label, o in others if prices & label] or [o for _, o in others]
        if len(parts) == len(whole) == 1 and (reply := _less(whole[0], parts[0])):
            return reply
    return None


def _place(c: Candidate) -> tuple[str, int, str]:
    return c.document, c.page, c.passage.section


def _only_amount(c: Candidate) -> Operand | None:
    amounts = [q for q in amounts_of(c) if q.unit in CURRENCIES]
    return Operand(amounts[0], c.passage.text, c) if len(amounts) == 1 else None


def _less(a: Operand | None, b: Operand | None) -> Reply | None:
    is_part = a is not None and b is not None and 0 < b.quantity.amount < a.quantity.amount
    reply = difference(a, b) if is_part else None
    return replace(reply, checked=True) if reply else None
