"""Yes or no: what a passage says to a question of that kind, and whether it depends on a condition."""

from __future__ import annotations

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.cases import asks_yes_or_no, case_of
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import LazyPattern, pattern
from octavo.rag.answering.question_analysis import QuestionAnalysis
from octavo.rag.answering.rows import NamedCell


def verdict(material: Material, best: Candidate, cell: NamedCell | None = None) -> str:
    """Returns yes, no or that there is a condition, in the question's language; empty where the passage says neither.

    Of a passage, the clause that says most of the question decides ("Hens may be kept, but no cockerels"). What an
    exception says of the question has the opposite verdict ("except with the delayed start", "without flash"), and a
    condition that the question names itself is none. A condition that the asker's case meets is none either, and one
    that it does not meet denies ("from 1 November", asked of October). Of a row, the `cell` that is asked for decides.
    """
    analysis, code = material.analysis, material.analysis.language.code
    if not asks_yes_or_no(material.query.text, code):
        return ""
    if pattern("verdict", "denies", code).search(material.query.text):
        return ""
    says = material.language(best.document)
    text = " ".join((*cell.names, cell.text)) if cell else best.passage.text
    clause = _clause(analysis, text, pattern("verdict", "contrast", says))
    main, exception = _split(clause, pattern("verdict", "excepts", says))
    before, condition = _split(main, pattern("verdict", "conditional", says))
    if not before.strip() and "," in condition:  # "If it rains, the walk is not held": the clause behind the comma
        condition, _, before = condition.partition(",")
    statement = before if before.strip() else main
    is_duty = bool(pattern("verdict", "duty", code).search(material.query.text))
    is_denied = any(pattern("verdict", form, says).search(statement) for form in ("denies", "nobody"))
    meets = case_of(material.query.text, code).meets(best.passage.text, says)
    if meets is False:
        return "" if is_denied else analysis.language.no
    if not is_denied and not meets and not pattern("verdict", "obliges" if is_duty else "affirms", says).search(main):
        return ""
    if analysis.matched_in(exception) - analysis.matched_in(main):
        return analysis.language.yes if is_denied else analysis.language.no
    included, excluded = _split(main, pattern("verdict", "excludes", says))
    is_excluded = bool(analysis.matched_in(excluded) - analysis.matched_in(included))
    if is_excluded and not pattern("verdict", "excludes", code).search(material.query.text):
        return analysis.language.yes if is_denied else analysis.language.no
    if condition and not meets and not analysis.matched_in(condition) - analysis.matched_in(before):
        return analysis.language.depends
    return analysis.language.no if is_denied else analysis.language.yes


def _clause(analysis: QuestionAnalysis, text: str, contrast: LazyPattern) -> str:
    """Returns the clause with the most terms of the question; the whole text where several have as many."""
    clauses = [clause for clause in contrast.sub("\n", text).split("\n") if clause.strip()]
    counts = [len(analysis.matched_in(clause)) for clause in clauses]
    most = max(counts, default=0)
    return clauses[counts.index(most)] if counts.count(most) == 1 else text


def _split(text: str, joint: LazyPattern) -> tuple[str, str]:
    """Returns what stands before the first match, and what stands after it."""
    match = joint.search(text)
    return (text[: match.start()], text[match.end() :]) if match else (text, "")
