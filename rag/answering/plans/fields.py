"""Fields of a form: the one whose value is of the kind that a question asks for, beside the one that it names."""

from __future__ import annotations

import re

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import dates, months
from octavo.rag.answering.material import Material
from octavo.rag.answering.moments import clock_times
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.answering.scoring import DATE
from octavo.rag.query.language import AnswerKind

_PERSON = re.compile(r"[^\d:;]*?\b[A-ZÀ-Þ][^\W\d_]*\.?(?:\s(?:van|von|de|da|di|zu))?\s[A-ZÀ-Þ][^\W\d_]+[^\d:;]*")


def field_of_kind(material: Material, best: Candidate) -> Candidate | None:
    """Returns the field of a form that has the person or the time which is asked for, where the best one has none.

    The label of a day stands in the same table and shares a word with the question or with the best field's label:
    "Event date" beside "Event". That of a person says the question's first or last word, which is its verb: "Inspected
    by"; a name under a label of which the question says nothing, such as "Premises", is no person that is asked for.
    """
    analysis, kind = material.analysis, material.analysis.answer_kind
    is_asked = kind is AnswerKind.WHEN or bool(analysis.matched_in(_label(best)))
    if kind not in (AnswerKind.WHO, AnswerKind.WHEN) or not _is_field(best) or (is_asked and _is_of_kind(best, kind)):
        return None
    words = [t for t in analysis.terms if t.isalpha()]
    verbs, label = {*words[:1], *words[-1:]}, set(words_of(_label(best)))
    fits: dict[Candidate, int] = {}
    for c in material.candidates:
        if (c.document, c.page) != (best.document, best.page) or not _is_field(c) or not _is_of_kind(c, kind):
            continue
        said = analysis.matched_in(_label(c))
        if kind is AnswerKind.WHEN and c.element == best.element:
            fits[c] = len(said | (label & set(words_of(_label(c)))))
        elif kind is AnswerKind.WHO and said & verbs:
            fits[c] = len(said)
    most = max(fits.values(), default=0)
    chosen = [c for c in fits if fits[c] == most]
    return chosen[0] if most and len(chosen) == 1 else None


def years_of_form(material: Material, document: str) -> frozenset[str]:
    """Returns the years of the first field of a document's form, on its first page, that states a date."""
    if not material.analysis.years:
        return frozenset()
    pool = material.page_candidates(document, [0]) if material.library else material.candidates
    fields = (c for c in pool if c.document == document and c.page == 0 and _is_field(c))
    days = (list(dates(_value(c))) for c in fields)
    return frozenset(str(day.year) for day in next(filter(None, days), []) if day.year)


def _is_field(c: Candidate) -> bool:
    return c.passage.row is not None and c.passage.row.is_field


def _label(c: Candidate) -> str:
    return c.passage.row.label if c.passage.row else ""


def _value(c: Candidate) -> str:
    return c.passage.row.values[0].text if c.passage.row else ""


def _is_of_kind(c: Candidate, kind: AnswerKind) -> bool:
    value = _value(c)
    if kind is AnswerKind.WHEN:
        return bool(DATE.search(value) or clock_times(value))
    return _PERSON.fullmatch(value) is not None and not months(value)
