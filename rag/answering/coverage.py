"""Coverage: which of a question's terms stand with the passages of a reply, and which required ones stand nowhere.

A name, a code, a number, a year or a month that is asked for must stand on the page or in the title of its document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from octavo.rag.answering import patterns
from octavo.rag.answering.candidates import BESIDE, Candidate, readable
from octavo.rag.answering.cases import asks_yes_or_no, case_of, speaks_of_time
from octavo.rag.answering.code_coverage import has_other_number, is_quarter_of, refers_to_number, stand_together
from octavo.rag.answering.compounds import ending_with, heads_of
from octavo.rag.answering.dates import (
    Date,
    dates,
    is_of_other_months,
    months,
    spanned_months,
    spans_day,
    states_day,
    states_day_number,
)
from octavo.rag.answering.given_amounts import is_compared
from octavo.rag.answering.material import Material
from octavo.rag.answering.near_words import nearness
from octavo.rag.answering.plans.contacts import contact_kinds
from octavo.rag.answering.question_analysis import QuestionAnalysis, terms_of_words, words_of, words_of_names
from octavo.rag.answering.question_nouns import described_nouns, head_nouns
from octavo.rag.answering.required_terms import (
    forms_of_code,
    name_pairs,
    numbered_names,
    numbered_things,
    required_terms,
)
from octavo.rag.answering.scoring import MONEY
from octavo.rag.answering.units import unit_of
from octavo.rag.answering.word_forms import is_slip
from octavo.rag.query.analysis import STOP_WORDS
from octavo.rag.query.language import ENGLISH, languages, split

_BEGINNING, DERIVED = 4, 0.65
"""Letters that a name and an adjective of it begin with, and their cosine at least."""
_ADJECTIVES = ("an", "ish", "ese", "ch", "er", "ic", "i")
"""The ends of adjectives of places."""
_CAPITALIZED = re.compile(r"(?<!\w)[A-ZÀ-Þ][^\W\d_]+")
_DECIMALS = re.compile(r"(?<![\d.,:])\d{1,6}[.,]\d\d(?![\d.,:])")
_POSSESSIVE = re.compile(r"['’]s\b")
_PRICED = patterns.pattern("compute", "priced")
_MONEY_TERMS = terms_of_words(word for lang in languages().values() for word in lang.money)
_STOP = terms_of_words(STOP_WORDS) | {""}
BESIDE_FOREIGN = 0.5
"""What a term counts that stands elsewhere on the page of a quote in another language."""
MIN_ABSENT = 0.15
"""Things that stand nowhere count where they are at least this share of the question's terms but names."""


@dataclass(frozen=True, slots=True)
class TermCoverage:
    """The coverage of a question's terms by the answer.

    `coverage` is the share, in [0, 1], in the passages and what belongs to them; in `around`, terms that stand
    elsewhere on their pages count half. `absent` are the names, numbers, periods, units and kinds of things that stand
    nowhere, `lacking` the other nouns.
    """

    coverage: float
    around: float
    absent: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


