"""Analysis of a question: its terms with their synonyms, and the kind of answer that it expects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product

from octavo.rag.answering.compounds import ending_with, heads_of
from octavo.rag.answering.near_words import near_words
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.proper_names import (
    NOUNS_IN_CAPITALS,
    is_emphatic,
    is_initialism,
    proper_names,
    split_periods,
)
from octavo.rag.answering.quarters import ordinal_numbers, quarter_synonyms, year_edges
from octavo.rag.answering.units import Unit, units_asked_for
from octavo.rag.answering.word_forms import ALIKE, TYPED, is_slip, share_stem
from octavo.rag.query.analysis import STOP_WORDS, stem, terms
from octavo.rag.query.concepts import COMPOUNDS, alternatives, is_everyday, parts
from octavo.rag.query.domains import Item, finance
from octavo.rag.query.language import ENGLISH, AnswerKind, Language, any_of, language_of, languages, numerals, split

_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMERALS = {stem: str(n) for word, n in numerals().items() for stem in terms(word)}
_SCAFFOLD = frozenset(
    terms(
        "document paper article report presentation deck page pages slide slides file according text mentioned"
        " following question shown stated kind type name called mean come there fy summary handbook whole entire"
        " happen happens happened passiert geschieht passe ocurre pasa succede gebeurt acontece"
    )
)
"""Words of questions that no passage needs to say."""
_WORD = re.compile(r"[\w’'-]+")
_COMPOUND = re.compile(r"\w+(?:-\w+)+")
"""Words that hyphens join: "cost-effective" asks for no price."""
_ELISION = re.compile(
    rf"\b(?:{'|'.join(sorted({e for lang in languages().values() for e in lang.elisions}))})['’](?=[^\W\d_]{{3}})", re.I
)
"""What stands before an apostrophe and is no part of the word behind it, in any language."""

SHORT_NAME = 3
"""Letters of the short name of a month or a weekday."""
PRICED_TERMS = 6
"""Terms of a question up to which a word such as "cost" asks for a price."""
_NO_AMOUNT = frozenset({AnswerKind.WHO, AnswerKind.WHEN, AnswerKind.WHERE})
"""Questions in which to pay is no price: "when do we pay?"."""
_TERMS_WITH_NEAR_WORDS = 3
"""Terms of a question that may have near words, at least."""
_STEM = 4
"""Letters of the stem, in the question's language, by which two words are forms of one, at least."""


@dataclass(frozen=True, slots=True)
class QuestionAnalysis:
    """The terms and the expected answer of a question.

    `terms` are its content terms in order; `synonyms` has the sets of terms that mean the same. `items` are the line
    items that it names, with the naming terms. `years` are those it names, `money` is whether it asks for an amount of
    money, `names` are the terms that it writes with a capital and `units` those in which it wants a number.
    `price_terms` are the terms that any amount of money says, such as "cost". `vague` are those that name no matter
    themselves, such as "idea". `near` has, for terms that stand nowhere in the evidence, those of its words that mean
    nearly the same. `stems` are those of the terms and of their synonyms in the question's language, where it is not
    English.
    """

    text: str
    language: Language
    terms: tuple[str, ...]
    synonyms: dict[str, tuple[frozenset[str], ...]]
    items: tuple[tuple[Item, tuple[str, ...]], ...]
    answer_kind: AnswerKind | None
    years: tuple[str, ...]
    money: bool = False
    names: frozenset[str] = frozenset()
    units: tuple[Unit, ...] = ()
    price_terms: frozenset[str] = frozenset()
    vague: frozenset[str] = frozenset()
    near: dict[str, frozenset[str]] = field(default_factory=dict)
    stems: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def explains(self) -> bool:
        """True where prose answers: no person, time, place or amount is asked for, and in few words no price."""
        is_price = bool(self.price_terms) and len(self.terms) <= PRICED_TERMS
        return self.answer_kind in (None, AnswerKind.WHY) and not is_price

    def matched_terms(self, words: frozenset[str], spans: str = "") -> set[str]:
        """Returns the question's terms that are among `words`, as they are, as synonyms or mistyped.

        `spans` are the same in order, joined by spaces. A name is no slip of an everyday word.

        >>> analyze_question("Hoe ver is het naar Parijs?").matched_terms(frozenset({"prij"}))
        set()
        """
        results = {t for t in self.terms if t in words or any(other <= words for other in self.synonyms.get(t, ()))}
        results |= {t for t, others in self.near.items() if not words.isdisjoint(others)}
        rest = [t for t in self.terms if t not in results and len(t) >= ALIKE and t.isalpha()]
        if rest:
            heads = {w[:ALIKE] for w in words if len(w) >= ALIKE}
            results |= {t for t in rest if t[:ALIKE] in heads and any(share_stem(t, w) for w in words)}
        if self.stems:
            of_words = {stem(w, self.language.code) for w in words if w.isalpha()}
            results |= {t for t, own in self.stems.items() if not own.isdisjoint(of_words)}
        typed = [t for t in self.terms if t not in results and len(t) >= TYPED and t.isalpha()]
        if typed:
            initials = {t[0] for t in typed}
            near = [w for w in words if w[:1] in initials]  # a slip keeps the first letter
            known = self.synonyms.keys()  # a word that the language's lists know has no wrong letter
            everyday = {w for w in near if is_everyday(w, self.language.code)}
            results |= {
                t
                for t in typed
                for w in near
                if is_slip(t, w) and (len(t) != len(w) or t not in known) and not (t in self.names and w in everyday)
            }
        for item, span in self.items:
            if any(f" {' '.join(name)} " in f" {spans} " for name in item.analyzed_names):
                results.update(t for t in span if t in self.terms)
        return results

    def matched_in(self, text: str) -> set[str]:
        """Returns the question's terms that a text says in any order, such as the name of a column."""
        return self.matched_terms(frozenset(words_of(text)))


