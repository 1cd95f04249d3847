"""Answerability: whether a reply covers the terms that a question requires, else there is no answer.

A name, a code, a number, a year or a month that is asked for must stand with what is quoted: on its page, in its
document's title. Of the other words of the question, enough must stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from octavo.rag.answering import patterns
from octavo.rag.answering.candidates import BESIDE, Candidate, readable
from octavo.rag.answering.cases import asks_yes_or_no, case_of, speaks_of_time
from octavo.rag.answering.chance import Signs, chance
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
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.contacts import CONTACTS
from octavo.rag.answering.question_analysis import (
    QuestionAnalysis,
    described_nouns,
    head_nouns,
    is_slip,
    proper_names,
    split_periods,
    terms_of_words,
    words_of,
    words_of_names,
)
from octavo.rag.answering.rarity import rarity
from octavo.rag.answering.scoring import MONEY, ScoredCandidate
from octavo.rag.answering.units import unit_of
from octavo.rag.query.analysis import STOP_WORDS
from octavo.rag.query.language import ENGLISH, languages, split

_CODE = re.compile(
    r"\b(?!\d+(?:st|nd|rd|th)\b)(?=\w*\d)(?=\w*[A-Za-z])[\w]+(?:-\w+)*\b|\b[A-Z]+(?:[-_][A-Z0-9]+)+\b|\b[A-Z]{1,4}-\d+\b"
)
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:-\d+)+|(?<![\w.,-])\d[\d.,]*\d|(?<![\w.,-])\d\b")
_YEAR = re.compile(r"(?<![\w.,-])(?:19|20)\d\d(?!\w)")
_SPLIT_YEAR = re.compile(r"(?<![\w.,/-])(?:(?:19|20)\d\d)\s?[/–-]\s?(?:(?:19|20)?\d\d)(?![\w/-])")
"""A school or business year: 2024/25."""
_MODEL_CODE = re.compile(r"[A-Za-z]+[-_]?(?=\w*\d)[\w-]+")
_PERIOD_CODE = re.compile(r"(?:FY|[QHTS])\W?\d+", re.I)
_MONTHS = "January February March April May June July August September October November December"
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS.split())})\b")
_QUARTER = re.compile(r"Q([1-4])", re.I)
_ORDINALS = ("first", "second", "third", "fourth")
_INTERIM = ("three months ended", "weeks ended", "quarterly period")
"""Words by which a report says that it is about a quarter, whichever of the year it is."""
_MODEL = re.compile(r"\b(?P<name>[A-ZÀ-Þ][\w’'-]*[^\W\d_])\s+(?P<number>\d{1,3}[A-Z]?)(?![\w.,:%-]|\s*%)")
"""A name with a number that is part of it: Heron 2, Room 204."""
_WORD = re.compile(r"\s([^\W\d_]+)")
_BEGINNING, DERIVED = 4, 0.65
"""Letters that a name and an adjective of it begin with, and their cosine at least."""
_ADJECTIVES = ("an", "ish", "ese", "ch", "er", "ic", "i")
"""The ends of adjectives of places."""
_CAPITALIZED = re.compile(r"(?<!\w)[A-ZÀ-Þ][^\W\d_]+")
_PAIR = re.compile(r"(?=(?<!\w)([A-ZÀ-Þ][^\W\d_]+) ([A-ZÀ-Þ][^\W\d_]+)(?!\w))")
_DECIMALS = re.compile(r"(?<![\d.,:])\d{1,6}[.,]\d\d(?![\d.,:])")
_PRICED = patterns.pattern("compute", "priced")
_MONEY_TERMS = terms_of_words(word for lang in languages().values() for word in lang.money)
_STOP = terms_of_words(STOP_WORDS) | {""}
_PARTS = frozenset(patterns.words("sections", "words_rest"))
BESIDE_FOREIGN = 0.5
"""What a term counts that stands elsewhere on the page of a quote in another language."""
MIN_ABSENT = 0.15
"""Things that stand nowhere count where they are at least this share of the question's terms but names."""
ANSWERABLE_ODDS = 1.9
"""The ratio of questions with an answer to those without, for people who ask of documents that they know: with
the default threshold of 0.8, a quote is given where its chance by balanced questions is .68."""
USUAL_RARITY = 1.0
"""What a noun of another language than English counts that stands nowhere: how rare it is is not known."""
UNNAMED_HERE = 0.5
"""What a name counts that the best passage lacks and its document says."""
FAR, NEAR = 0.4, 0.75
"""The cosines of two words up to which one says nothing of the other, and from which it says the same."""
USUAL_LIKENESS = 0.4
"""The likeness of questions in languages that the sentence encoder does not know."""
FEW_NUMBERS = 8
"""In a question of more terms, a number that stands nowhere may be part of how to answer it."""


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


