"""Extremes: which row, column or document has the highest or lowest number."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from octavo.rag.answering.candidates import BESIDE, Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply, Said
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.measures import measures_of
from octavo.rag.answering.plans.operands import Operand, of_cell
from octavo.rag.answering.plans.relation import is_number
from octavo.rag.answering.plans.rows import names_of
from octavo.rag.answering.plans.selection import Selection, column_of, noun_after, selections
from octavo.rag.answering.reporting import without_period
from octavo.rag.answering.wanted import Wanted, wanted, words_of
from octavo.rag.query.language import Asks

_ASKED = pattern("extremes", "asked")
_MOST = pattern("extremes", "most")
_LEAST = pattern("extremes", "least")
_SUPERLATIVE = pattern("extremes", "superlative")
_LESS = re.compile(r"(?:moins|menos|meno|minder|weniger|less)\b", re.I)
_TOTAL = frozenset(words_of("total sum overall gesamt summe average mean"))
_BOUND = pattern("extremes", "bound")
_COMPARED = pattern("extremes", "compared")
MOST_SHOWN, LOOKED_AT = 12, 3
ENOUGH = 0.8
"""The share of the question's terms that a passage holds which may say what is largest in other words."""


def extremes(material: Material) -> Reply | None:
    """The extreme of a column or row that the question names, with all that it was compared with."""
    text = material.query.text
    if not _ASKED.search(text) or compares(text):
        return None
    lowest, measures, said = _direction(material)
    if lowest is None:
        return None
    pairs = _COMPARED.search(text)
    if pairs is None and (reply := _of_selection(material, said, measures, lowest=lowest)):
        return reply
    series = _of_documents(material, measures) if pairs and len(material.about) > 1 else []
    generic = {t for word in material.wanted.language.generic for t in words_of(word)}
    noun = [] if pairs else [t for t in _noun(said)[-1:] if t not in generic]
    series = series or best_series(material, wanted(said).terms, measures, pairs, noun)
    if len(series) > 1:
        return _told(series, lowest=lowest, checked=_is_all_said(wanted(said), series, generic))
    if _is_stated(material):
        return None
    near = material.evidence[0]
    reason = "Nothing found that answers this: no passage compares what is asked for. "
    return Reply(reason=f"{reason}The nearest place is {near.name}, page {near.page + 1}.")


def _is_all_said(asked: Wanted, series: Sequence[tuple[str, Operand]], generic: Collection[str]) -> bool:
    """Returns whether the rows and what belongs to them say all of the question but generic words such as "month"."""
    said = set[str]()
    for c in (operand.candidate for _, operand in series):
        said |= asked.held(c.words, c.spans)
        for share, words, spans in c.around:
            said |= asked.held(words, spans) if share > BESIDE else set()
    return {t for t in asked.terms if t not in generic} <= said


def _is_stated(material: Material) -> bool:
    """Returns whether one of the passages that fit best says a superlative, or nearly all of the question."""
    for scored in material.ranked()[:LOOKED_AT]:
        text = scored.candidate.passage.text
        if scored.coverage >= ENOUGH or any(form.search(text) for form in (_MOST, _LEAST)):
            return True
        if any(measures_of(material.wanted.language, match[1])[0] for match in _SUPERLATIVE.finditer(text)):
            return True
    return False


def _told(series: Sequence[tuple[str, Operand]], *, lowest: bool, checked: bool = False) -> Reply:
    numbers = [o.quantity.amount for _, o in series]
    result = min(numbers) if lowest else max(numbers)
    winners = [(name, o) for (name, o), n in zip(series, numbers, strict=True) if n == result]
    label = "; ".join(f"{name}: {o.cell.text if o.cell else o.quantity.value}" for name, o in winners)
    rest = [(name, o) for name, o in series if (name, o) not in winners]
    others = ", ".join(f"{name} {o.cell.text if o.cell else ''}" for name, o in rest[:MOST_SHOWN])
    word = "lowest" if lowest else "highest"
    others += ", …" if len(rest) > MOST_SHOWN else ""
    support = tuple({o.candidate.passage.places: o.candidate for _, o in [*winners, *rest]}.values())
    return Reply((Said(f"{label} ({word} of {len(series)}; the others: {others})", support),), checked=checked)


def _of_selection(material: Material, said: str, measures: Sequence[str], *, lowest: bool) -> Reply | None:
    """The extreme of a column over the rows that the rest of the question selects."""
    asked, noun = wanted(said), _noun(said)
    for selection in selections(material, said):
        relation = selection.relation
        column = _measured(selection, asked, measures)
        label = names_of(selection) if asked.asks is Asks.WHO else column_of(selection, asked, noun)
        if column is None or selection.rest or (noun and label is None):
            continue
        series = [(relation.label(c, label or ""), relation.number(c, column)) for c in selection.rows]
        known = [(name, operand) for name, operand in series if operand]
        if len(known) > 1:
            return _told(known, lowest=lowest, checked=True)
    return None


def _noun(said: str) -> list[str]:
    """The terms of what is compared: `berth` of "which berth is"."""
    which = _ASKED.search(said)
    return noun_after(wanted(said), said[which.end() :]) if which else []


