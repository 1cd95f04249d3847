"""Line items of statements: the number of one, or of two side by side, in the period that is asked for."""

from __future__ import annotations

import re

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.compute.formulas import percentage
from octavo.rag.answering.plans.operands import Operand, cell_of, of_cell, of_item
from octavo.rag.answering.question_analysis import analyze_question, terms_of_words, words_of
from octavo.rag.answering.scoring import ScoredCandidate
from octavo.rag.query.domains import Item, finance
from octavo.rag.query.language import AnswerKind

_SHARE = pattern("compute", "part")
_AGAINST = pattern("compute", "against")
_OWNER = re.compile(r"\b([A-ZÀ-Þ][\w&.-]*)(?=['’]s\b|['’]\s)")
_REPORTED = terms_of_words(words("compute", "words_reported"))


def item(material: Material) -> Reply | None:
    """Returns the number of the one line item that a question asks for, or of the part of it that a row names."""
    line_items = finance().items_in(material.query.text)
    if (
        len(line_items) != 1
        or len(material.years) != 1
        or material.analysis.answer_kind not in (None, AnswerKind.AMOUNT)
    ):
        return None
    line_item, span = line_items[0]
    part = {t for t in material.analysis.terms if t not in span and not _belongs(material, t)}
    whole = _of_period(material, line_item)
    if part:
        operand = _part(material, line_item, part)
        if operand and _SHARE.search(material.query.text):
            return percentage(operand, whole) if whole and operand.quantity.amount <= whole.quantity.amount else None
        return Reply((Paragraph(operand.description, (operand.candidate,)),)) if operand else None
    return Reply((Paragraph(whole.description, (whole.candidate,)),)) if whole else None


def _part(material: Material, line_item: Item, part: set[str]) -> Operand | None:
    """Returns the number of the row that is called by all of a part's terms, in a table of the line item."""
    year = material.year
    tables = _tables_of(material, line_item)
    for c in material.candidates:
        row = c.passage.row
        if row is None or c.element not in tables:
            continue
        if not part <= material.analysis.matched_in(row.label):
            continue
        analysis = analyze_question(f"{row.label} {year}")
        cell = cell_of(analysis, ScoredCandidate(1.0, 1.0, c), year, material.query.text)
        operand = of_cell(c, cell) if cell else None
        if operand and operand.quantity.unit != "%":
            return operand
    return None


def _tables_of(material: Material, line_item: Item) -> set[tuple[str, int, int]]:
    """Returns the tables that are about a line item: it is a row of theirs, or stands above."""
    documents = {info.id for info in material.about}
    result = set()
    for c in material.candidates:
        row = c.passage.row
        if row is not None and c.document in documents:
            words = " ".join(words_of(f"{row.label} {row.above} {c.passage.context} {c.passage.section}"))
            if any(f" {' '.join(name)} " in f" {words} " for name in line_item.analyzed_names):
                result.add(c.element)
    return result


def against(material: Material) -> Reply | None:
    """Returns two line items of one period side by side, and the one as a part of the other."""
    line_items = finance().items_in(material.query.text)
    if not _AGAINST.search(material.query.text) or len(line_items) != 2:
        return None
    question = " ".join(words_of(material.query.text))
    first, second = (
        _of_period(material, i) for i, _ in sorted(line_items, key=lambda pair: question.find(" ".join(pair[1])))
    )
    if first is None or second is None or first.place == second.place:
        return None
    if first.quantity.scale != second.quantity.scale:
        return None
    share = percentage(first, second)
    return Reply(
        (*(Paragraph(o.description, (o.candidate,)) for o in (first, second)), *(share.paragraphs if share else ()))
    )


def _of_period(material: Material, line_item: Item) -> Operand | None:
    """Returns the number of a line item in the question's period, from the documents that the question is about."""
    documents = {info.id for info in material.about}
    pool = [c for c in material.candidates if c.document in documents]
    return of_item(material, line_item, material.year, pool)


def _belongs(material: Material, term: str) -> bool:
    """Returns whether a term names the company, the period or the report, and not what is asked of it."""
    names = [f"{info.title} {info.name} {material.front(info.id)}" for info in material.about]
    owner_words = words_of(" ".join([*names, *_OWNER.findall(material.query.text)]))
    return term in _REPORTED or term in owner_words or term[0].isdigit()
