"""Match features between a query and entries: what the embedded relevancy score is made of."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence, Set
from dataclasses import dataclass
from itertools import compress, pairwise

import numpy as np
from numpy.typing import NDArray

from octavo.rag.entry import Entry, EntryId, Level
from octavo.rag.index import Index
from octavo.rag.index.sparse import bm25, bm25_limit, idf
from octavo.rag.index.store.entries import AnalyzedEntry
from octavo.rag.query.analysis import terms
from octavo.rag.query.language import languages, languages_of_pages
from octavo.rag.query.question import Query
from octavo.rag.relevancy.parameters import Fusion

FUSED_ONLY = ("bm25", "first_pass")
"""Features that compare with the other candidates only, so that they count in `fused` and not by themselves."""
NEUTRAL = 0.5
"""The value of a feature that says nothing, such as the share of a query's numbers where it has none."""


def match_features(
    query: Query, entries: Sequence[Entry], index: Index, fusion: Fusion, first_pass: Sequence[float] = ()
) -> dict[str, NDArray[np.float64]]:
    """Returns match features by name, each of shape (len(entries),); `first_pass` are the scores of the first pass.

    In [0, 1] are, of a query's terms weighed by their rarity in the library, those in the entry (`coverage`), in its
    heading (`heading`) and within the best `window` of terms; the share of neighboring terms that are neighbors there
    (`pairs`), of the query's `numbers`, and of its `names` where the entries are of several documents; and whether the
    query names the entry's page, or a figure or table that it mentions (`named`). `similarity` is the cosine of the
    vectors, `document` how far less the entry's document is about what the query names than the best document of
    theirs, at most 0, `period` how far less its name and title agree with the period that is asked for, `area`, of
    elements, the logarithm of the area in square points, over 10.

    `fused` compares an entry with the other candidates: the weighted sum of z-scores that `fusion` names, among them
    `bm25`, whose terms weigh by their rarity among the candidates, and `first_pass`. `margin` is how far it lies behind
    the best one, at most 0.
    """
    if not entries:
        return {}
    indexed = index.terms([e.id for e in entries])
    analyzed = [indexed.get(e.id) or _analyze(e) for e in entries]
    average = sum(len(entry.text) for entry in analyzed) / len(entries)
    terms_of = {code: _question_terms(query, code, index) for code in {entry.language for entry in analyzed}}
    matches = [_matches(entry, terms_of[entry.language]) for entry in analyzed]
    rarity_here = {code: _rarity_among(terms_of[code], code, matches) for code in terms_of}
    similarities = index.similarities(index.query_vector(query.text, query.picture), [e.id for e in entries])
    documents = sorted({e.document for e in entries})
    named_entries = index.named_entries(query, documents)
    names = query.name_terms(index.stem_languages()) if len(documents) > 1 else ()
    affinities = index.affinities(names, query.years)
    best_affinity = max(affinities.get(document, 0.0) for document in documents)
    agreements = index.agreements(query, documents) if len(documents) > 1 else {}
    best_agreement = max(agreements.values(), default=0.0)
    rows = []
    for entry, of_entry in zip(entries, matches, strict=True):
        in_language, here = terms_of[of_entry.language], rarity_here[of_entry.language]
        words, length = of_entry.words, of_entry.length / max(average, 1.0)
        rows.append(
            {
                "bm25": bm25(of_entry.counts, length, here) / max(bm25_limit(here), 1e-9),
                "coverage": _coverage(words, in_language.rarity) / in_language.total,
                "heading": _coverage(of_entry.heading, in_language.rarity) / in_language.total,
                "pairs": _pairs(of_entry.places, in_language.pairs, fusion.pair_distance),
                "window": _window(of_entry.hits, in_language.rarity, fusion.window) / in_language.total,
                "similarity": similarities.get(entry.id, 0.0),
                "numbers": _fraction([t in words for t in in_language.numbers]),
                "names": _fraction([name <= words for name in in_language.names if name] if len(documents) > 1 else []),
                "named": _caption_match(entry, named_entries, in_language.captions, of_entry.text),
                "document": affinities.get(entry.document, 0.0) - best_affinity,
                "period": agreements.get(entry.document, best_agreement) - best_agreement,
            }
        )
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    if entries[0].level is Level.ELEMENT:
        columns["area"] = np.array([math.log1p(sum(r.box.area for r in e.regions)) / 10 for e in entries])
    columns["first_pass"] = np.asarray(first_pass) / fusion.first_pass_unit if first_pass else np.zeros(len(rows))
    columns["fused"] = sum(
        (w * _standardize(columns[name], fusion.least_spread) for name, w in fusion.weights.items()),
        np.zeros(len(rows)),
    )
    columns["margin"] = (columns["fused"] - columns["fused"].max()) / fusion.margin_unit
    return columns


@dataclass(frozen=True, slots=True)
class _QuestionTerms:
    """The parts of a query that entries of one language are compared with, stemmed as in that language.

    `rarity` weighs the query's `terms` by their rarity in the library, `total` is their sum. `compared` are all terms
    that an entry is compared by.
    """

    terms: tuple[str, ...]
    rarity: dict[str, float]
    total: float
    pairs: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...]
    names: tuple[frozenset[str], ...]
    captions: tuple[tuple[str, ...], ...]
    compared: frozenset[str]