@dataclass(frozen=True, slots=True)
class Assessment:
    """The assessment of a reply before it is given: the `signs` and the `chance` that it answers, in [0, 1].

    `reason` says in a sentence why it is not given; it is empty where the reply is likely enough to answer. `missing`
    are the words of the question that stand nowhere near the reply. A plan that answers or refuses by itself leaves no
    signs, and a chance of 1 or 0.
    """

    chance: float
    reason: str = ""
    signs: Signs | None = None
    missing: tuple[str, ...] = ()


def assess(material: Material, reply: Reply, threshold: float) -> Assessment:
    """Returns the chance that a reply answers the question, and the reason to abstain where it is too low."""
    if reply.reason:
        return Assessment(0.0, reply.reason)
    support = [c for paragraph in reply.paragraphs for c in paragraph.support]
    if reply.checked:
        if support and (unsaid := unsaid_codes(material, support)):
            reason = f"{_quote_names(unsaid)} stands nowhere near what was found"
            return Assessment(0.0, explain_abstention(material, reason), missing=unsaid)
        return Assessment(1.0)
    if reply.one_document and support:
        support = [c for c in support if c.document == support[0].document]
    coverage, analysis = check_coverage(material, support), material.analysis
    best = next(iter(material.ranked()), None)
    matched_terms = best.matched_terms if best else frozenset()
    if _meets_case(material, support):
        matched_terms |= case_of(analysis.text, analysis.language.code).terms
    signs = Signs(
        relevancy=material.evidence[0].score,
        coverage=_coverage(best, matched_terms, analysis) if best else 0.0,
        unnamed=_unnamed(material, matched_terms, support),
        absent=bool(coverage.absent),
        asked=len(analysis.terms),
        lacking=max((_weight_of(noun, material, support) for noun in coverage.lacking), default=0.0),
        likeness=_likeness(material),
        foreign=any(material.is_foreign(c.document) for c in support),
        around=coverage.around,
    )
    likely, threshold_of_quotes = chance(signs), quote_threshold(threshold)
    is_of_other_months = _is_of_other_months(material, support)
    says_too_little = signs.foreign and not any(t.isalpha() for t in analysis.terms)
    reason, missing = "", tuple(dict.fromkeys((*coverage.absent, *coverage.lacking)))
    if likely < threshold_of_quotes or says_too_little or is_of_other_months:
        if missing:
            reason = f"{_quote_names(missing)} stands nowhere near what was found"
        elif says_too_little:
            reason = "what was found, in another language, says too little of what is asked"
        else:
            reason = f"the chance that what was found answers it is {likely:.2f}, under {threshold_of_quotes:.2f}"
    return Assessment(likely, reason and explain_abstention(material, reason), signs, missing)


def unsaid_codes(material: Material, support: Sequence[Candidate]) -> tuple[str, ...]:
    """Returns the codes, numbered names and school years of a question that the documents of passages do not say.

    What a plan computes or compares answers only for what stands there: not for a model that no document has.
    """
    analysis = material.analysis
    documents = {c.document for c in support}
    same = [*support, *(c for c in material.candidates if c.document in documents)]
    texts = [f" {' '.join(words_of(text.replace('-', ' ')))} " for text in material.texts_beside(support)]

    def is_said(*forms: str) -> bool:
        phrases = [f" {' '.join(words_of(form))} " for form in forms]
        joined = [f" {''.join(words_of(form))} " for form in forms]
        return any(phrase in text for phrase in (*phrases, *joined) for text in texts)

    codes = [
        code
        for code, strict in required_terms(analysis)
        if strict and (_SPLIT_YEAR.fullmatch(code) or _MODEL_CODE.fullmatch(code)) and not _PERIOD_CODE.fullmatch(code)
    ]
    unsaid = [code for code in codes if not _stands_as_code(code, same) and not is_said(*_forms_of(code))]
    unsaid += [
        f"{name} {number}"
        for name, number in numbered_names(analysis)
        if not _refers(same, name, number) and not is_said(f"{name} {number}") and not _is_row_of(same, name, number)
    ]
    return tuple(dict.fromkeys(unsaid))


