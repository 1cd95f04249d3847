"""Scores of passages: how well each fits a question by its words, their place and what kind of answer they hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from octavo.ingest.model import FIGURES, HEADINGS
from octavo.rag.answering.candidates import BESIDE, Candidate, readable
from octavo.rag.answering.cases import asks_yes_or_no
from octavo.rag.answering.passage_lines import FIELD, PRICED_LINE
from octavo.rag.answering.passages import Passage
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.proper_names import NOUNS_IN_CAPITALS
from octavo.rag.answering.question_analysis import QuestionAnalysis, words_of
from octavo.rag.answering.rows import Row
from octavo.rag.answering.weights import term_weights
from octavo.rag.query.language import AnswerKind, split

NEAR = 0.7
"""The weight of a term that a passage has another word of nearly the same meaning for."""
VAGUE = 0.3
"""The factor of a word that names no matter itself."""
DOCUMENT = 0.29
"""The weight of a term that another passage of the document says, where there are several documents."""
PAGE = 0.7
"""The weight of a name for all passages of a page that holds it."""
NAMED, UNNAMED = 1.4, 0.6
"""Factors of a passage with a form's field whose label the question says, and of a row of which it says no cell."""
EDGE, PAGES = 0.3, 3
"""The factor of a passage that is repeated but for its numbers, as a footer is, and the least number of such pages."""
DATE, MOMENT = pattern("kinds", "date"), pattern("kinds", "moment")
SAYS_SO = 1.3
"""The factor of a passage that allows, forbids or demands something, where yes or no is asked for."""
DATED = 1.3
"""The factor of a passage with a date or a time, over one with a word such as "after", where it is asked when."""
NUMBER = pattern("kinds", "number")
MONEY = pattern("kinds", "money")
PROPER = re.compile(r"(?<![.?!“\"] )(?<!^)\b[A-ZÀ-Þ][\w’'-]+|^[A-ZÀ-Þ][\w’'-]+ [A-ZÀ-Þ]")
_FULL_NAME = re.compile(
    r"(?P<before>[^\W\d_]+ )?(?<![^\W\d_])"
    r"(?P<name>[A-ZÀ-Þ][\w’'-]*[^\W\d_]\.? (?:(?:van|von|de|da|di|zu) )?[A-ZÀ-Þ][\w’'-]+)"
)
"""Two words with a capital, in languages that write every noun with one, after another word."""
REASON = pattern("kinds", "reason")
_SAYING = ("affirms", "denies", "obliges")
_DIGITS = re.compile(r"\d+")
_POINTER = re.compile(r"\b(?:following|below)\b", re.I)
_COUNTING = pattern("kinds", "amount")


@dataclass(frozen=True, slots=True)
class ScoredCandidate:
    """A candidate with its score, and the share of the question's terms that it and what belongs to it hold, [0, 1].

    `likeness` is the cosine of the question's vector and its own, 0 where it was not encoded.
    """

    score: float
    coverage: float
    candidate: Candidate
    matched_terms: frozenset[str] = frozenset()
    likeness: float = 0.0


def rank(analysis: QuestionAnalysis, pool: Sequence[Candidate]) -> list[ScoredCandidate]:
    """Scores candidates: the share of the question's terms that each holds, rare ones counting more.

    Years and numbers asked for count double. A passage that only repeats the question, a heading, one that is very
    short or very long, one that stands on several pages alike, and one of less relevant evidence count less; one that
    holds what the question word asks for (a number, a date, a name, a reason) counts more.
    """
    weight = term_weights(analysis.terms, [c.words for c in pool])
    weight |= {t: VAGUE * weight[t] for t in analysis.vague if len(analysis.vague) < len(analysis.terms)}
    total = sum(weight.values()) or 1.0
    names_by_page = dict[tuple[str, int], frozenset[str]]()
    if analysis.names:
        for c in pool:
            names_by_page[c.document, c.page] = names_by_page.get((c.document, c.page), frozenset()) | (
                c.words & analysis.names
            )
    said = analysis.matched_terms(frozenset().union(*(c.words for c in pool)))
    rarest = max(said, key=lambda t: (weight.get(t, 0.0), t), default="")
    edges = repeated_candidates(pool)
    beside = _terms_by_document(analysis, pool)
    own_names = _names_of_one_document(analysis, beside)
    scored = [
        _score(
            analysis,
            c,
            weight,
            total,
            names_by_page.get((c.document, c.page), frozenset()) | own_names.get(c.document, frozenset()),
            beside.get(c.document, frozenset()),
            rarest,
        )
        for c in pool
    ]
    scored = [replace(s, score=s.score * EDGE) if s.candidate in edges else s for s in scored]
    return sorted(scored, key=lambda s: (-round(s.score, 3), count_other_words(analysis, s.candidate)))


