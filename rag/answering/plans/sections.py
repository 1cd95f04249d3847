"""Sections and pages: the text under a heading that a question names by number or words, or on a page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from octavo.ingest import Kind
from octavo.ingest.model import HEADINGS
from octavo.ingest.store.documents import DocumentInfo
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.question_analysis import analyze_question, terms_of_words, words_of
from octavo.rag.query.analysis import STOP_WORDS

MAX_PASSAGES, MAX_WORDS = 12, 160
_CUE = pattern("sections", "cue")
_NUMBERED = pattern("sections", "numbered")
_NAMED = pattern("sections", "named")
_LEADING = pattern("sections", "leading")
_SLIDE = pattern("sections", "slide")
_OPENINGS = ("section", "clause", "article", "note", "§")
HEADING_WORDS = 8
"""Words at most of a line of plain text that is a heading."""
_DECKS = (".pptx", ".ppt", ".odp")
_REST = terms_of_words(words("sections", "words_rest"))
_PLACES = terms_of_words(words("sections", "words_place"))
"""Words of a place in a document, which name none."""
_SIGNS = re.compile(r"[-_.]")


def sections(material: Material) -> Reply | None:
    """Returns the text under the heading, or of the page, that the question names, or a refusal where there is none."""
    text = material.query.text
    if not material.documents or not _CUE.search(text):
        return None
    numbered, name_match = _NUMBERED.search(text), _NAMED.search(text)
    if numbered:
        if _asks_more(material, text):
            return None
        about = _by_name(material)
        results = next(filter(None, (_under_number(material, info, numbered[2]) for info in about)), [])
        names = " or ".join(info.name for info in about[:3])
        return _reply(results) or Reply(
            reason=f"Nothing found that answers this: {names} has no {numbered[1].lower()} {numbered[2]}."
        )
    if name_match:
        if _asks_more(material, text, next(filter(None, name_match.groups()))):
            return None
        return _reply(
            [c for info in material.about for c in _under_name(material, info, next(filter(None, name_match.groups())))]
        )
    if material.query.pages and not _asks_more(material, text):
        return _on_pages(material)
    return None


def _asks_more(material: Material, text: str, place: str = "") -> bool:
    """Returns whether a question asks for more than the place: its other words are no part of the document's name."""
    titles = frozenset(
        words_of(" ".join(_SIGNS.sub(" ", f"{i.title} {i.name} {material.front(i.id)}") for i in _by_name(material)))
    )
    own = titles.union(words_of(place))
    rest = [t for t in material.analysis.terms if t not in _REST and not t[0].isdigit() and t not in own]
    return len(rest) > (1 if len(material.documents) > 1 else 0) and bool(rest)


def _by_name(material: Material) -> list[DocumentInfo]:
    """Returns the documents whose name, title or beginning says most of a question's words but those of the place.

    The rarer a word is among their names, the more it counts; where none says any, those that the question is about.
    """
    own = frozenset(words_of(material.query.text)) - terms_of_words(STOP_WORDS) - _PLACES
    words = {t for t in own if t.isalpha()}
    names = {
        info.id: words.intersection(words_of(_SIGNS.sub(" ", f"{info.title} {info.name} {material.front(info.id)}")))
        for info in material.documents
        if info in material.about or _is_near(material, info)
    }
    frequency = Counter(t for terms in names.values() for t in terms)
    weights = {document: sum(1 / frequency[t] for t in terms) for document, terms in names.items()}
    most = max(weights.values(), default=0.0)
    return [info for info in material.documents if most and weights.get(info.id) == most] or material.about


def _is_near(material: Material, info: DocumentInfo) -> bool:
    """Returns whether a document is in the evidence, or its name or title says a word of the question."""
    own = frozenset(words_of(_SIGNS.sub(" ", f"{info.title} {info.name}")))
    return any(e.document == info.id for e in material.evidence) or not own.isdisjoint(words_of(material.query.text))


def _on_pages(material: Material) -> Reply | None:
    results: list[Candidate] = []
    about = _slides(material) or _by_name(material)
    for info in about:
        count = len(material.pages(info.id))
        labels = [page.label for page in material.pages(info.id)]
        for n in material.query.pages:
            number = (n - 1 if n > 0 else count + n) if isinstance(n, int) else -1
            if str(n) in labels:
                number = labels.index(str(n))
            if 0 <= number < count:
                results += material.page_candidates(info.id, [number])
    if results:
        return _reply(results)
    info = about[0]
    return Reply(reason=f"Nothing found that answers this: {info.name} has {info.pages} pages.")


def _slides(material: Material) -> list[DocumentInfo]:
    """Returns the presentations in scope, where a slide is asked for and the question is about none of them."""
    if not _SLIDE.search(material.query.text) or any(info.name.lower().endswith(_DECKS) for info in _by_name(material)):
        return []
    return [info for info in material.documents if info.name.lower().endswith(_DECKS)]


def _under_number(material: Material, info: DocumentInfo, number: str) -> list[Candidate]:
    """Returns the elements under the heading with this number, until one of another number; contents pages are left
    out."""
    results: list[Candidate] = []
    inside = False
    for c in material.page_candidates(info.id):
        if c.passage.kind in HEADINGS or _opens_section(c.passage.text):
            leading = _LEADING.match(f"{c.passage.text} ")
            if leading:
                inside = leading[1].lower() == number.lower() or leading[1].startswith(f"{number}.")
            elif inside and c.passage.kind is Kind.TITLE:
                inside = False
        if inside:
            results.append(c)
    return results


def _opens_section(text: str) -> bool:
    """Returns whether a line of plain text may be the heading of a numbered section."""
    is_short = len(text.split()) <= HEADING_WORDS and not text.rstrip().endswith((".", ";"))
    return text.lower().startswith(_OPENINGS) or (is_short and _LEADING.match(f"{text} ") is not None)


def _under_name(material: Material, info: DocumentInfo, name: str) -> list[Candidate]:
    analysis = frozenset(analyze_question(name).terms)
    return [
        c
        for c in material.page_candidates(info.id)
        if analysis and c.passage.section and analysis <= frozenset(words_of(c.passage.section))
    ]


def _reply(candidates: Sequence[Candidate]) -> Reply | None:
    """Returns the passages in order: headings in bold, the text under each, and rows on lines of their own."""
    selected: list[Candidate] = []
    words = 0
    for c in candidates[:MAX_PASSAGES]:
        words += len(c.passage.text.split())
        if selected and words > MAX_WORDS:
            break
        selected.append(c)
    if not any(c.passage.kind not in HEADINGS for c in selected):
        return None
    paragraphs: list[Paragraph] = []
    group: list[Candidate] = []
    for c in selected:
        if c.passage.kind in HEADINGS:
            paragraphs += [quote(*group)] if group else []
            group = []
            paragraphs.append(Paragraph(f"**{c.passage.text}**", (c,)))
        elif c.passage.row is not None:
            paragraphs += [quote(*group)] if group else []
            group = []
            paragraphs.append(quote(c))
        else:
            group.append(c)
    paragraphs += [quote(*group)] if group else []
    return Reply(tuple(paragraphs), checked=True)