def _measured(selection: Selection, asked: Wanted, measures: Sequence[str]) -> str | None:
    """The column of numbers that a question names, or that a measure is called by."""
    measured = frozenset(t for m in measures for t in words_of(m))
    columns = [c for c in selection.relation.values if c not in selection.used]
    fits = [(len(asked.held(frozenset(words_of(c)))) + 1.5 * bool(measured & set(words_of(c))), c) for c in columns]
    best = max((fit for fit, _ in fits), default=0.0)
    chosen = [c for fit, c in fits if fit == best]
    return chosen[0] if best and len(chosen) == 1 else None


def _direction(material: Material) -> tuple[bool | None, tuple[str, ...], str]:
    """Returns whether the lowest is asked for, the measures that an adjective names, the question without its
    superlative."""
    text = material.query.text
    if material.names_reported_period:
        text = without_period(text)
    if _BOUND.search(text):
        return None, (), text
    for form, lowest in ((_LEAST, True), (_MOST, False)):
        if match := form.search(text):
            measures, _ = measures_of(material.wanted.language, match[0])
            return lowest, measures, form.sub(" ", text)
    for match in _SUPERLATIVE.finditer(text):
        measures, means_little = measures_of(material.wanted.language, match[1])
        if measures:
            is_less = bool(_LESS.match(match[0]))
            return means_little is not is_less, measures, text[: match.start()] + text[match.end() :]
    return None, (), text


def best_series(
    material: Material,
    terms: Sequence[str],
    measures: Sequence[str],
    pair: re.Match[str] | None,
    noun: Sequence[str] = (),
) -> list[tuple[str, Operand]]:
    """The column, or the row, of the one table whose names and surroundings say most of the question.

    They say a word of the `noun`, which is what is compared.
    """
    tables: dict[tuple[str, int, int], list[Candidate]] = {}
    for c in material.candidates:
        if c.passage.row is not None:
            tables.setdefault(c.element, []).append(c)
    best: tuple[float, list[tuple[str, Operand]]] = (0.0, [])
    asked = wanted(" ".join(terms))
    measured = frozenset(t for m in measures for t in words_of(m))
    for rows in tables.values():
        around = set[str]()
        for share, words, spans in rows[0].around:
            if share > 0.3:
                around |= asked.held(words, spans)
        around = {t for t in asked.terms if t in around}
        for name, series in _series(rows):
            own = frozenset(words_of(name))
            held = asked.held(own, " ".join(words_of(name)))
            in_labels = {t for t in asked.terms if any(t in words_of(label) for label, _ in series)}
            if not held and not measured & own and not (measured & frozenset(words_of(rows[0].passage.context))):
                continue
            if noun and not set(noun) & (held | in_labels | around):
                continue
            fit = len(held | in_labels) + 0.6 * len(around - held) + 1.5 * bool(measured & own)
            kept = [(label, o) for label, o in series if label.strip() and not _TOTAL & set(words_of(label))]
            if pair:
                kept = [(label, o) for label, o in kept if _is_one_of(label, pair)]
            else:
                kept = _of_kind(kept, {t for t in terms if any(t in words_of(label) for label, _ in kept)})
            fit += 0.001 * rows[0].evidence.score
            if len(kept) >= 2 and fit > best[0]:
                best = fit, kept
    count = max(1, len(asked.terms))
    return best[1] if best[0] >= 0.5 * count else []


def _of_kind(series: list[tuple[str, Operand]], terms: set[str]) -> list[tuple[str, Operand]]:
    """Returns the labels that hold the question's terms: of doors and hinges the doors, where several are."""
    named = [(label, o) for label, o in series if terms <= set(words_of(label))]
    return named if len(named) >= 2 else series


def _series(rows: Sequence[Candidate]) -> list[tuple[str, list[tuple[str, Operand]]]]:
    """Each column by its name with the rows' labels, each row by its label with the columns' names."""
    results: list[tuple[str, list[tuple[str, Operand]]]] = []
    columns: dict[tuple[str, ...], list[tuple[str, Operand]]] = {}
    for c in rows:
        row = c.passage.row
        if row is None:
            continue
        own = []
        for cell in row.values:
            if is_number(cell.text) and (operand := of_cell(c, cell)):
                columns.setdefault(cell.names, []).append((row.label, operand))
                own.append((" ".join(cell.names), operand))
        named = [pair for pair in own if pair[0]]
        if len(named) == len(own) > 1 and not all(re.search(r"\b(?:19|20)\d\d\b", name) for name, _ in named):
            results.append((row.label, named))
    return [(" ".join(names), series) for names, series in columns.items()] + results


def _is_one_of(label: str, pair: re.Match[str]) -> bool:
    words = set(words_of(label))
    return any(words and words <= set(words_of(side)) | _TOTAL for side in (pair[1], pair[2]))


def _of_documents(material: Material, measures: Sequence[str]) -> list[tuple[str, Operand]]:
    """The row of each document that the question is about which is called by the measure."""
    measured = frozenset(t for m in measures for t in words_of(m)) or frozenset(material.wanted.terms)
    result: dict[str, tuple[str, Operand]] = {}
    for c in material.candidates:
        row = c.passage.row
        if row is None or c.document in result or c.document not in {i.id for i in material.about}:
            continue
        if measured & set(words_of(row.label)) and row.values and (operand := of_cell(c, row.values[0])):
            result[c.document] = (c.evidence.title or c.evidence.name, operand)
    return list(result.values()) if len(result) > 1 else []
