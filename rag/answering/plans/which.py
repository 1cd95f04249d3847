"""Which documents: those that hold what the question describes, each with its passage."""

from __future__ import annotations

from dataclasses import replace

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.plans.matching import row_terms
from octavo.rag.answering.plans.measures import measures_of
from octavo.rag.answering.question_analysis import analyze_question, terms_of_words, words_of
from octavo.rag.answering.scoring import ScoredCandidate
from octavo.rag.answering.weights import term_weights
from octavo.rag.query.language import LEAST_WORDS, function_words, languages, split

ENOUGH, ALIKE, HALF = 0.6, 0.85, 0.5
"""The share of what the documents say of the question, by its rarity among them, that one of them must say, that share
of the best one's, and the share of the question's terms that the documents must say at all."""
_READING = terms_of_words(words("which", "words_reading"))
_CUE = pattern("which", "cue")
_EXTREME = tuple(pattern("extremes", name) for name in ("most", "least", "superlative"))
_NEEDED = pattern("which", "needed")
_LANGUAGE = pattern("which", "language")


def which(material: Material) -> Reply | None:
    """Returns the documents whose passages say what is asked nearly as fully as the best one does."""
    match = _CUE.search(material.query.text)
    if match is None or len(material.documents) < 2 or _NEEDED.search(material.query.text):
        return None
    if language := _LANGUAGE.search(material.query.text):
        return _in_language(material, language["language"], is_other=bool(language["not"]))
    analysis = analyze_question(match[1])
    analysis = replace(analysis, terms=tuple(t for t in analysis.terms if t not in _READING))
    cue = match[0].removesuffix(match[1])
    if not analysis.terms or _names_column(material, cue) or _is_extreme_row(material, cue, match[1]):
        return None
    best_of: dict[str, tuple[set[str], Candidate]] = {}
    for info in material.documents:
        pool = [c for c in material.candidates if c.document == info.id]
        if len(material.documents) <= 60:
            pool = material.page_candidates(info.id)
        if pool:
            own = [(analysis.matched_terms(c.words, c.spans), c) for c in pool]
            best_of[info.id] = max(own, key=lambda pair: len(pair[0]))
    terms_of_all = set[str]().union(*(terms for terms, _ in best_of.values()))
    if len(terms_of_all) < HALF * len(analysis.terms):
        return None
    weights = term_weights(terms_of_all, [terms for terms, _ in best_of.values()])
    total = sum(weights.values()) or 1.0
    best = {
        document: ScoredCandidate(share, share, c)
        for document, (terms, c) in best_of.items()
        for share in [sum(weights[t] for t in terms) / total]
    }
    most = max((s.score for s in best.values()), default=0.0)
    if most < ENOUGH:
        return None
    chosen = sorted((s for s in best.values() if s.score >= max(ENOUGH, ALIKE * most)), key=lambda s: -s.score)
    paragraphs = [
        Paragraph(f"- **{s.candidate.evidence.name}**: {quote(s.candidate).text}", (s.candidate,)) for s in chosen
    ]
    return Reply(tuple(paragraphs), checked=True)


def _names_column(material: Material, phrase: str) -> bool:
    """Returns whether the word for documents is the name of a table's column, as that of articles in a price list."""
    name = set(words_of(phrase.split()[-1])) if phrase.split() else set()
    rows = (c.passage.row for c in material.candidates if c.passage.row)
    return any(name == set(words_of(" ".join(cell.names))) for row in rows for cell in row.cells)


def _is_extreme_row(material: Material, phrase: str, rest: str) -> bool:
    """Returns whether the word for documents is one for rows, too, and the one with most or least is asked for."""
    is_row = not row_terms().isdisjoint(words_of(phrase.split()[-1])) if phrase.split() else False
    is_extreme = any(form.search(rest) for form in _EXTREME)
    return is_row and is_extreme and any(measures_of(material.analysis.language, word)[0] for word in split(rest))


def _in_language(material: Material, name: str, *, is_other: bool) -> Reply | None:
    """Returns the documents in a language; with `is_other`, those in another one."""
    code = next((c for c, language in languages().items() if language.name.lower() == name.lower()), "")
    paragraphs = []
    for info in material.documents:
        counts = function_words(" ".join(page.text for page in material.pages(info.id)[:3]))
        best = max(counts, key=lambda c: counts[c])
        if counts[best] >= LEAST_WORDS and (best == code) is not is_other:
            first = material.page_candidates(info.id, [0])[:1]
            paragraphs.append(Paragraph(f"- **{info.name}** ({info.title})", tuple(first)))
    return Reply(tuple(paragraphs), checked=True) if paragraphs else None