def with_near_words(analysis: QuestionAnalysis, texts: Iterable[str]) -> QuestionAnalysis:
    """Returns the analysis with the words of texts that are near those of its terms that the texts lack.

    These are words of nearly the same meaning, those of the same concept, compounds that end with the word and words
    that it ends with. Names have none; questions of few terms, which one such word would answer, have compounds only.

    >>> with_near_words(analyze_question("At what altitude did Holt build the hut?"), ["An elevation of 900 m"]).near
    {'altitud': frozenset({'elev'})}
    """
    code, is_long = analysis.language.code, len(analysis.terms) >= _TERMS_WITH_NEAR_WORDS
    if not is_long and code not in COMPOUNDS:
        return analysis
    vocabulary = {word for text in texts for word in split(text)}
    stems = {word: words_of(word) for word in vocabulary}
    all_stems = frozenset().union(*stems.values())
    lacking = set(analysis.terms) - analysis.names - analysis.matched_terms(all_stems)
    near = {}
    for word in split(analysis.text):
        for term in lacking.intersection(words_of(word)):
            others = (near_words(word, vocabulary) if is_long else []) or ending_with(word, vocabulary, code)
            others = others or heads_of(word, vocabulary, code)
            same = _alternatives_in(all_stems, term, code) if is_long else frozenset()
            if others or same:
                near[term] = same.union(t for other in others for t in stems[other])
    return replace(analysis, near=near) if near else analysis


def _alternatives_in(stems: Iterable[str], term: str, code: str) -> frozenset[str]:
    """Returns the stems of other words for the concept of a term, and of compounds that such a word begins or ends."""
    others = alternatives(term, code)
    parts_of_compounds = tuple(other for other in others if code in COMPOUNDS and len(other) > _STEM)
    return frozenset(
        stem
        for stem in stems
        if stem in others
        or (parts_of_compounds and (stem.startswith(parts_of_compounds) or stem.endswith(parts_of_compounds)))
    )


@lru_cache(maxsize=10_000)
def words_of(text: str) -> tuple[str, ...]:
    """Returns the terms of a text, in order, with numbers in figures: "three days" is "3 day".

    >>> words_of("l'assurance de trois jours"), words_of("the insurer's fee")
    (('assur', 'de', '3', 'jour'), ('the', 'insur', 'fee'))
    """
    return tuple(_NUMERALS.get(t, t) for t in terms(_ELISION.sub("", text)))


def words_of_names(*names: str) -> frozenset[str]:
    """Returns the terms of titles and names of files, whose words hyphens and underscores may join.

    >>> sorted(words_of_names("field-week.md", "camper_hire"))
    ['camper', 'field', 'hire', 'md', 'week']
    """
    return frozenset(words_of(" ".join(names).replace("-", " ").replace("_", " ")))


def terms_of_words(words: Iterable[str]) -> frozenset[str]:
    """Returns the terms of words or phrases.

    >>> sorted(terms_of_words(["cost", "three prices"]))
    ['3', 'cost', 'price']
    """
    return frozenset(t for word in words for t in words_of(word))


@lru_cache(maxsize=256)
def analyze_question(question: str) -> QuestionAnalysis:
    """Returns the analysis of a question.

    >>> w = analyze_question("What was 3M's capital expenditure in 2018?")
    >>> w.terms, [item.id for item, _ in w.items], w.years, w.answer_kind
    (('3', 'm', 'capit', 'expenditur', '2018'), ['capex'], ('2018',), None)
    >>> analyze_question("Was kostet der Stellplatz?").terms
    ('kostet', 'stellplatz')
    """
    language = language_of(question)
    stop = language.function if language.code != "en" else STOP_WORDS | language.function
    said = any_of(language.idioms, re.I).sub(" ", question) if language.idioms else question
    content = " ".join([*_content(said, stop), *_rewordings(question, language)])
    words = tuple(dict.fromkeys(words_of(content)))
    content_terms = tuple(t for t in words if t not in _SCAFFOLD) or words
    answer_kind = language.answer_kind(question)
    synonyms = _synonyms(language, content_terms, question, answer_kind)
    return QuestionAnalysis(
        question,
        language,
        content_terms,
        synonyms,
        tuple(finance().items_in(question)),
        answer_kind,
        tuple(dict.fromkeys(_YEARS.findall(question))),
        not terms_of_words(language.money).isdisjoint(words_of(question)),
        terms_of_words(proper_names(question, language)).intersection(content_terms),
        units_asked_for(question),
        terms_of_words(language.price_words).intersection(content_terms, words_of(_COMPOUND.sub(" ", question))),
        terms_of_words(language.vague.intersection(split(question))).intersection(content_terms),
        stems=_stems(language, content_terms, synonyms),
    )


