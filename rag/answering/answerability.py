"""Answerability: whether a reply is likely enough to answer a question to be given, else there is no answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.cases import case_of
from octavo.rag.answering.chance import Signs, chance
from octavo.rag.answering.code_coverage import unsaid_codes
from octavo.rag.answering.coverage import check_coverage, meets_case, names_other_months, words_of_all
from octavo.rag.answering.material import Material
from octavo.rag.answering.near_words import nearness
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.question_analysis import QuestionAnalysis
from octavo.rag.answering.rarity import rarity
from octavo.rag.answering.scoring import ScoredCandidate
from octavo.rag.query.language import ENGLISH, is_known, split

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
    if meets_case(material, support):
        matched_terms |= case_of(analysis.text, analysis.language.code).terms
    signs = Signs(
        relevancy=material.evidence[0].score,
        coverage=_coverage(best, matched_terms, analysis, material.named_pages) if best else 0.0,
        unnamed=_unnamed(material, matched_terms, support),
        absent=bool(coverage.absent),
        asked=len(analysis.terms) + bool(material.named_pages),
        lacking=max((_weight_of(noun, material, support) for noun in coverage.lacking), default=0.0),
        likeness=_likeness(material),
        foreign=any(material.is_foreign(c.document) for c in support),
        around=coverage.around,
        across=material.likeness_across(support),
        is_known=is_known(material.query.text),
    )
    likely, threshold_of_quotes = chance(signs), quote_threshold(threshold)
    is_of_other_months = names_other_months(material, support)
    says_too_little = (signs.foreign or signs.across is not None) and not any(t.isalpha() for t in analysis.terms)
    reason, missing = "", tuple(dict.fromkeys((*coverage.absent, *coverage.lacking)))
    is_too_far = bool(reply.caveat and missing)
    if likely < threshold_of_quotes or says_too_little or is_of_other_months or is_too_far:
        if reply.caveat:
            reason = reply.caveat
        elif missing:
            reason = f"{_quote_names(missing)} stands nowhere near what was found"
        elif says_too_little:
            reason = "what was found, in another language, says too little of what is asked"
        else:
            reason = f"the chance that what was found answers it is {likely:.2f}, under {threshold_of_quotes:.2f}"
    return Assessment(likely, reason and explain_abstention(material, reason), signs, missing)


def _unnamed(material: Material, terms: frozenset[str], support: Sequence[Candidate]) -> float:
    """Returns the share of a question's names that its best passage lacks; one that its document says counts half."""
    names = material.analysis.names
    documents = {c.document for c in support}
    elsewhere = words_of_all(c for c in material.candidates if c.document in documents)
    return sum(UNNAMED_HERE if name in elsewhere else 1.0 for name in names - terms) / max(1, len(names))


def _coverage(
    best: ScoredCandidate,
    terms: frozenset[str],
    analysis: QuestionAnalysis,
    named_pages: frozenset[tuple[str, int]],
) -> float:
    """Returns the coverage of the best passage, with the terms of the asker's case that a passage meets.

    The page that a question names, where the passage stands, is one term more.
    """
    count = len(analysis.terms)
    more = len(terms.intersection(analysis.terms) - best.matched_terms) / max(1, count)
    coverage = min(1.0, best.coverage + more)
    is_on_page = (best.candidate.document, best.candidate.page) in named_pages
    return (coverage * count + 1) / (count + 1) if is_on_page else coverage


def _weight_of(noun: str, material: Material, support: Sequence[Candidate]) -> float:
    """Returns how much it counts that a noun stands nowhere: its rarity, less where a passage has a near word."""
    if material.analysis.language.code != ENGLISH:
        return USUAL_RARITY
    words = {word for c in support for word in split(f"{c.passage.text} {c.passage.section}")}
    nearest = nearness(noun, words - material.analysis.language.function)
    return rarity(noun) * (1 - min(1.0, max(0.0, nearest - FAR) / (NEAR - FAR)))


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


def _quote_names(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