def count_other_words(analysis: QuestionAnalysis, c: Candidate) -> int:
    """Returns how many words of a row's label the question does not say: "Total" comes before "Net total"."""
    words = words_of(c.passage.row.label) if c.passage.row else ()
    return len(set(words) - analysis.matched_terms(frozenset(words)))


def repeated_candidates(pool: Sequence[Candidate]) -> frozenset[Candidate]:
    """Returns the candidates but rows that stand on `PAGES` pages of their document, apart from their numbers."""
    pages = dict[tuple[str, str], set[int]]()
    for c in pool:
        if c.passage.row is None:
            pages.setdefault(_apart_from_numbers(c), set()).add(c.page)
    return frozenset(c for c in pool if len(pages.get(_apart_from_numbers(c), ())) >= PAGES)


def _apart_from_numbers(c: Candidate) -> tuple[str, str]:
    return c.document, _DIGITS.sub("0", c.passage.text)


def _score(
    analysis: QuestionAnalysis,
    c: Candidate,
    weight: dict[str, float],
    total: float,
    names_on_page: frozenset[str] = frozenset(),
    in_document: frozenset[str] = frozenset(),
    rarest: str = "",
) -> ScoredCandidate:
    own_terms = analysis.matched_terms(c.words, c.spans)
    if analysis.price_terms and c.passage.row is None and states_price(c.passage.text):
        own_terms |= analysis.price_terms
    weights = (
        dict.fromkeys(in_document, DOCUMENT)
        | dict.fromkeys(names_on_page, PAGE)
        | {t: NEAR if t in analysis.near else 1.0 for t in own_terms}
    )
    for share, words, spans in c.around:
        for t in analysis.matched_terms(words, spans):
            weights[t] = max(weights.get(t, 0.0), share)
    share_of_terms = sum(weight[t] * share for t, share in weights.items()) / total
    covered = sum(weight[t] for t, share in weights.items() if share > BESIDE) / total
    news = c.words - set(analysis.terms)
    length = len(readable(c.passage).split())
    score = share_of_terms * min(1.0, 0.4 + 0.15 * length) * (1 if length <= 50 else 50 / length)
    if field_asked_for(analysis, c.passage) or _is_row_asked_for(analysis, c.passage.row, rarest):
        score *= NAMED
    if c.passage.row is not None and not analysis.matched_terms(_words_of_cells(c.passage.row)):
        score *= UNNAMED if own_terms <= analysis.matched_terms(_words_of_names(c.passage.row)) else 1
    score *= 1 if news else 0.3
    kind = holds_kind(analysis, c, news) and all(
        unit.stands_in(f"{readable(c.passage)} {c.passage.context} {c.passage.section}") for unit in analysis.units
    )
    is_name = c.passage.kind in HEADINGS and not (kind and analysis.answer_kind in (AnswerKind.WHO, AnswerKind.WHEN))
    score *= 0.5 if is_name or _POINTER.search(c.passage.text) else 1
    score *= 0.8 if c.passage.kind in FIGURES and length > 30 else 1
    score *= 1.6 if kind else 0.7 if analysis.answer_kind in (AnswerKind.AMOUNT, AnswerKind.WHEN) else 1
    score *= DATED if kind and analysis.answer_kind is AnswerKind.WHEN and DATE.search(readable(c.passage)) else 1
    score *= 1.3 if kind and analysis.money and states_price(readable(c.passage)) else 1
    code = analysis.language.code
    if asks_yes_or_no(analysis.text, code) and any(pattern("verdict", k, code).search(c.passage.text) for k in _SAYING):
        score *= SAYS_SO
    denies = pattern("verdict", "denies", code)
    if analysis.explains and denies.search(analysis.text) and denies.search(c.passage.text):
        score *= SAYS_SO
    if (
        any(f" {' '.join(name)} " in f" {c.spans} " for item, _ in analysis.items for name in item.analyzed_names)
        and c.passage.row
    ):
        score *= 1.4
    terms = frozenset(t for t, share in weights.items() if share > DOCUMENT)
    return ScoredCandidate(score * (0.6 + 0.4 * c.evidence.score), covered, c, terms)


def _terms_by_document(analysis: QuestionAnalysis, pool: Sequence[Candidate]) -> dict[str, frozenset[str]]:
    """Returns the terms that passages of each document say; nothing where all are of one."""
    words = dict[str, set[str]]()
    for c in pool:
        words.setdefault(c.document, set()).update(c.words)
    if len(words) < 2:
        return {}
    return {document: frozenset(analysis.matched_terms(frozenset(own))) for document, own in words.items()}


