"""Extremes of what a table does not state: a change between periods, a sum of columns, heights behind codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.moments import clock_times
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.grid import coded_groups
from octavo.rag.answering.plans.operands import Operand, of_cell
from octavo.rag.answering.plans.relation import Relation, cells_of, is_number, relations
from octavo.rag.answering.plans.selection import Selection, column_of, selections
from octavo.rag.answering.quantities import format_number
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, terms_of_words, words_of

_WHOLE = pattern("extremes", "whole")
_PERCENT = pattern("extremes", "percent")
MAX_OTHERS, MAX_CELLS = 12, 3
ENOUGH = 0.6
"""The share of a question's terms that a table with one column of numbers must say."""

Value = tuple[str, float, str, tuple[Candidate, ...]]
"""What is compared: its name, its number, how that is shown, and where it stands."""


def derived(
    material: Material, text: str, noun: Sequence[str], measures: Sequence[str], *, lowest: bool
) -> Reply | None:
    """Returns the extreme of changes, sums, coded cells or the only numbers of a table that fits the question."""
    analysis = analyze_question(text)
    generic = terms_of_words(analysis.language.generic)
    for selection in selections(material, text):
        if not generic.issuperset(selection.other_terms):
            continue
        label = column_of(selection, analysis, noun) or ""
        if selection.change:
            values = list(_changes(selection, label, in_percent=_PERCENT.search(material.query.text) is not None))
        elif _WHOLE.search(material.query.text):
            values = list(_sums(selection, label))
        else:
            continue
        if len(values) > 1:
            return _reply(values, lowest=lowest, checked=True)
    for relation in relations(material):
        if len(values := list(_coded(relation, analysis, generic))) > 1:
            return _reply(values, lowest=lowest, checked=True)
    return _of_measure(material, analysis, measures, generic, lowest=lowest)


def _changes(selection: Selection, label: str, *, in_percent: bool) -> Iterator[Value]:
    """Yields by how much each row rose or fell between the two periods that the question names."""
    assert selection.change is not None
    before, after = selection.change
    for c in selection.rows:
        a, b = selection.relation.number(c, before), selection.relation.number(c, after)
        if a is None or b is None or (in_percent and not a.quantity.value):
            continue
        change = b.quantity.value - a.quantity.value
        places = max(a.quantity.places, b.quantity.places)
        pair = " - ".join(format_number(o.quantity.value, o.quantity.places) for o in (b, a))
        formula = f"{format_number(change, places)} = {pair}"
        size = abs(change) / abs(a.quantity.value) if in_percent else abs(change)
        if in_percent:
            formula = f"{format_number(100 * change / a.quantity.value, 1)} %, {formula}"
        yield selection.relation.label(c, label), size, formula, (c,)


def _sums(selection: Selection, label: str) -> Iterator[Value]:
    """Yields the sums of the columns of numbers, where there are several and they are in one unit."""
    relation = selection.relation
    columns = [c for c in relation.values if c not in selection.used_columns]
    if len(columns) < 2:
        return
    for c in selection.rows:
        operands = [o for column in columns if (o := relation.number(c, column))]
        if len({o.quantity.unit for o in operands}) == 1 and len(operands) == len(columns):
            places = max(o.quantity.places for o in operands)
            total = sum(o.quantity.value for o in operands)
            parts = " + ".join(format_number(o.quantity.value, o.quantity.places) for o in operands)
            yield relation.label(c, label), total, f"{format_number(total, places)} = {parts}", (c,)


def _coded(relation: Relation, analysis: QuestionAnalysis, generic: Iterable[str]) -> Iterator[Value]:
    """Yields the numbers that stand behind the one code whose meaning the question says, as heights of low water."""
    meanings = {code: frozenset(words_of(text)) for code, text in relation.meanings.items() if code.isalpha()}
    codes = [code for code, words in meanings.items() if words and words <= analysis.matched_terms(words)]
    if len(codes) != 1:
        return
    for c in relation.counted:
        for code, cells in coded_groups(relation, c):
            numbers = [cell for cell in cells if is_number(cell.text) and not clock_times(cell.text)]
            operand = of_cell(c, numbers[0]) if code == codes[0] and len(numbers) == 1 else None
            if operand:
                cell_text = " ".join(cell.text for cell in cells)
                yield relation.label(c), operand.quantity.amount, cell_text, (c,)


def _of_measure(
    material: Material, analysis: QuestionAnalysis, measures: Sequence[str], generic: Iterable[str], *, lowest: bool
) -> Reply | None:
    """Returns the extreme of the column that the measure names, or of the only one, of the table that fits best."""
    measured = frozenset(t for m in measures for t in words_of(m))
    question_terms = {t for t in analysis.terms if t not in set(generic)}
    best: tuple[tuple[float, int], list[Value], bool] = ((0.0, 0), [], False)
    for relation in relations(material):
        measure_columns = [c for c in relation.values if measured & set(words_of(c))]
        columns = measure_columns or list(relation.values)
        if len(columns) != 1 or not question_terms or (measured and not measure_columns):
            continue
        words = relation.around | set(words_of(" ".join(relation.columns)))
        fit = len(analysis.matched_terms(frozenset(words)) & question_terms) / len(question_terms)
        order = fit, len(analysis.matched_in(" ".join(relation.columns)))
        if fit >= (0.5 if measure_columns else ENOUGH) and order > best[0]:
            numbers = [(c, relation.number(c, columns[0])) for c in relation.labelled]
            values: list[Value] = [(_name(relation, c), o.quantity.amount, _as_text(o), (c,)) for c, o in numbers if o]
            best = order, values, bool(measure_columns)
    return _reply(best[1], lowest=lowest, checked=best[2]) if len(best[1]) > 1 else None


def _as_text(operand: Operand) -> str:
    return operand.cell.text if operand.cell else ""


def _name(relation: Relation, c: Candidate) -> str:
    """Returns the cells of a row that are no numbers, which name it."""
    texts = [cell.text for n, cell in enumerate(cells_of(c)) if not n or not is_number(cell.text)]
    return ", ".join(filter(None, texts[:MAX_CELLS]))


def _reply(values: Sequence[Value], *, lowest: bool, checked: bool = False) -> Reply:
    best = (min if lowest else max)(number for _, number, _, _ in values)
    winners = [value for value in values if value[1] == best]
    others = [value for value in values if value[1] != best]
    winner_text = "; ".join(f"{name}: {value_text}" for name, _, value_text, _ in winners)
    following = sorted(others, key=lambda value: value[1], reverse=not lowest)[:1]
    rest = "".join(f"; next: {name} {value_text}" for name, _, value_text, _ in following)
    word = "lowest" if lowest else "highest"
    text = f"{winner_text} ({word} of {len(values)}{rest})"
    support = tuple(dict.fromkeys(c for *_, sources in [*winners, *others] for c in sources))
    return Reply((Paragraph(text, support),), checked=checked)