def check_coverage(material: Material, support: Sequence[Candidate]) -> TermCoverage:
    """Returns the share of the question's terms in passages, and the required terms that their documents lack."""
    analysis = material.wide_analysis
    if not support:
        return TermCoverage(0.0, 0.0)
    places = {(c.document, c.page) for c in support}
    documents = {c.document for c in support}
    title = words_of_names(*{f"{c.evidence.title} {c.evidence.name}" for c in support})
    near = [c for c in material.candidates if (c.document, c.page) in places]
    same = [c for c in material.candidates if c.document in documents]
    own = set().union(*(analysis.matched_terms(c.words, c.spans) for c in support))
    for c in support:
        for share, words, spans in c.around:
            if share > BESIDE:
                own |= analysis.matched_terms(words, spans)
    own |= analysis.names & words_of_all(near)
    page = own | _matched_terms(analysis, near) | analysis.matched_terms(title)
    document = page | _matched_terms(analysis, same)
    case = case_of(analysis.text, analysis.language.code)
    case_terms = case.terms if meets_case(material, support) else frozenset()
    lacking = [
        thing
        for thing, term in head_nouns(analysis)
        if term not in document and term not in case_terms and not _is_said_otherwise(analysis, thing, support, same)
    ]
    if len(lacking) < MIN_ABSENT * sum(t.isalpha() and t not in analysis.names for t in analysis.terms):
        lacking = []
    is_in_other_words = any(map(material.is_in_other_words, documents))
    absent = [] if is_in_other_words else [thing for thing in lacking if thing in analysis.language.money]
    absent += [
        phrase
        for phrase, word, noun in (() if is_in_other_words else described_nouns(analysis))
        if (
            word not in document
            and (noun not in document or _is_other(support, noun))
            and not _is_unit_in(phrase.split()[0], support)
        )
        or (_POSSESSIVE.search(phrase) and _is_other(same, noun) and not _is_said_of(analysis, same, word, noun))
    ]
    absent += [
        f"{word} {number}" for word, number in material.query.references if not refers_to_number(same, word, number)
    ]
    names = f" {' '.join(words_of(' '.join({f'{c.evidence.title} {c.evidence.name}' for c in support})))} "
    absent += [
        f"{name} {number}"
        for name, number in numbered_names(analysis)
        if not refers_to_number(same, name, number) and f" {' '.join(words_of(f'{name} {number}'))} " not in names
    ]
    absent += [
        f"{name} {number}"
        for name, number in numbered_things(analysis)
        if not refers_to_number(same, name, number) and has_other_number(same, name, number, names)
    ]
    absent += [unit.name for unit in analysis.units if not any(unit.stands_in(_text_of(c)) for c in same)]
    absent += [
        f"{analysis.text[day.start : day.end]}"
        for day in dates(analysis.text)
        if not case_terms.issuperset(words_of(analysis.text[day.start : day.end]))
        and not _has_day(day, near, support)
        and not states_day(_title(support), day)
    ]
    if names_other_months(material, support):
        absent.append(" ".join(word for word in analysis.text.split() if months(f"in {word}")))
    absent += [f"{a} {b}" for a, b in name_pairs(analysis) if not _are_together(a, b, same, _title(support))]
    in_money = any(MONEY.search(_text_of(c)) for c in same)
    if (
        _PRICED.search(analysis.text)
        and analysis.price_terms
        and not any(_states_price(c, in_money=in_money) for c in support)
    ):
        absent.append(next(word for word in split(analysis.text) if analysis.price_terms.intersection(words_of(word))))
    if _PRICED.search(analysis.text) and analysis.price_terms:
        absent += lacking
    absent += [
        match[0]
        for cue, form in contact_kinds(analysis.language.code)
        if (match := cue.search(analysis.text)) and not any(form.search(_text_of(c)) for c in support)
    ]
    title_words = f" {' '.join(words_of(_title(support).replace('-', ' ')))} "
    texts = material.texts_beside(support)
    named_months = frozenset().union(*map(months, texts), *map(spanned_months, texts))
    of_items = document & {t for _, span in analysis.items for t in span}
    for text, strict in required_terms(analysis):
        terms = words_of(text)
        month = months(f"in {text}") if strict else frozenset()
        if (
            not terms
            or case_terms.issuperset(terms)
            or (strict and is_quarter_of(same, text))
            or (month and month <= named_months)
        ):
            continue
        if (
            strict
            and len(terms) > 1
            and not any(stand_together(words_of(form), [*near, *support], title_words) for form in forms_of_code(text))
        ):
            absent.append(text)
            continue
        inside = page if strict else of_items
        there = words_of_all([*near, *support] if strict else same) | title
        if all(t in inside or t in there or (t.isalpha() and any(is_slip(t, w) for w in there)) for t in terms):
            continue
        if not strict and analysis.language.code == ENGLISH and _is_derived(text, same):
            continue
        if not is_compared(text, analysis.text, map(_text_of, same)):
            absent.append(text)
    count = max(1, len(analysis.terms))
    around = (len(own) + BESIDE_FOREIGN * len(page.intersection(analysis.terms) - own)) / count
    return TermCoverage(len(own) / count, around, tuple(dict.fromkeys(absent)), tuple(dict.fromkeys(lacking)))


def _is_said_otherwise(
    analysis: QuestionAnalysis, noun: str, support: Sequence[Candidate], same: Sequence[Candidate]
) -> bool:
    """Returns whether passages state a price, a unit or the parts of a compound that a noun names."""
    language = analysis.language
    if noun in language.money | language.price_words:
        return any(_states_price(c, in_money=any(MONEY.search(_text_of(o)) for o in same)) for c in support)
    if _is_unit_in(noun, support):
        return True
    words = {word for c in same for word in split(_text_of(c))}
    return bool(heads_of(noun, words, language.code) or ending_with(noun, words, language.code))


def _is_unit_in(word: str, support: Iterable[Candidate]) -> bool:
    """Returns whether a word is a unit that passages write in some way: the degree of "a 60 degree wash" as °."""
    unit = unit_of(word)
    return unit is not None and any(unit.stands_in(_text_of(c)) for c in support)


def meets_case(material: Material, support: Iterable[Candidate]) -> bool:
    """Returns whether a passage states a condition of what the question says of the asker's case.

    One on days that the case does not meet answers a question of yes or no only.
    """
    code = material.analysis.language.code
    case = case_of(material.analysis.text, code)
    if not case:
        return False
    is_open = asks_yes_or_no(material.analysis.text, code) or not (case.days or case.months or case.weekdays)
    passages = list(support)
    is_supposed = bool(case.days) and patterns.pattern("verdict", "supposes", code).search(material.analysis.text)
    if is_supposed and any(speaks_of_time(c.passage.text, material.language(c.document)) for c in passages):
        return True
    results = [case.meets(c.passage.text, material.language(c.document)) for c in passages]
    return any(meets or (meets is False and is_open) for meets in results)


