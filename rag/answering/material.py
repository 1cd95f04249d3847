"""The material of an answer without a model: the passages of the evidence, ranked, and the documents in scope."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING

from octavo.ingest import Element, Page, Region
from octavo.ingest.model import FIGURES, HEADINGS, RUNNING
from octavo.ingest.store.documents import DocumentInfo, DocumentStore
from octavo.rag.answering.candidates import BESIDE, Candidate, Translation, candidates, readable
from octavo.rag.answering.passages import FIELD, PRICED_LINE, Passage, passages, with_lists
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, with_near_words, words_of
from octavo.rag.answering.reading import Reading, read
from octavo.rag.answering.reporting import named_years, names_period, quarters, reported_until
from octavo.rag.answering.rows import Row
from octavo.rag.answering.weights import term_weights
from octavo.rag.entry import EntryId, Level
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import PageStore
from octavo.rag.query.concepts import translate
from octavo.rag.query.language import AnswerKind, language_of, split
from octavo.rag.query.question import Query

if TYPE_CHECKING:
    from octavo.rag.answering.plans.relation import Relation

NEAR = 0.7
"""The weight of a term that a passage has another word of nearly the same meaning for."""
VAGUE = 0.3
"""The factor of a word that names no matter itself."""
PAGE = 0.7
"""The weight of a name for all passages of a page that holds it."""
NAMED, UNNAMED = 1.4, 0.6
"""Factors of a passage with a form's field whose label the question says, and of a row of which it says no cell."""
EDGE, PAGES = 0.3, 3
"""The factor of a passage that stands alike, apart from its numbers, on so many pages or more: a footer, a heading."""
CLEAR, FEW_WORDS = 0.15, 20
"""The share of function words that tells a document's language, of at least so many words."""
FRONT, FRONT_WORDS, FRONT_LINES = 2, 25, 3
"""Regions and words that a document begins with and that name it; a region after the first has few lines or words."""
DATE, MOMENT = pattern("kinds", "date"), pattern("kinds", "moment")
DATED = 1.3
"""The factor of a passage with a date or a time, over one with a word such as "after", where it is asked when."""
NUMBER = pattern("kinds", "number")
MONEY = pattern("kinds", "money")
PROPER = re.compile(r"(?<![.?!“\"] )(?<!^)\b[A-ZÀ-Þ][\w’'-]+|^[A-ZÀ-Þ][\w’'-]+ [A-ZÀ-Þ]")
REASON = pattern("kinds", "reason")
_DIGITS = re.compile(r"\d+")
_POINTER = re.compile(r"\b(?:following|below)\b", re.I)
_COUNTING = pattern("kinds", "amount")


@dataclass(frozen=True, slots=True)
class ScoredCandidate:
    """A candidate with its score, and the share of the question's terms that it and what belongs to it hold, [0, 1]."""

    score: float
    coverage: float
    candidate: Candidate
    matched_terms: frozenset[str] = frozenset()