def _forms_of(code: str) -> tuple[str, ...]:
    """Returns a code, and a school year also with its second year in full or short."""
    if not _SPLIT_YEAR.fullmatch(code):
        return (code,)
    first, second = re.findall(r"\d+", code)
    return code, f"{first} {first[:2]}{second[-2:]}", f"{first} {second[-2:]}"


def _stands_as_code(code: str, candidates: Sequence[Candidate]) -> bool:
    return any(_stands_together(words_of(form), candidates, "") for form in _forms_of(code))


def _is_row_of(candidates: Iterable[Candidate], name: str, number: str) -> bool:
    """Returns whether a row has a number in a column that is called by a name: 7 under "Week" for Week 7."""
    return any(
        cell.text.strip() == number and set(words_of(name)) <= set(words_of(" ".join(cell.names)))
        for c in candidates
        if c.passage.row
        for cell in c.passage.row.cells
    )


def _unnamed(material: Material, matched: frozenset[str], support: Sequence[Candidate]) -> float:
    """Returns the share of a question's names that its best passage lacks; one that its document says counts half."""
    names = material.analysis.names
    documents = {c.document for c in support}
    elsewhere = _words(c for c in material.candidates if c.document in documents)
    return sum(UNNAMED_HERE if name in elsewhere else 1.0 for name in names - matched) / max(1, len(names))


def _coverage(best: ScoredCandidate, matched: frozenset[str], analysis: QuestionAnalysis) -> float:
    """Returns the coverage of the best passage, with the terms of the asker's case that a passage meets."""
    more = len(matched.intersection(analysis.terms) - best.matched_terms) / max(1, len(analysis.terms))
    return min(1.0, best.coverage + more)


def _weight_of(noun: str, material: Material, support: Sequence[Candidate]) -> float:
    """Returns how much it counts that a noun stands nowhere: its rarity, less where a passage has a near word."""
    if material.analysis.language.code != ENGLISH:
        return USUAL_RARITY
    words = {word for c in support for word in split(f"{c.passage.text} {c.passage.section}")}
    nearest = nearness(noun, words - material.analysis.language.function)
    return rarity(noun) * (1 - min(1.0, max(0.0, nearest - FAR) / (NEAR - FAR)))


def _is_said_otherwise(
    analysis: QuestionAnalysis, noun: str, support: Sequence[Candidate], same: Sequence[Candidate]
) -> bool:
    """Returns whether passages state a price, a unit or the parts of a compound that a noun names."""
    language = analysis.language
    if noun in language.money | language.price_words:
        return any(_states_price(c, in_money=any(MONEY.search(_text_of(o)) for o in same)) for c in support)
    unit = unit_of(noun)
    if unit is not None and any(unit.stands_in(_text_of(c)) for c in support):
        return True
    words = {word for c in same for word in split(_text_of(c))}
    return bool(heads_of(noun, words, language.code) or ending_with(noun, words, language.code))


def _likeness(material: Material) -> float:
    if material.analysis.language.code != ENGLISH:
        return USUAL_LIKENESS
    return max((s.likeness for s in material.reranked), default=0.0)


def quote_threshold(threshold: float) -> float:
    """Returns the chance of an answer that a quote needs: that with odds `ANSWERABLE_ODDS` times below the threshold's.

    >>> [round(quote_threshold(threshold), 2) for threshold in (0.5, 0.8, 0.99, 1.0)]
    [0.34, 0.68, 0.98, 1.0]
    """
    if threshold >= 1:
        return 1.0
    odds = threshold / (1 - threshold) / ANSWERABLE_ODDS
    return odds / (1 + odds)