def _names_of_one_document(
    analysis: QuestionAnalysis, terms_by_document: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Returns the names of a question that one document alone says: all of its pages are about them."""
    counts = Counter(t for terms in terms_by_document.values() for t in terms & analysis.names)
    return {
        document: frozenset(t for t in terms & analysis.names if counts[t] == 1)
        for document, terms in terms_by_document.items()
    }


def states_price(text: str) -> bool:
    """Returns whether a text has an amount of money, or ends with a number of two decimals as a price list does.

    >>> [states_price(text) for text in ("Each costs 5 euros.", "Porridge with berries   5.80", "Chapter 5")]
    [True, True, False]
    """
    return bool(MONEY.search(text) or PRICED_LINE.match(text))


def field_asked_for(analysis: QuestionAnalysis, passage: Passage) -> str:
    """Returns the line of a form whose label the question says, as `Due date: 2 April`.

    It is empty where there is none or several.
    """
    if passage.row is not None or passage.kind in HEADINGS:
        return ""
    results = []
    for place in passage.places:
        if (field := FIELD.match(place.text)) and _says_label(analysis, field["label"]):
            results.append(place.text)
    return results[0] if len(results) == 1 else ""


def _is_row_asked_for(analysis: QuestionAnalysis, row: Row | None, rarest: str) -> bool:
    """Returns whether a row is a label and its value, in a table without column names, and the label is asked for.

    The question says the label, which says the rarest of the question's terms.
    """
    if row is None or not row.is_field:
        return False
    return rarest in analysis.matched_in(row.label) and _says_label(analysis, row.label)


def _says_label(analysis: QuestionAnalysis, text: str) -> bool:
    """Returns whether a question says all words of a label but function words: "Prepared by"."""
    label = [t for word in split(text) if word not in analysis.language.function for t in words_of(word) if t.isalpha()]
    return bool(label) and len(analysis.matched_terms(frozenset(label), " ".join(label))) >= len(set(label))


@lru_cache(maxsize=10_000)
def _words_of_cells(row: Row) -> frozenset[str]:
    return frozenset(words_of(" ".join(cell.text for cell in row.cells)))


@lru_cache(maxsize=10_000)
def _words_of_names(row: Row) -> frozenset[str]:
    return frozenset(words_of(" ".join(name for cell in row.cells for name in cell.names)))


def holds_kind(analysis: QuestionAnalysis, c: Candidate, news: Iterable[str]) -> bool:
    """Returns whether a passage holds something new of the kind that the question word asks for."""
    text = readable(c.passage)
    match analysis.answer_kind:
        case AnswerKind.WHEN:
            return bool(DATE.search(text) or MOMENT.search(text))
        case AnswerKind.AMOUNT:
            if analysis.money and c.passage.row is None and not states_price(text):
                return False
            return any(t[0].isdigit() and t not in analysis.years for t in news) or bool(_word_number(text))
        case AnswerKind.WHO | AnswerKind.WHERE:
            row = c.passage.row
            cells_as_sentences = ". ".join(f"The {cell.text}" for cell in row.cells) if row else text
            if analysis.language.code in NOUNS_IN_CAPITALS and row is None:
                names = [m["name"] for m in _FULL_NAME.finditer(text) if not _is_noun(m, analysis)]
            else:
                names = PROPER.findall(cells_as_sentences)
            return any(not _is_in_question(name, analysis) for name in names)
        case AnswerKind.WHY:
            return bool(REASON.search(text))
        case _:
            return bool(_COUNTING.search(analysis.text)) and any(
                t[0].isdigit() and t not in analysis.years and not _is_year(t) for t in news
            )


def _is_noun(match: re.Match[str], analysis: QuestionAnalysis) -> bool:
    """Returns whether words with capitals are a noun: "Nach Ostern" at a beginning, or "des Alten Friedhofs"."""
    before, first = (match["before"] or "").strip().lower(), match["name"].split()[0].lower()
    begins = not before and not match.string[: match.start("name")].rstrip(" ").endswith(",")
    return (begins and first in analysis.language.function) or before in analysis.language.articles


def _word_number(text: str) -> bool:
    return bool(NUMBER.search(text))


def _is_year(term: str) -> bool:
    return len(term) == 4 and term[:2] in ("19", "20")


def _is_in_question(name: str, analysis: QuestionAnalysis) -> bool:
    return set(words_of(name)) <= set(analysis.terms)
