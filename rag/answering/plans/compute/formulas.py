"""Results of arithmetic, each with its formula and the numbers that it is made from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.operands import Operand
from octavo.rag.answering.quantities import format_number

_MARKS = ("%", "$", "€", "£", "¥", "CHF")


def computed_reply(result: str, formula: str, operands: Sequence[Operand]) -> Reply:
    """Returns `result = formula`, then what each number is called, with the places of all of them."""
    inputs = "; ".join(dict.fromkeys(o.description for o in operands))
    return Reply((Paragraph(f"{result} = {formula}. From {inputs}", support(operands)),))


def support(operands: Sequence[Operand]) -> tuple[Candidate, ...]:
    """Returns the passages of the operands, each once."""
    return tuple({(o.candidate.evidence.id, o.candidate.passage.places): o.candidate for o in operands}.values())


def difference(a: Operand | None, b: Operand | None, *, absolute: bool = False) -> Reply | None:
    """Returns `a - b` in the scale of `a`, or with `absolute` the greater less the smaller one."""
    if a is None or b is None or not _comparable(a, b):
        return None
    if absolute and b.quantity.amount > a.quantity.amount:
        a, b = b, a
    places = max(a.quantity.places, b.quantity.places)
    second = b.quantity.amount / a.quantity.scale
    text = plain(a, a.quantity.value - second, places, a.quantity.unit or b.quantity.unit, a.quantity.scale)
    formula = f"{plain(a)} - {plain(a, second, b.quantity.places)}"
    return computed_reply(text, formula, [a, b])


def quotient(a: Operand | None, b: Operand | None) -> Reply | None:
    """Returns `a ÷ b`, two decimals."""
    if a is None or b is None or not _comparable(a, b) or not b.quantity.amount:
        return None
    return computed_reply(plain(a, a.quantity.amount / b.quantity.amount, 2), _over(a, b), [a, b])


def percentage(a: Operand | None, b: Operand | None) -> Reply | None:
    """Returns `a` as a part of `b`, in percent."""
    if a is None or b is None or not _comparable(a, b) or not b.quantity.amount:
        return None
    return computed_reply(plain(a, 100 * a.quantity.amount / b.quantity.amount, 1, "%"), _over(a, b), [a, b])


def growth_from(b: Operand | None, a: Operand | None) -> Reply | None:
    """Returns the growth from `b` to `a`, in percent of `b`."""
    if a is None or b is None or not _comparable(a, b) or not b.quantity.amount:
        return None
    growth = (a.quantity.amount - b.quantity.amount) / abs(b.quantity.amount)
    before = plain(a, b.quantity.amount / a.quantity.scale, b.quantity.places)
    return computed_reply(plain(a, 100 * growth, 1, "%"), f"({plain(a)} - {before}) ÷ {before}", [a, b])


def _over(a: Operand, b: Operand) -> str:
    return f"{plain(a)} ÷ {plain(a, b.quantity.amount / a.quantity.scale, b.quantity.places)}"


def plain(
    operand: Operand, value: float | None = None, places: int | None = None, unit: str = "", scale: float = 1.0
) -> str:
    """Returns a number as the document writes its own: the operand's where no other `value` is given."""
    own = operand.quantity
    value, places = own.value if value is None else value, own.places if places is None else places
    return format_number(value, places, unit, scale, own.decimal)


def _comparable(a: Operand, b: Operand) -> bool:
    """Returns whether two numbers stand at two places and have one unit."""
    return a.place != b.place and alike(a, b)


def alike(a: Operand, b: Operand) -> bool:
    """Returns whether two numbers have the same sign of a unit (a currency, percent), or one of them has none.

    A number in a sentence that has no such sign is not compared with one that has.
    """
    x, y = (o.quantity.unit if o.quantity.unit in _MARKS else "" for o in (a, b))
    in_tables = a.cell is not None and b.cell is not None
    return x == y or (in_tables and not (x and y))


def add(parts: Sequence[tuple[float, Operand]]) -> Reply | None:
    """Returns the sum of numbers, each as often as counted; `None` where two are one, or have different units."""
    first = parts[0][1]
    if len({o.place for _, o in parts}) < len(parts) or not all(alike(first, o) for _, o in parts):
        return None
    total = sum(n * o.quantity.amount for n, o in parts) / first.quantity.scale
    places = max(o.quantity.places for _, o in parts)
    terms = [(n, plain(o)) for n, o in parts]
    formula = " + ".join(term if n == 1 else f"{n:g} × {term}" for n, term in terms)
    unit = next((o.quantity.unit for _, o in parts if o.quantity.unit), "")
    return computed_reply(plain(first, total, places, unit, first.quantity.scale), formula, [o for _, o in parts])


def value(formula: str, values: dict[str, float]) -> float | None:
    """Returns the value of a formula of names, numbers, + - * / and brackets; `None` where something is divided by 0.

    >>> value("(a - b) / 2", {"a": 7.0, "b": 3.0}), value("a / b", {"a": 1.0, "b": 0.0})
    (2.0, None)
    """
    tokens = re.findall(r"[a-z][a-z_]*|\d+(?:\.\d+)?|[-+*/()]", formula)
    position = 0

    def factor() -> float:
        nonlocal position
        symbol = tokens[position]
        position += 1
        if symbol == "(":
            inner = expression()
            position += 1
            return inner
        return values[symbol] if symbol in values else float(symbol)

    def product() -> float:
        nonlocal position
        left = factor()
        while position < len(tokens) and tokens[position] in "*/":
            operator = tokens[position]
            position += 1
            right = factor()
            left = left * right if operator == "*" else left / right
        return left

    def expression() -> float:
        nonlocal position
        left = product()
        while position < len(tokens) and tokens[position] in "+-":
            operator = tokens[position]
            position += 1
            right = product()
            left = left + right if operator == "+" else left - right
        return left

    try:
        return expression()
    except ZeroDivisionError:
        return None