def explain_abstention(material: Material, reason: str) -> str:
    """Returns a sentence for an answer that is not given: why, and which place comes nearest."""
    near = material.evidence[0]
    return (
        f"Nothing found that answers this: {reason}. Looked at {len(material.evidence)} passages; "
        f"the nearest is {near.name}, page {near.page + 1}."
    )


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
    own |= analysis.names & _words(near)
    page = own | _matched_terms(analysis, near) | analysis.matched_terms(title)
    document = page | _matched_terms(analysis, same)
    case = case_of(analysis.text, analysis.language.code)
    case_terms = case.terms if _meets_case(material, support) else frozenset()
    lacking = [
        thing
        for thing, term in head_nouns(analysis)
        if term not in document and term not in case_terms and not _is_said_otherwise(analysis, thing, support, same)
    ]
    if len(lacking) < MIN_ABSENT * sum(t.isalpha() and t not in analysis.names for t in analysis.terms):
        lacking = []
    absent = [
        phrase
        for phrase, word, noun in described_nouns(analysis)
        if word not in document and (noun not in document or _is_other(support, noun))
    ]
    absent += [f"{word} {number}" for word, number in material.query.references if not _refers(same, word, number)]
    names = f" {' '.join(words_of(' '.join({f'{c.evidence.title} {c.evidence.name}' for c in support})))} "
    absent += [
        f"{name} {number}"
        for name, number in numbered_names(analysis)
        if not _refers(same, name, number) and f" {' '.join(words_of(f'{name} {number}'))} " not in names
    ]
    absent += [unit.name for unit in analysis.units if not any(unit.stands_in(_text_of(c)) for c in same)]
    absent += [
        f"{analysis.text[day.start : day.end]}"
        for day in dates(analysis.text)
        if not case_terms.issuperset(words_of(analysis.text[day.start : day.end]))
        and not _has_day(day, near, support)
        and not states_day(_title(support), day)
    ]
    if _is_of_other_months(material, support):
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
        asked[0]
        for cue, form in CONTACTS
        if (asked := cue.search(analysis.text)) and not any(form.search(_text_of(c)) for c in support)
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
            or (strict and _is_quarter_of(same, text))
            or (month and month <= named_months)
        ):
            continue
        if (
            strict
            and len(terms) > 1
            and not any(_stands_together(words_of(form), [*near, *support], title_words) for form in _forms_of(text))
        ):
            absent.append(text)
            continue
        inside = page if strict else of_items
        there = _words([*near, *support] if strict else same) | title
        if all(t in inside or t in there or (t.isalpha() and any(is_slip(t, w) for w in there)) for t in terms):
            continue
        if not strict and analysis.language.code == ENGLISH and _is_derived(text, same):
            continue
        if not is_compared(text, analysis.text, map(_text_of, same)):
            absent.append(text)
    count = max(1, len(analysis.terms))
    around = (len(own) + BESIDE_FOREIGN * len(page.intersection(analysis.terms) - own)) / count
    return TermCoverage(len(own) / count, around, tuple(dict.fromkeys(absent)), tuple(dict.fromkeys(lacking)))


def _meets_case(material: Material, support: Iterable[Candidate]) -> bool:
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


def _is_of_other_months(material: Material, support: Sequence[Candidate]) -> bool:
    if _meets_case(material, support):
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


def name_pairs(analysis: QuestionAnalysis) -> Iterable[tuple[str, str]]:
    """Yields the words of names of several words, each with the next one.

    >>> from octavo.rag.answering.question_analysis import analyze_question, terms_of_words
    >>> list(name_pairs(analyze_question("When is the exam in Marine Biology, and who is Professor Ida Kern?")))
    [('Marine', 'Biology'), ('Ida', 'Kern')]
    """
    names = set(proper_names(analysis.text, analysis.language))
    for match in _PAIR.finditer(analysis.text):
        pair = (match[1], match[2])
        is_plain = {word.lower() for word in pair}.isdisjoint(analysis.language.generic)
        if names.issuperset(pair) and is_plain and all(_is_asked(analysis, word) for word in pair):
            yield pair


def _are_together(first: str, second: str, candidates: Iterable[Candidate], title: str) -> bool:
    """Returns whether a passage, or its heading, says both words.

    In a document that is named by one, the other is enough, unless it has another name there: "Sea Biology".
    """
    a, b = (frozenset(words_of(word)) for word in (first, second))
    passages, called = list(candidates), frozenset(words_of(title))
    if b <= called or (a <= called and not any(_is_other(passages, word) for word in b)):
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


