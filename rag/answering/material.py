"""The material of an answer without a model: the passages of the evidence, ranked, and the documents in scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from octavo.ingest import Element, Page, Region
from octavo.ingest.model import HEADINGS, RUNNING
from octavo.ingest.store.documents import DocumentInfo, DocumentStore
from octavo.rag.answering.candidates import Candidate, Translation, candidates
from octavo.rag.answering.named_pages import named_pages
from octavo.rag.answering.passages import passages, with_lists
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, with_near_words, words_of
from octavo.rag.answering.reading import Reading, read
from octavo.rag.answering.reporting import named_years, names_period, quarters, reported_until
from octavo.rag.answering.reranking import rerank
from octavo.rag.answering.scoring import ScoredCandidate, rank, repeated_candidates
from octavo.rag.entry import EntryId, Level
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import PageStore
from octavo.rag.query.concepts import translate
from octavo.rag.query.language import LEAST_WORDS, is_known, language_of, split
from octavo.rag.query.page_references import without_pages
from octavo.rag.query.question import Query

if TYPE_CHECKING:
    from octavo.rag.answering.plans.relation import Relation

CLEAR, FEW_WORDS = 0.15, 20
"""The least share of function words, and the least number of words, by which a document's language is known."""
CLEARER = 3
"""How many times as many function words as of the question's language tell a document of few of them, too."""
FRONT, FRONT_WORDS, FRONT_LINES = 2, 25, 3
"""Regions and words that a document begins with and that name it; a region after the first has few lines or words."""


Likeness = Callable[[str, Sequence[EntryId]], dict[EntryId, float] | None]


def no_likeness(question: str, ids: Sequence[EntryId]) -> dict[EntryId, float] | None:
    """Returns None: the likeness of entries to a question in another language is not known."""
    return None