def _stems(
    language: Language, content_terms: Iterable[str], synonyms: Mapping[str, Iterable[frozenset[str]]]
) -> dict[str, frozenset[str]]:
    if language.code == ENGLISH:
        return {}
    result = {}
    for term in filter(str.isalpha, content_terms):
        others = (other for phrase in synonyms.get(term, ()) if len(phrase) == 1 for other in phrase if other.isalpha())
        own = stem(term, language.code)
        stems = {s for s in (stem(other, language.code) for other in others) if len(s) > _STEM}
        result[term] = frozenset(stems | ({own} if len(own) >= _STEM else set()))
    return {term: stems for term, stems in result.items() if stems}


def _content(question: str, stop: Iterable[str]) -> list[str]:
    """Returns the tokens of a question without function words, apart from articles that are joined to a word."""
    stop = frozenset(stop)
    has_emphasis = question.isupper() or is_emphatic(question, stop)
    tokens = re.findall(r"[^\s]+", split_periods(question.replace("’", "'")))
    results = []
    for token in tokens:
        bare = re.sub(r"^\W+|\W+$", "", token)
        head, mark, rest = bare.partition("'")
        if mark and head.lower() in stop and len(head) <= 2:
            bare = rest
        is_stop = stop.issuperset(bare.lower().split("-")) or bare.lower() in stop
        if bare and (not is_stop or (is_initialism(bare) and not has_emphasis)):
            results.append(token)
    return results


def _rewordings(question: str, language: Language) -> Iterator[str]:
    """Yields words for what a question asks by function words alone: "Who was at the meeting?" asks who was present."""
    return (word for form, word in language.rewordings if re.search(form, question, re.I))


def _alternatives(language: Language, question: str) -> Iterator[tuple[str, str]]:
    """Yields the terms of things that a question of yes or no joins by "or": what is said of one of them answers it.

    Names are none.
    """
    if not pattern("verdict", "cue", language.code).search(question):
        return
    text = question.lower() if language.code in NOUNS_IN_CAPITALS else question
    words = [word for word in _WORD.findall(text) if word.lower() not in language.articles]
    for first, joint, second in zip(words, words[1:], words[2:], strict=False):
        if joint in language.alternative and first.islower() and second.islower():
            pair = words_of(f"{first} {second}")
            if len(pair) == 2 and all(t.isalpha() for t in pair):
                yield pair[0], pair[1]


def _synonyms(
    language: Language, terms: Sequence[str], question: str, answer_kind: AnswerKind | None
) -> dict[str, tuple[frozenset[str], ...]]:
    result: dict[str, list[frozenset[str]]] = {}
    text = f" {' '.join(words_of(' '.join([question, *_rewordings(question, language)])))} "
    prices, nouns = terms_of_words(language.price_words), terms_of_words(language.money - language.price_words)
    for group in language.synonyms:
        analyzed = [tuple(words_of(phrase)) for phrase in group]
        for phrase in analyzed:
            is_price = phrase and phrase[0] in prices and any(set(other) & nouns for other in analyzed)
            if phrase and f" {' '.join(phrase)} " in text and not (is_price and answer_kind in _NO_AMOUNT):
                synonyms = [frozenset(other) for other in analyzed if other != phrase]
                for t in phrase:
                    if t in terms:
                        result.setdefault(t, []).extend(synonyms)
    for first, second in _alternatives(language, question):
        for a, b in ((first, second), (second, first)):
            if a in terms:
                result.setdefault(a, []).append(frozenset({b}))
    for name in (*language.months, *language.weekdays):
        for t in set(words_of(name)).intersection(terms):
            result.setdefault(t, []).append(frozenset(words_of(name[:SHORT_NAME])))
    for t, number in ordinal_numbers(language, split(question)):
        if t in terms:
            result.setdefault(t, []).append(number)
    for t, day in year_edges(language, question):
        if t in terms:
            result.setdefault(t, []).append(day)
    for t, names in quarter_synonyms(language, question.split()):
        if t in terms:
            result.setdefault(t, []).append(names)
    for t in terms:
        if concepts := parts(t, language.code):
            result.setdefault(t, []).extend(map(frozenset, product(*concepts)))
        if language.code != ENGLISH:  # which has groups of its own
            result.setdefault(t, []).extend(frozenset({other}) for other in alternatives(t, language.code))
    for adjective, measures in language.measures.items():
        for t in set(words_of(adjective)).intersection(terms):
            result.setdefault(t, []).extend(frozenset(words_of(measure)) for measure in measures)
    return {t: tuple(synonyms) for t, synonyms in result.items()}
