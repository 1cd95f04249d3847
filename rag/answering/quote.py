"""Answers without a model: named plans over the passages, cells and documents that were found, with their boxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from octavo.ingest.model import FIGURES
from octavo.ingest.picture_words import picture_words
from octavo.ingest.store.documents import DocumentInfo, DocumentStore
from octavo.rag.answering.answerability import Assessment, assess
from octavo.rag.answering.base import Answerer
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.citations import cite_passages, cite_regions
from octavo.rag.answering.date_format import date_format, state_dates
from octavo.rag.answering.extent import add_antecedents, add_headings, widen
from octavo.rag.answering.material import Material, no_likeness
from octavo.rag.answering.plans import PLANS, Paragraph, Reply
from octavo.rag.answering.plans.binding import explained_terms
from octavo.rag.answering.plans.lookup import MAX_QUOTES as MAX_QUOTES
from octavo.rag.answering.plans.periods import best_of_each, is_over_documents
from octavo.rag.answering.question_analysis import analyze_question, words_of, words_of_names
from octavo.rag.documents import DocumentsInScope
from octavo.rag.entry import EntryId
from octavo.rag.evidence import Answer, Citation, Delta, Evidence, Finished
from octavo.rag.image_source import PageStore
from octavo.rag.query.analysis import terms
from octavo.rag.query.question import Query, parse_query
from octavo.rag.settings import PlanOptions

NOTICE = "Quoted from the documents; no model wrote this."
ALL_PLANS = PlanOptions()
PARAGRAPHS_OF_PART = 2
"""Paragraphs that answer one part of a question."""
OF_TABLES = frozenset({"tariffs", "rows", "grid", "chronology", "extremes", "compute", "select"})
"""Plans over cells and numbers, which leave a question to the passage that says all of it."""
MAX_EVIDENCE = 15
"""Entries whose passages are looked through for what to quote."""


class QuoteAnswerer(Answerer):
    """Answers by the first of `plans` that fits the question, and says that no model wrote it."""

    def __init__(self, pages: PageStore, plans: PlanOptions = ALL_PLANS) -> None:
        self._pages = pages
        self._plans = {name: plan for name, plan in PLANS.items() if name not in plans.off}

    def stream(
        self, question: str, evidence: Sequence[Evidence], picture: bytes | None = None
    ) -> Iterator[Delta | Finished]:
        text = question if question.strip() or picture is None else picture_words(picture)
        material = Material(parse_query(text), evidence, self._pages)
        yield from _as_events(self._finish(question, material, *self._reply(material)))

    def choose_given(self, question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Returns those that say something of what is asked; others would only be repeated."""
        question_terms = set(terms(question, stop_words=False))
        return [replace(e, kind=None) for e in evidence if question_terms & set(terms(e.text, stop_words=False))]

    def consider(
        self,
        query: Query,
        candidates: Sequence[Evidence],
        documents: Sequence[DocumentInfo],
        threshold: float,
        k: int,
    ) -> Answer | None:
        """Returns an answer from all that was looked at, best first, and from the documents in scope.

        It may be a reason for none.

        With a `threshold` of 0 there is always an answer.
        """
        if not isinstance(self._pages, DocumentStore) or not candidates:
            return None
        material = self._material(query, candidates, documents)
        if not threshold:
            return self._finish(query.text, material, *self._reply(material), k)
        material, reply, plan, assessment = self._assessed(material, candidates, threshold)
        if assessment.reason:
            return Answer(query.text, assessment.reason, abstained=True, plan=plan)
        return self._finish(query.text, material, reply, plan, k)

    def assess(
        self, query: Query, candidates: Sequence[Evidence], documents: Sequence[DocumentInfo], threshold: float
    ) -> Assessment:
        """Returns how likely the answer that `consider` gives is one."""
        return self._assessed(self._material(query, candidates, documents), candidates, threshold)[3]

    def _assessed(
        self, material: Material, candidates: Sequence[Evidence], threshold: float
    ) -> tuple[Material, Reply, str, Assessment]:
        """Returns a reply, its plan and its assessment; where it is refused, that of another document if it is not."""
        reply, plan = self._reply(material)
        assessment = assess(material, reply, threshold)
        is_refused = threshold and assessment.reason
        if is_refused and (other := self._of_other_document(material, candidates, reply, assessment.missing)):
            again, plan_again = self._reply(other)
            assessed_again = assess(other, again, threshold)
            if not assessed_again.reason and not again.caveat:
                return other, again, plan_again, assessed_again
        return material, reply, plan, assessment

    def _material(self, query: Query, candidates: Sequence[Evidence], documents: Sequence[DocumentInfo]) -> Material:
        library = self._pages if isinstance(self._pages, DocumentStore) else None
        considered = [*candidates[:MAX_EVIDENCE], *_saying_more(query, candidates)]
        if is_over_documents(query.text):
            considered = best_of_each(candidates, MAX_EVIDENCE)
        likeness = documents.likeness if isinstance(documents, DocumentsInScope) else no_likeness
        return Material(query, considered, self._pages, documents, library, likeness)

    def _of_other_document(
        self, material: Material, candidates: Sequence[Evidence], reply: Reply, missing: Sequence[str]
    ) -> Material | None:
        """Returns the material of the one document that says most of the words that a reply's documents lack.

        It says more of the question than they do.
        """
        assessed = reply.paragraphs[:1] if reply.one_document else reply.paragraphs
        own = {c.document for paragraph in assessed for c in paragraph.support}
        evidence = defaultdict(list)
        for e in candidates:
            evidence[e.document].append(e)
        words_of_own = words_of_names(*(_text_of(e) for document in own for e in evidence.pop(document, [])))
        said_by_own = material.analysis.matched_terms(words_of_own)
        phrases = [set(words_of(phrase)) for phrase in missing]
        counts = dict[str, tuple[int, int]]()
        for document, entries in evidence.items():
            words = words_of_names(*map(_text_of, entries))
            said = material.analysis.matched_terms(words)
            if len(said) > len(said_by_own):
                counts[document] = sum(phrase <= words | said for phrase in phrases), len(said)
        best = max(counts, key=lambda d: counts[d], default=None)
        if best is None or not counts[best][0]:
            return None
        own_evidence = evidence[best][:MAX_EVIDENCE]
        return Material(
            material.query, own_evidence, self._pages, material.documents, material.library, material.likeness
        )

    def _reply(self, material: Material) -> tuple[Reply, str]:
        """Returns the first plan's reply, and its name."""
        for name, plan in self._plans.items():
            reply = plan(material)
            if reply is not None and reply.questions:
                reply = self._answer_parts(material, reply.questions)
            if reply is not None and not (name in OF_TABLES and _is_said_better(material, reply)):
                return reply, name
        return Reply(), ""

    def _answer_parts(self, material: Material, questions: Sequence[str]) -> Reply | None:
        """Returns what comes first in the answers to both questions; `None` where one has none."""
        paragraphs: list[Paragraph] = []
        checked = True
        for question in questions:
            part = replace(material, query=parse_query(question))
            if paragraphs and not part.analysis.names:  # a second part goes on about the same document
                document = paragraphs[0].support[0].document
                part = replace(part, evidence=[e for e in material.evidence if e.document == document])
            reply, _ = self._reply(part)
            if reply.reason or not reply.paragraphs:
                return None
            paragraphs += [
                paragraph for paragraph in reply.paragraphs[:PARAGRAPHS_OF_PART] if paragraph not in paragraphs
            ]
            checked = checked and reply.checked
        return Reply(tuple(paragraphs), checked=checked)

    def _finish(self, question: str, material: Material, reply: Reply, plan: str, k: int = 0) -> Answer:
        """Returns the reply as text with numbered citations.

        With `k`, its evidence is what it uses, then the best others.
        """
        reply = add_antecedents(material, widen(material, reply) if reply.one_document else reply)
        reply = add_headings(material, reply) if reply.one_document else reply
        evidence = list(material.evidence)
        if k:
            used = list(
                {c.evidence.id: c.evidence for paragraph in reply.paragraphs for c in paragraph.support}.values()
            )
            ids = {e.id for e in used}
            evidence = [*used, *(e for e in evidence if e.id not in ids)][: max(k, len(used))]
        numbers = {e.id: n for n, e in reversed(list(enumerate(evidence, 1)))}
        parts, citations_of_all, form = [], list[Citation](), date_format(question)
        for paragraph in reply.paragraphs:
            marks = "".join(f"[{n}]" for n in dict.fromkeys(numbers[c.evidence.id] for c in paragraph.support))
            text = state_dates(paragraph.text, form) if form else paragraph.text
            parts.append(f"{text} {marks}".rstrip())
            citations_of_all += _citations_of(paragraph.support, numbers, evidence)
        if not parts:
            first = evidence[0]
            parts = [f"The nearest place holds no words to quote: see {first.name}, page {first.page + 1} [1]."]
        elif reply.caveat:
            parts[0] = f"{reply.caveat[:1].upper()}{reply.caveat[1:]}; the nearest is: {parts[0]}"
        text = "".join(f"{part}\n\n" for part in parts) + NOTICE
        citations = tuple(dict.fromkeys(citations_of_all)) or cite_regions(1, evidence[0])
        return Answer(question, text, citations, tuple(evidence), plan=plan)