@dataclass
class Material:
    """A question with its evidence, best first, and the documents that may be opened beside it.

    `documents` are those in scope, and `library` is where they are opened; both are empty where only the evidence is
    at hand. `likeness` tells how like entries are to a question in another language, where the embedding knows several
    (`Index.cross_lingual_likeness`). `relations` has the tables of the pages that a plan has looked at.
    """

    query: Query
    evidence: Sequence[Evidence]
    store: PageStore
    documents: Sequence[DocumentInfo] = ()
    library: DocumentStore | None = None
    likeness: Likeness = no_likeness
    relations: dict[tuple[str, int], tuple[Relation, ...]] = field(default_factory=dict)
    _pages: dict[str, tuple[Page, ...]] = field(default_factory=dict)
    _fronts: dict[str, str] = field(default_factory=dict)
    _languages: dict[str, str] = field(default_factory=dict)
    _on_pages: dict[tuple[str, int], list[Candidate]] = field(default_factory=dict)

    @cached_property
    def analysis(self) -> QuestionAnalysis:
        content = self.query.content or self.query.words
        return analyze_question((without_pages(content).strip() if self.named_pages else "") or content)

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
    def named_pages(self) -> frozenset[tuple[str, int]]:
        """The documents and pages of the evidence that the question names."""
        return named_pages(self.query.text, self.evidence, self.store, self.documents)

    @cached_property
    def quotable(self) -> list[Candidate]:
        """The passages that answers are quoted from: those of the pages that the question names, else all.

        All as well where the named pages say nothing of what is asked, as those of a picture do.
        """
        on_named = [c for c in self.candidates if (c.document, c.page) in self.named_pages]
        says_something = any(self.wide_analysis.matched_terms(c.words, c.spans) for c in on_named)
        return on_named if says_something else self.candidates

    @cached_property
    def reading(self) -> Reading:
        """Returns the reader's result on the best entries."""
        return read(self.query.content or self.query.words, self.quotable)

    @cached_property
    def reranked(self) -> list[ScoredCandidate]:
        """The ranked passages, the best of them reordered by their meaning."""
        return rerank(
            self.query.content or self.query.words, self._ranked, self.repeated_candidates, self._likenesses_across
        )

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
            question_words = frozenset(words_of(self.query.text))
            best = [info for info in self.documents if weights[info.id] >= 0.8 * most]
            order = list(dict.fromkeys(e.document for e in self.evidence))
            places = {document: n for n, document in enumerate(order)}
            return sorted(
                best, key=lambda info: (-len(question_words & words[info.id]), places.get(info.id, len(order)))
            )
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
        """True where the question names a period, and the filing that it is about states the last day of its own."""
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

    def page_numbers(self, count: int) -> list[int]:
        """Returns the pages, from 0, that the question names by number in a document of `count` pages."""
        return [n - 1 if n > 0 else count + n for n in self.query.pages if isinstance(n, int)]

    def _page(self, document: str, number: int) -> Page:
        """Returns one page, without loading the others where they are not loaded yet."""
        page = None if document in self._pages else self.store.page(document, number)
        return page or self.pages(document)[number]

    def texts_beside(self, support: Iterable[Candidate]) -> list[str]:
        """Returns the texts of passages, of their pages, and the titles and names of their documents."""
        passages = list(support)
        pages = (self.store.page(*place) for place in {(c.document, c.page) for c in passages})
        names = {f"{c.evidence.title} | {c.evidence.name.replace('_', ' ')}" for c in passages}
        own = [f"{c.passage.text} {c.passage.context} {c.passage.section}" for c in passages]
        return [*own, *(page.text for page in pages if page), *names]

    def whole_page(self, document: str, number: int) -> Evidence:
        """Returns a page as evidence, without running headers and footers."""
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

    def is_in_other_words(self, document: str) -> bool:
        """Returns whether a document is in another language than the question, or the question's is not known."""
        return self.is_foreign(document) or not is_known(self.query.text)

    @cached_property
    def is_across(self) -> bool:
        """True where the best evidence is in other words than the question, and its likeness to it is known."""
        first = self.evidence[0]
        if not self.is_in_other_words(first.document):
            return False
        return self.likeness(self.query.text, [EntryId.of_page(first.document, first.page)]) is not None

    def likeness_across(self, support: Sequence[Candidate]) -> float | None:
        """Returns how like the pages of passages are to a question in another language, 1 as its answer is.

        It is `None` where one is in the question's language, and where the embedding does not know several languages.
        """
        if not support or not all(self.is_in_other_words(c.document) for c in support):
            return None
        pages = sorted({EntryId.of_page(c.document, c.page) for c in support})
        likeness = self.likeness(self.query.text, pages)
        return None if likeness is None else max(likeness.values(), default=0.0)

    def _likenesses_across(self, some: Sequence[Candidate]) -> Sequence[float] | None:
        """Returns how like passages are to a question in another language, by the elements that they stand in."""
        if not all(self.is_in_other_words(c.document) for c in some):
            return None
        elements = [EntryId.of_element(*c.element) for c in some]
        likeness = self.likeness(self.query.text, sorted({*elements, *(c.evidence.id for c in some)}))
        if likeness is None:
            return None
        return [likeness.get(e, likeness.get(c.evidence.id, 0.0)) for e, c in zip(elements, some, strict=True)]

    def language(self, document: str) -> str:
        """Returns the code of the language that a document's evidence is in.

        It is the question's where there is too little text.
        """
        if document not in self._languages:
            text = " ".join(e.text for e in self.evidence if e.document == document)
            words = [word for word in split(text) if len(word) > 1]
            result = language_of(" ".join(words))
            own, asked = (sum(word in lang.function for word in words) for lang in (result, self.analysis.language))
            is_clear = own >= CLEAR * max(FEW_WORDS, len(words)) or own >= max(LEAST_WORDS, CLEARER * asked)
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
        return rank(self.wide_analysis, self.quotable)


def _names_of(info: DocumentInfo, heading: str) -> str:
    name = info.name.rpartition(".")[0].replace("-", " ").replace("_", " ")
    return f"{info.title} {name} {heading}"


def _is_short(element: Element) -> bool:
    return len(element.lines) <= FRONT_LINES or len(element.text.split()) <= FRONT_WORDS
