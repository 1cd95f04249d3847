"""Metrics of accounting: as a row or a sentence states them, else by their formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.plans.compute.formulas import support, value
from octavo.rag.answering.plans.operands import Operand, cell_of, first_of, of_cell, of_item
from octavo.rag.answering.quantities import format_number
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.answering.reporting import stated_percentage
from octavo.rag.answering.scoring import ScoredCandidate
from octavo.rag.query.domains import DerivedMetric, finance

MOST_YEARS = 3
_TREND = pattern("compute", "trend")
_PERCENT = frozenset(words_of("percentage percent pct rate total"))
"""Words beside a metric's name in the label of its row."""


def metric(material: Material) -> Reply | None:
    """Returns a metric of accounting, of each year that is asked for; of a trend, of the year before as well."""
    metric = finance().metric(material.query.text)
    if metric is None:
        return None
    years = list(material.years)
    if _TREND.search(material.query.text) and len(years) < 2 and (latest := "".join(years) or material.reported_year):
        years = [latest, str(int(latest) - 1)]
    paragraphs: list[Paragraph] = []
    for year in years[:MOST_YEARS] or [""]:
        stated = list(_stated_values(material, metric, year))
        is_whole = any("%" in s.text for s in stated) or metric.form != "percent"
        is_known = (stated and is_whole) or _adjusted_words(material)
        computed = None if is_known else _by_formula(material, metric, year)
        if not stated and computed is None:
            return None
        paragraphs += [*stated, *([computed] if computed else [])]
    return Reply(tuple(dict.fromkeys(paragraphs)), checked=True)


def _stated_values(material: Material, metric: DerivedMetric, year: str) -> Iterator[Paragraph]:
    """Yields the rows that are called by the metric's own name, or a sentence that says its percentage."""
    documents = {info.id for info in material.about}
    pool = [c for c in material.candidates if c.document in documents] or material.candidates
    names = [words_of(f"{adjusted} {name}") for name in metric.names for adjusted in _adjusted_words(material) or ("",)]
    labels = dict[tuple[str, ...], Paragraph]()
    for c in pool:
        row = c.passage.row
        label = words_of(row.label) if row else ()
        plain = tuple(t for t in label if t not in _PERCENT or any(t in name for name in names))
        if row is None or label in labels or not any(plain == name for name in names):
            continue
        cell = cell_of(material.analysis, ScoredCandidate(1.0, 1.0, c), year, material.query.text) or first_of(c, year)
        operand = of_cell(c, cell) if cell else None
        if operand:
            labels[label] = Paragraph(operand.description, (c,))
    if labels:
        yield from labels.values()
        return
    if metric.form == "percent" and not _adjusted_words(material):
        statements = (c for c in pool if c.passage.row is None and _says(metric, c, year))
        yield from (quote(c) for c in [next(statements, None)] if c)


def _adjusted_words(material: Material) -> tuple[str, ...]:
    """Returns the words of a question that ask for a measure as a company adjusts it, which no formula gives."""
    text = f" {' '.join(words_of(material.query.text))} "
    return tuple(word for word in finance().not_stated if f" {' '.join(words_of(word))} " in text)


def _says(metric: DerivedMetric, c: Candidate, year: str) -> bool:
    return any(stated_percentage(c.passage.text, name, year) for name in metric.names)


def _by_formula(material: Material, metric: DerivedMetric, year: str) -> Paragraph | None:
    documents = [info.id for info in material.about] or [e.document for e in material.evidence]
    pools = [[c for c in material.candidates if c.document == d] for d in dict.fromkeys(documents)]
    for formula in metric.formulas:
        names = list(dict.fromkeys(re.findall(r"[a-z][a-z_]+", formula)))
        for pool in pools:
            outcome = {name: of_item(material, finance().items[name], year, pool) for name in names}
            operands = {name: operand for name, operand in outcome.items() if operand}
            if len(operands) < len(names) or not same_money(list(operands.values())):
                continue
            values = {
                name: abs(o.quantity.amount) if name != "net_income" else o.quantity.amount
                for name, o in operands.items()
            }
            result = value(formula, values)
            if result is None:
                continue
            return _metric_said(metric, formula, year, operands, result)
    return None


def _metric_said(
    metric: DerivedMetric, formula: str, year: str, operands: dict[str, Operand], result: float
) -> Paragraph:
    calculation = formula.replace("*", "×").replace(" / ", " ÷ ")
    for name, operand in operands.items():
        digits = operand.quantity.value if name == "net_income" else abs(operand.quantity.value)
        calculation = re.sub(rf"\b{name}\b", format_number(digits, operand.quantity.places), calculation)
    first = next(iter(operands.values())).quantity
    if metric.form == "percent":
        text = format_number(100 * result, 1, "%")
    elif metric.form == "ratio":
        text = format_number(result, 2)
    else:
        text = format_number(result / first.scale, first.places, first.unit if first.unit in "$€£" else "", first.scale)
    inputs = "; ".join(o.description for o in operands.values())
    label = metric.names[0] + (f", {year}" if year else "")
    return Paragraph(
        f"{label[:1].upper()}{label[1:]}: {text} = {calculation}. From {inputs}", support(list(operands.values()))
    )


def same_money(operands: Sequence[Operand]) -> bool:
    """Returns true where the operands that have a currency or a percent sign all have the same one."""
    units = {o.quantity.unit for o in operands if o.quantity.unit in ("$", "€", "£", "%")}
    return len(units) <= 1
