"""Metrics of accounting by their formulas, unless a row states them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.rag.answering.material import Material, Scored
from octavo.rag.answering.plans.base import Reply, Said
from octavo.rag.answering.plans.compute.formulas import support, value
from octavo.rag.answering.plans.operands import Operand, cell_of, of_cell, of_item
from octavo.rag.answering.quantities import written
from octavo.rag.answering.wanted import words_of
from octavo.rag.query.domains import Metric, finance


def metric(material: Material) -> Reply | None:
    """A metric of accounting by its formula, unless a row states it."""
    metric = finance().metric(material.query.text)
    if metric is None:
        return None
    for year in material.wanted.years or ("",):
        if stated := _stated(material, metric, year):
            return stated
    years = material.wanted.years or ("",)
    said: list[Said] = []
    for year in years[:3]:
        made = _by_formula(material, metric, year)
        if made is None:
            return None
        said.append(made)
    return Reply(tuple(said), checked=True)


def _stated(material: Material, metric: Metric, year: str) -> Reply | None:
    """`None` unless a row of a table is called by the metric's own name."""
    for c in material.candidates:
        row = c.passage.row
        if row and any(words_of(row.label) == words_of(name) for name in metric.asked):
            cell = cell_of(material.wanted, Scored(1.0, 1.0, c), year)
            operand = of_cell(c, cell) if cell else None
            if operand:
                return Reply((Said(operand.shown, (c,)),), checked=True)
    return None


def _by_formula(material: Material, metric: Metric, year: str) -> Said | None:
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


def _metric_said(metric: Metric, formula: str, year: str, operands: dict[str, Operand], result: float) -> Said:
    shown = formula.replace("*", "×").replace(" / ", " ÷ ")
    for name, operand in operands.items():
        digits = operand.quantity.value if name == "net_income" else abs(operand.quantity.value)
        shown = re.sub(rf"\b{name}\b", written(digits, operand.quantity.places), shown)
    first = next(iter(operands.values())).quantity
    if metric.form == "percent":
        text = written(100 * result, 1, "%")
    elif metric.form == "ratio":
        text = written(result, 2)
    else:
        text = written(result / first.scale, first.places, first.unit if first.unit in "$€£" else "", first.scale)
    inputs = "; ".join(o.shown for o in operands.values())
    label = metric.asked[0] + (f", {year}" if year else "")
    return Said(f"{label[:1].upper()}{label[1:]}: {text} = {shown}. From {inputs}", support(list(operands.values())))


def same_money(operands: Sequence[Operand]) -> bool:
    """Returns true where the operands that have a currency or a percent sign all have the same one."""
    units = {o.quantity.unit for o in operands if o.quantity.unit in ("$", "€", "£", "%")}
    return len(units) <= 1