def _question_terms(query: Query, code: str, index: Index) -> _QuestionTerms:
    words, total = query.terms_in(code), index.count(Level.PAGE)
    numbers = tuple(t for n in query.numbers for t in terms(n))
    names = tuple(frozenset(terms(n, stop_words=False, language=query.language, stem_as=code)) for n in query.names)
    forms = languages()[code].regions.captions
    rarity = {t: idf(n, total) for t, n in index.document_frequency(words, Level.PAGE).items()}
    return _QuestionTerms(
        terms=words,
        rarity=rarity,
        total=max(sum(rarity.values()), 1e-9),
        pairs=tuple(pairwise(words)),
        numbers=numbers,
        names=names,
        compared=frozenset(words).union(numbers, *names),
        captions=tuple(
            (*terms(form, language=code), *terms(number))
            for name, number in query.references
            for form in forms.get(name, (name,))
        ),
    )


@dataclass(frozen=True, slots=True)
class _Matches:
    """The terms of an entry that match those that it is compared by.

    `hits` are the query's terms in the entry's `text` with their places, in order; `places` and `counts` are the same
    by term. `words` are all compared terms that it holds, `heading` those in its heading.
    """

    language: str
    text: Sequence[str]
    heading: frozenset[str]
    words: frozenset[str]
    hits: list[tuple[int, str]]
    places: dict[str, list[int]]

    @property
    def length(self) -> int:
        return len(self.text)

    @property
    def counts(self) -> dict[str, int]:
        return {term: len(places) for term, places in self.places.items()}


def _matches(entry: AnalyzedEntry, question_terms: _QuestionTerms) -> _Matches:
    compared = question_terms.compared
    words = compared.intersection(entry.text)
    hits = list(compress(enumerate(entry.text), map(question_terms.rarity.__contains__, entry.text)))
    places: dict[str, list[int]] = {}
    for n, t in hits:
        places.setdefault(t, []).append(n)
    heading = compared.intersection(entry.heading)
    return _Matches(entry.language, entry.text, heading, heading | words, hits, places)


def _rarity_among(question_terms: _QuestionTerms, code: str, matches: Sequence[_Matches]) -> dict[str, float]:
    """Returns the query's terms weighed by their rarity among the candidates of a language."""
    here = [entry.words for entry in matches if entry.language == code]
    return {
        t: math.log(1 + (len(here) + 0.5) / (sum(t in words for words in here) + 0.5)) for t in question_terms.terms
    }


def _analyze(entry: Entry) -> AnalyzedEntry:
    (code,) = languages_of_pages([entry.text])
    return AnalyzedEntry(code, terms(entry.heading, language=code), terms(entry.text, language=code))


def _standardize(values: NDArray[np.float64], least_spread: float) -> NDArray[np.float64]:
    """Returns z-scores among the candidates and two that match nothing, so that a lone good one still stands out."""
    padded = np.append(values, [0.0, 0.0])
    return (values - padded.mean()) / max(float(padded.std()), least_spread)


def _coverage(present: Set[str], rarity: dict[str, float]) -> float:
    return sum([weight for t, weight in rarity.items() if t in present])


def _pairs(places: dict[str, list[int]], pairs: Sequence[tuple[str, str]], distance: int) -> float:
    """Returns the share of the query's neighboring terms that stand within a distance of each other."""
    if not pairs:
        return NEUTRAL
    near = sum(_are_near(places[a], places[b], distance) for a, b in pairs if a in places and b in places)
    return near / len(pairs)


def _are_near(first: Sequence[int], second: Sequence[int], distance: int) -> bool:
    """Returns whether a place of one ascending list is within a distance of one of the other.

    >>> _are_near([1, 20], [9, 22], 3), _are_near([1, 20], [9, 30], 3)
    (True, False)
    """
    m = n = 0
    while m < len(first) and n < len(second):
        if abs(first[m] - second[n]) <= distance:
            return True
        if first[m] < second[n]:
            m += 1
        else:
            n += 1
    return False


def _window(hits: Sequence[tuple[int, str]], rarity: dict[str, float], length: int) -> float:
    """Returns the largest coverage of the query within `length` terms."""
    best = covered = 0.0
    inside = dict.fromkeys(rarity, 0)
    start = 0
    for n, t in hits:
        if not inside[t]:
            covered += rarity[t]
        inside[t] += 1
        while hits[start][0] <= n - length:
            gone = hits[start][1]
            inside[gone] -= 1
            if not inside[gone]:
                covered -= rarity[gone]
            start += 1
        if covered > best:
            best = covered
    return best


def _fraction(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else NEUTRAL


def _caption_match(
    entry: Entry, pages: Container[str], captions: Sequence[tuple[str, ...]], text: Sequence[str]
) -> float:
    """Returns 1 where the query names the entry's page, or a figure or table that its text mentions, else 0."""
    if any(EntryId.of_page(entry.document, r.page) in pages for r in entry.regions):
        return 1.0
    for caption in captions:
        if any(tuple(text[n : n + len(caption)]) == caption for n in range(len(text))):
            return 1.0
    return 0.0