def required_terms(analysis: QuestionAnalysis) -> Iterable[tuple[str, bool]]:
    """Yields names, codes, numbers and periods of a question, and whether each must stand on the page itself.

    >>> from octavo.rag.answering.question_analysis import analyze_question
    >>> list(required_terms(analyze_question("What did the KX-350 cost in Japan in 2015?")))
    [('KX-350', True), ('2015', True), ('Japan', False)]
    """
    text = split_periods(analysis.text)
    spans: list[tuple[int, int]] = []
    numbers = _YEAR if len(analysis.terms) > FEW_NUMBERS else _NUMBER
    for form in (_SPLIT_YEAR, _CODE, numbers, _MONTH):
        for match in form.finditer(text):
            if any(a < match.end() and match.start() < b for a, b in spans) or not _is_asked(analysis, match[0]):
                continue
            if form is _SPLIT_YEAR and not _are_consecutive(match[0]):
                continue
            spans.append(match.span())
            yield match[0], True
    covered = " ".join(text[a:b] for a, b in spans)
    units = " ".join(unit.name for unit in analysis.units).split()
    for word in proper_names(text, analysis.language):
        is_name = word.lower() not in analysis.language.generic and word.lower() not in units
        if is_name and _is_asked(analysis, word) and word not in covered:
            yield word, False


def _are_consecutive(years: str) -> bool:
    first, second = re.findall(r"\d+", years)
    return (int(first) + 1) % 100 == int(second) % 100


def numbered_names(analysis: QuestionAnalysis) -> Iterable[tuple[str, str]]:
    """Yields names with a number that is part of them, apart from months.

    >>> from octavo.rag.answering.question_analysis import analyze_question
    >>> list(numbered_names(analyze_question("Is the Heron 2 lighter than on March 3 or in Room 204?")))
    [('Heron', '2'), ('Room', '204')]
    """
    for match in _MODEL.finditer(analysis.text):
        name = match["name"]
        is_part = name.lower() in _PARTS or _MONTH.fullmatch(name) is not None
        following = _WORD.match(analysis.text, match.end())
        is_amount = following is not None and unit_of(following[1]) is not None
        if match.start() and _is_asked(analysis, name) and not is_part and not is_amount:
            yield name, match["number"]


def _is_asked(analysis: QuestionAnalysis, word: str) -> bool:
    return not set(words_of(word)).isdisjoint(analysis.terms)


def _is_other(support: Iterable[Candidate], noun: str) -> bool:
    """Returns whether all passages and headings that say a noun say which one: "coal plant" is no nuclear plant."""
    spans = [["", *text.split()] for c in support for text in (c.spans, *(s for *_, s in c.around))]
    before = [word for words in spans for word, following in pairwise(words) if following == noun]
    return bool(before) and all(word.isalpha() and word not in _STOP for word in before)


def _text_of(c: Candidate) -> str:
    return f"{c.passage.text} {c.passage.context}"


def _matched_terms(analysis: QuestionAnalysis, candidates: Iterable[Candidate]) -> set[str]:
    results = set[str]()
    for c in candidates:
        results |= analysis.matched_terms(c.words, c.spans)
        for _, words, spans in c.around:
            results |= analysis.matched_terms(words, spans)
    return results


def _words(candidates: Iterable[Candidate]) -> frozenset[str]:
    return frozenset().union(*(c.words.union(*(words for _, words, _ in c.around)) for c in candidates))


def _refers(candidates: Iterable[Candidate], word: str, number: str) -> bool:
    phrase = f" {' '.join(words_of(f'{word} {number}'))} "
    short = phrase.replace(" figur ", " fig ")
    return any(
        phrase in f" {c.spans} " or short in f" {c.spans} " or phrase in f" {s} "
        for c in candidates
        for _, _, s in c.around
    )


def _stands_together(terms: Sequence[str], candidates: Iterable[Candidate], title: str) -> bool:
    """Returns whether the parts of a code stand one after the other: not `DH` in one place and `30` in another."""
    phrase, joined = f" {' '.join(terms)} ", f" {''.join(terms)} "
    texts = [title, *(f" {s} " for c in candidates for s in (c.spans, *(s for *_, s in c.around)))]
    return any(form in text for form in (phrase, joined) for text in texts)


def _is_quarter_of(candidates: Iterable[Candidate], code: str) -> bool:
    """Returns whether a code is a quarter that passages name in words, or that a report on a quarter may be about."""
    quarter = _QUARTER.fullmatch(code)
    if quarter is None:
        return False
    forms = [f" {' '.join(words_of(form))} " for form in (f"{_ORDINALS[int(quarter[1]) - 1]} quarter", *_INTERIM)]
    return any(
        form in f" {text} " for c in candidates for text in (c.spans, *(s for *_, s in c.around)) for form in forms
    )


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


def _quote_names(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