@dataclass
class Material:
    """A question with the evidence that was found for it, best first, and what else may be opened.

    `documents` are those in scope, and `library` is where they are opened; both are empty where only the evidence is
    at hand. `relations` has the tables of the pages that a plan has looked at.
    """

    query: Query
    evidence: Sequence[Evidence]
    store: PageStore
    documents: Sequence[DocumentInfo] = ()
    library: DocumentStore | None = None
    relations: dict[tuple[str, int], tuple[Relation, ...]] = field(default_factory=dict)
    _pages: dict[str, tuple[Page, ...]] = field(default_factory=dict)
    _fronts: dict[str, str] = field(default_factory=dict)
    _languages: dict[str, str] = field(default_factory=dict)
    _on_pages: dict[tuple[str, int], list[Candidate]] = field(default_factory=dict)

    @cached_property
    def analysis(self) -> QuestionAnalysis:
        return analyze_question(self.query.content or self.query.words)

    @cached_property
    def wide_analysis(self) -> QuestionAnalysis:
        """The analysis with words of the evidence that mean nearly the same as those of the question that it lacks."""
        return with_near_words(self.analysis, (f"{e.title} {e.name} {e.heading} {e.text}" for e in self.evidence))

    @cached_property
    def candidates(self) -> list[Candidate]:
        """The passages of all evidence, each once."""
        result: dict[tuple[object, ...], Candidate] = {}
        for e in self.evidence:
            for c in self._candidates_of(e):
                result.setdefault((e.document, c.passage.places), c)
        return list(result.values())

    @cached_property
    def reading(self) -> Reading:
        """Returns the reader's result on the best entries."""
        return read(self.query.content or self.query.words, self.candidates)

    @cached_property
    def about(self) -> list[DocumentInfo]:
        """The documents that the question is about: those whose title or name says most of its words.

        Where none does, the one of the best evidence. Of documents in the evidence the first heading counts as well;
        no page of another document is loaded. Of those that say as much, one that is called what the question calls it,
        such as a report, comes first.
        """
        if len(self.documents) < 2:
            return list(self.documents)
        headings = {document: self._first_heading(document) for document in {e.document for e in self.evidence}}
        words = {info.id: frozenset(words_of(_names_of(info, headings.get(info.id, "")))) for info in self.documents}
        frequency = Counter(t for of_document in words.values() for t in of_document)
        literal = replace(self.analysis, synonyms={})
        weights = {
            info.id: sum(1 / max(1, frequency[t]) for t in literal.matched_terms(words[info.id]))
            for info in self.documents
        }
        most = max(weights.values())
        if most > 0:
            asked = frozenset(words_of(self.query.text))
            found = [info for info in self.documents if weights[info.id] >= 0.8 * most]
            return sorted(found, key=lambda info: -len(asked & words[info.id]))
        return [info for info in self.documents if self.evidence and info.id == self.evidence[0].document]

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The years that the question asks for, as the columns of the filing that it is about name them."""
        text = self.query.text
        if not names_period(text) and not quarters(text):
            return self.analysis.years
        name = " ".join(f"{info.title} {info.name}" for info in self.about[:1])
        return named_years(self.analysis.years, text, name, self._first_page)

    @property
    def year(self) -> str:
        """The first of the years that the question asks for, empty where it asks for none."""
        return next(iter(self.years), "")

    @property
    def names_reported_period(self) -> bool:
        """Whether the question names a period of the filing that it is about."""
        return names_period(self.query.text) and bool(self.reported_year)

    @property
    def reported_year(self) -> str:
        """The year of the last day that the filing asked about reports on; empty for other documents."""
        until = reported_until(self._first_page)
        return str(until.year) if until else ""

    @cached_property
    def _first_page(self) -> str:
        page = self.store.page(self.about[0].id, 0) if self.about and self.library else None
        return page.text if page else ""

    def front(self, document: str) -> str:
        """Returns the beginning and the edges of a document's first page, which name its subject."""
        if document not in self._fronts:
            page = self.store.page(document, 0) if self.library else None
            elements = page.elements if page else ()
            running = " ".join(e.text for e in elements if e.kind in RUNNING)
            body = [e for e in elements if e.kind not in RUNNING][:FRONT]
            first = " ".join(e.text for n, e in enumerate(body) if e.table is None and (not n or _is_short(e)))
            self._fronts[document] = f"{' '.join(first.split()[:FRONT_WORDS])} {running}"
        return self._fronts[document]

    def _first_heading(self, document: str) -> str:
        page = self.store.page(document, 0) if self.library else None
        return " ".join(e.text for e in page.elements[:3] if e.kind in HEADINGS) if page else ""

    def pages(self, document: str) -> tuple[Page, ...]:
        """Returns all pages of a document."""
        if document not in self._pages:
            self._pages[document] = self.library.pages(document) if self.library else ()
        return self._pages[document]

    def _page(self, document: str, number: int) -> Page:
        """Returns one page, without loading the others where they are not loaded yet."""
        page = None if document in self._pages else self.store.page(document, number)
        return page or self.pages(document)[number]

    def texts_beside(self, support: Iterable[Candidate]) -> list[str]:
        """Returns the texts of passages, of their pages, and the titles and names of their documents."""
        found = list(support)
        pages = (self.store.page(*place) for place in {(c.document, c.page) for c in found})
        names = {f"{c.evidence.title} | {c.evidence.name.replace('_', ' ')}" for c in found}
        own = [f"{c.passage.text} {c.passage.context} {c.passage.section}" for c in found]
        return [*own, *(page.text for page in pages if page), *names]

    def whole_page(self, document: str, number: int) -> Evidence:
        """Returns a page as evidence, all of what stands on it but running headers and footers."""
        page = self._page(document, number)
        assert self.library is not None
        info = self.library.info(document)
        score = max((e.score for e in self.evidence if e.document == document and e.page == number), default=1.0)
        return Evidence(
            id=EntryId.of_page(document, number),
            level=Level.PAGE,
            document=document,
            name=info.name,
            title=info.title,
            page=number,
            heading=info.title,
            text=page.text,
            regions=tuple(Region(number, e.box, e.index) for e in page.elements if e.kind not in RUNNING),
            score=score,
        )

    def page_candidates(self, document: str, numbers: Iterable[int] | None = None) -> list[Candidate]:
        """Returns the passages of whole pages of a document, of all where no numbers are given."""
        numbers = range(len(self.pages(document))) if numbers is None else numbers
        return [c for number in numbers for c in self._candidates_on(document, number)]

    def _candidates_on(self, document: str, number: int) -> list[Candidate]:
        if (document, number) not in self._on_pages:
            self._on_pages[document, number] = self._candidates_of(self.whole_page(document, number))
        return self._on_pages[document, number]

    def _candidates_of(self, evidence: Evidence) -> list[Candidate]:
        document = evidence.document
        result = with_lists(passages(evidence, self.store))
        return candidates(evidence, result, self.front(document), self._translation(document))

    def _translation(self, document: str) -> Translation | None:
        """Adds words in the document's language where the question is in another one."""
        if not self.is_foreign(document):
            return None
        return partial(translate, source=self.language(document), target=self.analysis.language.code)

    def is_foreign(self, document: str) -> bool:
        """Returns whether a document is in another language than the question."""
        return self.language(document) != self.analysis.language.code

    def language(self, document: str) -> str:
        """Returns the code of the language that a document's evidence is in.

        It is the question's where there is too little text.
        """
        if document not in self._languages:
            text = " ".join(e.text for e in self.evidence if e.document == document)
            words = [word for word in split(text) if len(word) > 1]
            result = language_of(" ".join(words))
            is_clear = sum(word in result.function for word in words) >= CLEAR * max(FEW_WORDS, len(words))
            self._languages[document] = result.code if is_clear else self.analysis.language.code
        return self._languages[document]

    def ranked(
        self,
        text: str = "",
        among: Sequence[Candidate] | None = None,
        fits: Callable[[Candidate], bool] | None = None,
    ) -> list[ScoredCandidate]:
        """Returns candidates by how well they answer, best first: the question's own words, or `text`'s."""
        if not text and among is None and fits is None:
            return self._ranked
        pool = self.candidates if among is None else among
        return rank(
            analyze_question(text) if text else self.wide_analysis, [c for c in pool if fits is None or fits(c)]
        )

    @cached_property
    def repeated_candidates(self) -> frozenset[Candidate]:
        """The candidates that stand on several pages of their document alike, as a footer does."""
        return repeated_candidates(self.candidates)

    @cached_property
    def _ranked(self) -> list[ScoredCandidate]:
        return rank(self.wide_analysis, self.candidates)