def names_other_months(material: Material, support: Sequence[Candidate]) -> bool:
    """Returns whether the documents of passages speak of other months than the question, and no case of theirs fits."""
    if meets_case(material, support):
        return False
    return is_of_other_months(material.wide_analysis.text, material.texts_beside(support))


def _title(support: Iterable[Candidate]) -> str:
    return " ".join({f"{c.evidence.title} {c.evidence.name}" for c in support}).replace("_", " ")


def _has_day(day: Date, near: Iterable[Candidate], support: Iterable[Candidate]) -> bool:
    """Returns whether passages of a page name a day, or those that are quoted a range that it lies in.

    The number of a day is enough in a row's names whose table or page says the month.
    """
    for c in near:
        row, text = c.passage.row, f"{c.passage.text} {c.passage.context} {c.passage.section}"
        if states_day(text, day):
            return True
        if row and any(
            states_day_number(name, day) for name in (row.label, *(n for cell in row.cells for n in cell.names))
        ):
            return True
    return any(spans_day(f"{c.passage.text} {c.passage.context} {c.passage.section}", day) for c in support)


def _are_together(first: str, second: str, candidates: Iterable[Candidate], title: str) -> bool:
    """Returns whether a passage, or its heading, says both words.

    In a document that is named by one, the other is enough, unless it has another name there: "Sea Biology".
    """
    a, b = (frozenset(words_of(word)) for word in (first, second))
    passages, title_words = list(candidates), frozenset(words_of(title))
    if b <= title_words or (a <= title_words and not any(_is_other(passages, word) for word in b)):
        return True
    both = a | b
    return any(both <= words for c in passages for words in (c.words, *(w for _, w, _ in c.around)))


def _states_price(c: Candidate, *, in_money: bool = False) -> bool:
    """Returns whether a passage says an amount of money, also as a number with two decimals or under such a name.

    Any number of a row may be one in a document that is `in_money`: which says a currency elsewhere.
    """
    if in_money and c.passage.row and any(any(map(str.isdigit, cell.text)) for cell in c.passage.row.cells):
        return True
    text = f"{readable(c.passage)} {c.passage.context} {c.passage.section}"
    has_number = any(t[0].isdigit() for t in c.words)
    return bool(MONEY.search(text) or _DECIMALS.search(text)) or (has_number and not _MONEY_TERMS.isdisjoint(c.words))


def _is_other(support: Iterable[Candidate], noun: str) -> bool:
    """Returns whether all passages and headings that say a noun say which one: "coal plant" is no nuclear plant."""
    spans = [["", *text.split()] for c in support for text in (c.spans, *(s for *_, s in c.around))]
    before = [word for words in spans for word, following in pairwise(words) if following == noun]
    return bool(before) and all(word.isalpha() and word not in _STOP for word in before)


def _is_said_of(analysis: QuestionAnalysis, candidates: Iterable[Candidate], word: str, noun: str) -> bool:
    """Returns whether a passage that says a noun says a term as well, itself or in what belongs to it.

    To a field of a form belong its other fields.
    """
    belonging = ((c, (words for share, words, _ in c.around if share > BESIDE or c.passage.row)) for c in candidates)
    says = (analysis.matched_terms(c.words.union(*around)) for c, around in belonging)
    return any({word, noun} <= terms for terms in says)


def _text_of(c: Candidate) -> str:
    return f"{c.passage.text} {c.passage.context}"


def _matched_terms(analysis: QuestionAnalysis, candidates: Iterable[Candidate]) -> set[str]:
    results = set[str]()
    for c in candidates:
        results |= analysis.matched_terms(c.words, c.spans)
        for _, words, spans in c.around:
            results |= analysis.matched_terms(words, spans)
    return results


def words_of_all(candidates: Iterable[Candidate]) -> frozenset[str]:
    """Returns the terms of passages and of what belongs to them."""
    return frozenset().union(*(c.words.union(*(words for _, words, _ in c.around)) for c in candidates))


def _is_derived(name: str, candidates: Iterable[Candidate]) -> bool:
    """Returns whether passages say the adjective of a place, or the place of an adjective: Italian for Italy."""
    words = {word for c in candidates for word in _CAPITALIZED.findall(_text_of(c)) if _are_forms(name, word)}
    return nearness(name.lower(), {word.lower() for word in words}) >= DERIVED


def _are_forms(name: str, word: str) -> bool:
    """Returns whether one of two names is an adjective that begins as the other.

    >>> _are_forms("Italy", "Italian"), _are_forms("German", "Germany"), _are_forms("Brava", "Bravissima")
    (True, True, False)
    """
    short, long = sorted((name, word), key=len)
    is_like = name != word and len(short) > _BEGINNING and long.startswith(short[:-1]) and len(long) - len(short) < 4
    return is_like and (name.endswith(_ADJECTIVES) or word.endswith(_ADJECTIVES))