def _is_said_better(material: Material, reply: Reply) -> bool:
    """Returns whether the best sentence says all terms of a question, and what a plan took half of them at most."""
    support = [c for paragraph in reply.paragraphs for c in paragraph.support]
    terms = set(material.analysis.terms)
    said = explained_terms(material, support) & terms
    if not support or len(said) > len(terms) / 2:
        return False
    best = material.ranked()[0]
    c = best.candidate
    is_sentence = c.passage.row is None and c.passage.kind not in FIGURES
    names = {t for t in terms if t in material.analysis.names or t[0].isdigit()}
    return is_sentence and names <= c.words and terms <= best.matched_terms


def _saying_more(query: Query, candidates: Sequence[Evidence]) -> list[Evidence]:
    """Returns, for each term of a question that the first candidates lack, the best of the others that says it."""
    first, others = candidates[:MAX_EVIDENCE], candidates[MAX_EVIDENCE:]
    lacking = set(analyze_question(query.content or query.words).terms).difference(*map(_words, first))
    words = list(map(_words, others)) if lacking else []
    places = (next((n for n, own in enumerate(words) if term in own), None) for term in sorted(lacking))
    return [others[n] for n in dict.fromkeys(places) if n is not None]


def _words(e: Evidence) -> frozenset[str]:
    return words_of_names(_text_of(e))


def _text_of(e: Evidence) -> str:
    return f"{e.title} {e.name} {e.heading} {e.text}"


def _citations_of(
    support: Sequence[Candidate], numbers: dict[EntryId, int], evidence: Sequence[Evidence]
) -> list[Citation]:
    result = list[Citation]()
    for n in dict.fromkeys(numbers[c.evidence.id] for c in support):
        quoted = [c.passage for c in support if numbers[c.evidence.id] == n]
        result += cite_passages(n, evidence[n - 1], quoted)
    return result


def _as_events(answer: Answer) -> Iterator[Delta | Finished]:
    for piece in answer.text.split("\n\n")[:-1]:
        yield Delta(f"{piece}\n\n")
    yield Delta(answer.text.rpartition("\n\n")[2])
    yield Finished(answer)
