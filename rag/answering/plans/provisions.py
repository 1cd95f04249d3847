"""Provisions: the sentence, item or row of a text whose condition speaks of the asker's case, and its yes or no."""

from __future__ import annotations

from octavo.rag.answering.cases import asks_yes_or_no, case_of
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.plans.lookup import cell_asked_for
from octavo.rag.answering.scoring import ScoredCandidate
from octavo.rag.answering.verdict import verdict

NEAR, NEAREST = 0.4, 40
"""The share of the best passage's score that such a provision has at least, of the best passages."""
NEARLY = 0.9
"""That share for one about a day, where no yes or no is asked for."""
BESIDE = 0.2
"""That share for one under the heading of a passage that nearly is the best one."""
BEST = 3
"""Passages under whose headings provisions are looked for."""


def provisions(material: Material) -> Reply | None:
    """Returns the provision that the asker's case meets; of a yes or no also one that it does not meet.

    `None` where the question tells no case, or where no provision speaks of it.
    """
    code = material.analysis.language.code
    case = case_of(material.query.text, code)
    is_verdict = asks_yes_or_no(material.query.text, code)
    ranked = material.reranked[:NEAREST] if case.amounts or case.days or (case and is_verdict) else []
    if not ranked:
        return None
    fitting = []
    for s in ranked:
        c = s.candidate
        if not _is_near(s, ranked):
            continue
        meets = case.meets(c.passage.text, material.language(c.document))
        is_likely = is_verdict or not case.days or s.score >= NEARLY * ranked[0].score
        if (meets and is_likely) or (meets is False and is_verdict):
            fitting.append(s)
    if not fitting:
        return None
    best = fitting[0].candidate
    says = verdict(material, best, cell_asked_for(material.analysis, best)) if is_verdict else ""
    if is_verdict and not says:
        return None
    paragraph = quote(best)
    first = Paragraph(f"{says}: {paragraph.text}" if says else paragraph.text, paragraph.support)
    others = tuple(quote(s.candidate) for s in ranked[:1] if s.candidate is not best)
    return Reply((first, *others), one_document=True)


def _is_near(s: ScoredCandidate, ranked: list[ScoredCandidate]) -> bool:
    first = ranked[0]
    if s.candidate.document != first.candidate.document:
        return False
    if s.score >= NEAR * first.score:
        return True
    headings = {(r.candidate.page, r.candidate.passage.section) for r in ranked[:BEST]}
    place = (s.candidate.page, s.candidate.passage.section)
    return s.score >= BESIDE * first.score and bool(place[1]) and place in headings