def _names_of(info: DocumentInfo, heading: str) -> str:
    name = info.name.rpartition(".")[0].replace("-", " ").replace("_", " ")
    return f"{info.title} {name} {heading}"


def _is_short(element: Element) -> bool:
    return len(element.lines) <= FRONT_LINES or len(element.text.split()) <= FRONT_WORDS


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
    edges = repeated_candidates(pool)
    scored = [_score(analysis, c, weight, total, names_by_page.get((c.document, c.page), frozenset())) for c in pool]
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
) -> ScoredCandidate:
    own_terms = analysis.matched_terms(c.words, c.spans)
    if analysis.price_terms and c.passage.row is None and states_price(c.passage.text):
        own_terms |= analysis.price_terms
    weights = dict.fromkeys(names_on_page, PAGE) | {t: NEAR if t in analysis.near else 1.0 for t in own_terms}
    for share, words, spans in c.around:
        for t in analysis.matched_terms(words, spans):
            weights[t] = max(weights.get(t, 0.0), share)
    share_of_terms = sum(weight[t] * share for t, share in weights.items()) / total
    covered = sum(weight[t] for t, share in weights.items() if share > BESIDE) / total
    news = c.words - set(analysis.terms)
    length = len(readable(c.passage).split())
    score = share_of_terms * min(1.0, 0.4 + 0.15 * length) * (1 if length <= 50 else 50 / length)
    if field_asked_for(analysis, c.passage):
        score *= NAMED
    if c.passage.row is not None and not analysis.matched_terms(_words_of_cells(c.passage.row)):
        score *= UNNAMED if own_terms <= analysis.matched_terms(_words_of_names(c.passage.row)) else 1
    score *= 1 if news else 0.3
    kind = holds_kind(analysis, c, news) and all(
        unit.stands_in(f"{readable(c.passage)} {c.passage.context}") for unit in analysis.units
    )
    is_name = c.passage.kind in HEADINGS and not (kind and analysis.answer_kind in (AnswerKind.WHO, AnswerKind.WHEN))
    score *= 0.5 if is_name or _POINTER.search(c.passage.text) else 1
    score *= 0.8 if c.passage.kind in FIGURES and length > 30 else 1
    score *= 1.6 if kind else 0.7 if analysis.answer_kind in (AnswerKind.AMOUNT, AnswerKind.WHEN) else 1
    score *= DATED if kind and analysis.answer_kind is AnswerKind.WHEN and DATE.search(readable(c.passage)) else 1
    score *= 1.3 if kind and analysis.money and states_price(readable(c.passage)) else 1
    if (
        any(f" {' '.join(name)} " in f" {c.spans} " for item, _ in analysis.items for name in item.analyzed_names)
        and c.passage.row
    ):
        score *= 1.4
    return ScoredCandidate(score * (0.6 + 0.4 * c.evidence.score), covered, c, frozenset(weights))


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
        if field := FIELD.match(place.text):
            label = [t for t in words_of(field["label"]) if t.isalpha()]
            if label and len(analysis.matched_terms(frozenset(label), " ".join(label))) >= len(set(label)):
                results.append(place.text)
    return results[0] if len(results) == 1 else ""


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
            return any(not _is_in_question(name, analysis) for name in PROPER.findall(cells_as_sentences))
        case AnswerKind.WHY:
            return bool(REASON.search(text))
        case _:
            return bool(_COUNTING.search(analysis.text)) and any(
                t[0].isdigit() and t not in analysis.years and not _is_year(t) for t in news
            )


def _word_number(text: str) -> bool:
    return bool(NUMBER.search(text))


def _is_year(term: str) -> bool:
    return len(term) == 4 and term[:2] in ("19", "20")


def _is_in_question(name: str, analysis: QuestionAnalysis) -> bool:
    return set(words_of(name)) <= set(analysis.terms)
