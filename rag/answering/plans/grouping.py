"""Groups: which name stands in most rows of a table, or comes to most over its rows: sections by their members."""

from __future__ import annotations

from collections.abc import Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.matching import row_terms
from octavo.rag.answering.plans.relation import Relation, cell_in
from octavo.rag.answering.plans.selection import Selection, label_asked_for, selections
from octavo.rag.answering.quantities import format_number
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, terms_of_words, words_of


def largest_group(material: Material, text: str, noun: Sequence[str], *, lowest: bool) -> Reply | None:
    """Returns the name whose rows are most, or come to most in the column that the question names."""
    analysis = analyze_question(text)
    for selection in selections(material, text):
        relation = selection.relation
        column = label_asked_for(selection, analysis, noun)
        if column is None:
            continue
        groups: dict[str, list[Candidate]] = {}
        for c in selection.rows:
            if (cell := cell_in(c, column)) and cell.text.strip():
                groups.setdefault(cell.text.strip(), []).append(c)
        if not 1 < len(groups) < len(selection.rows):
            continue
        rest = set(analysis.terms) - set(words_of(column)) - set(noun)
        added = [v for v in relation.values if v not in selection.used_columns and rest & analysis.matched_in(v)]
        if len(added) == 1:
            return _reply(
                {name: _sum(relation, rows, added[0]) for name, rows in groups.items()}, groups, lowest=lowest
            )
        if not added and _counts_rows(analysis, selection, rest):
            return _reply({name: float(len(rows)) for name, rows in groups.items()}, groups, lowest=lowest)
    return None


def _counts_rows(analysis: QuestionAnalysis, selection: Selection, rest: set[str]) -> bool:
    """Returns whether what a question counts are rows: by their label, their heading, or as people."""
    relation = selection.relation
    people = terms_of_words(analysis.language.people) if relation.names else frozenset[str]()
    label = analysis.matched_in(relation.columns[0]) | analysis.matched_terms(relation.around)
    members = {t for t in rest if t in people or t in row_terms()}
    terms = rest - terms_of_words(analysis.language.conditions.verbs) - set(selection.said_by_cells)
    return bool(terms) and terms <= label | members


def _sum(relation: Relation, rows: Sequence[Candidate], column: str) -> float:
    return sum(operand.quantity.amount for c in rows if (operand := relation.number(c, column)))


def _reply(values: dict[str, float], groups: dict[str, list[Candidate]], *, lowest: bool) -> Reply | None:
    best = (min if lowest else max)(values.values())
    winners = [name for name, value in values.items() if value == best]
    if len(winners) == len(values):
        return None
    places = 0 if all(value == round(value) for value in values.values()) else 2
    best_values = "; ".join(f"{name}: {format_number(best, places)}" for name in winners)
    others = sorted((v for name, v in values.items() if name not in winners), reverse=not lowest)
    following = [f"{name} {format_number(value, places)}" for name, value in values.items() if value == others[0]]
    word = "lowest" if lowest else "highest"
    text = f"{best_values} ({word} of {len(values)}; next: {', '.join(following)})"
    support = tuple(c for rows in groups.values() for c in rows)
    return Reply((Paragraph(text, support),), checked=True)
