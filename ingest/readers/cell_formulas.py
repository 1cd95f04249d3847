"""Formulas of cells whose values a workbook does not hold: arithmetic and the functions that most sheets use.

Programs write such files that do not calculate themselves; whoever opens one sees the values.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError
from openpyxl.utils import range_boundaries

Value = float | str | bool | None
_MOST_CELLS = 200_000
_MOST_READ = 5_000_000
"""Cells that all formulas of a workbook may read together."""
_DEEPEST = 60
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
_BINDS = dict.fromkeys(_COMPARED, 1) | {"&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}
_REFERENCE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!")


class UnknownFormulaError(Exception):
    """A formula that holds something which is not worked out here."""


class Formulas:
    """The cells of a workbook by sheet and (row, column) from 1, as numbers, texts or formulas (`=A1+1`).

    >>> cells = {"S": {(1, 1): 2, (2, 1): 5, (3, 1): "=SUM(A1:A2)*10%", (4, 1): '=IF(A3>0.5,"high","low")'}}
    >>> found = Formulas(cells)
    >>> found.value("S", 3, 1), found.value("S", 4, 1)
    (0.7000000000000001, 'high')
    """

    def __init__(self, cells: Mapping[str, Mapping[tuple[int, int], object]]) -> None:
        self._cells = cells
        self._known: dict[tuple[str, int, int], Value] = {}
        self._depth = self._read = 0

    def value(self, sheet: str, row: int, column: int) -> Value:
        """Returns the value of a cell; raises `UnknownFormulaError` where it cannot be worked out."""
        place = sheet, row, column
        if place in self._known:
            return self._known[place]
        result = self._cells.get(sheet, {}).get((row, column))
        if isinstance(result, str) and result.startswith("="):
            if self._depth >= _DEEPEST:
                raise UnknownFormulaError
            self._depth += 1
            try:
                result = _Parser(Tokenizer(result).items, sheet, self).result()
            except (TokenizerError, RecursionError) as error:
                raise UnknownFormulaError from error
            finally:
                self._depth -= 1
        elif not isinstance(result, int | float | str | None):
            raise UnknownFormulaError  # a date
        self._known[place] = result
        return result

    def values(self, sheet: str, reference: str) -> list[Value]:
        """Returns the values of the cells of a range."""
        if match := _REFERENCE.match(reference):
            sheet, reference = (match[1] or "").replace("''", "'") or match[2], reference[match.end() :]
        try:
            left, top, right, bottom = range_boundaries(reference)
        except (ValueError, TypeError) as error:
            raise UnknownFormulaError from error
        if sheet not in self._cells or None in (left, top, right, bottom):
            raise UnknownFormulaError
        size = (bottom - top + 1) * (right - left + 1)
        self._read += size
        if size > _MOST_CELLS or self._read > _MOST_READ:
            raise UnknownFormulaError
        return [self.value(sheet, row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]


class _Parser:
    def __init__(self, tokens: Sequence[Token], sheet: str, formulas: Formulas) -> None:
        self._tokens = [token for token in tokens if token.type != Token.WSPACE]
        self._at, self._sheet, self._formulas = 0, sheet, formulas

    def result(self) -> Value:
        value = _single(self._expression(0))
        if self._at < len(self._tokens):
            raise UnknownFormulaError
        return value

    def _next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self) -> Token:
        token = self._next()
        if token is None:
            raise UnknownFormulaError
        self._at += 1
        return token

    def _expression(self, binds: int) -> list[Value]:
        left = self._operand()
        while (token := self._next()) and token.type in (Token.OP_IN, Token.OP_POST):
            if token.type == Token.OP_POST:
                self._take()
                left = [_number(_single(left)) / 100]
                continue
            strength = _BINDS.get(token.value)
            if strength is None:
                raise UnknownFormulaError
            if strength <= binds:
                break
            self._take()
            left = [_combine(token.value, _single(left), _single(self._expression(strength)))]
        return left

    def _operand(self) -> list[Value]:
        token = self._take()
        if token.type == Token.OP_PRE:
            number = _number(_single(self._expression(5)))
            return [-number if token.value == "-" else number]
        if token.type == Token.PAREN and token.subtype == Token.OPEN:
            value = _single(self._expression(0))
            self._take()
            return [value]
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            return [self._call_function(token.value.rstrip("(").upper().removeprefix("_XLFN."))]
        if token.type != Token.OPERAND:
            raise UnknownFormulaError
        if token.subtype == Token.NUMBER:
            return [float(token.value)]
        if token.subtype == Token.TEXT:
            return [token.value[1:-1].replace('""', '"')]
        if token.subtype == Token.LOGICAL:
            return [token.value.upper() == "TRUE"]
        if token.subtype == Token.RANGE:
            return self._formulas.values(self._sheet, token.value)
        raise UnknownFormulaError

    def _call_function(self, name: str) -> Value:
        arguments: list[list[Value]] = []
        while (token := self._next()) and not (token.type == Token.FUNC and token.subtype == Token.CLOSE):
            if token.type == Token.SEP:
                self._take()
                continue
            arguments.append(self._expression(0))
        self._take()
        if name not in _FUNCTIONS:
            raise UnknownFormulaError
        try:
            return _FUNCTIONS[name](arguments)
        except (IndexError, ValueError, ArithmeticError) as error:
            raise UnknownFormulaError from error


def _single(values: Sequence[Value]) -> Value:
    if len(values) != 1:
        raise UnknownFormulaError
    return values[0]


def _number(value: Value) -> float:
    if value is None:
        return 0.0
    if isinstance(value, str):
        raise UnknownFormulaError
    return float(value)


def _combine(sign: str, left: Value, right: Value) -> Value:
    if sign == "&":
        return _text_of(left) + _text_of(right)
    if sign in _COMPARED:
        if isinstance(left, str) != isinstance(right, str):
            raise UnknownFormulaError
        folded = [value.lower() if isinstance(value, str) else _number(value) for value in (left, right)]
        return _COMPARED[sign](*folded)
    a, b = _number(left), _number(right)
    try:
        return {"+": a + b, "-": a - b, "*": a * b}[sign] if sign in "+-*" else a / b if sign == "/" else math.pow(a, b)
    except (ArithmeticError, ValueError) as error:
        raise UnknownFormulaError from error


def _text_of(value: Value) -> str:
    return f"{value:.15g}" if isinstance(value, float) else "" if value is None else str(value)


def _numbers(arguments: Sequence[Sequence[Value]]) -> list[float]:
    """Returns the numbers among values; texts and truths in cells do not count."""
    return [float(v) for values in arguments for v in values if isinstance(v, int | float) and not isinstance(v, bool)]


def _round_to(arguments: Sequence[Sequence[Value]], how: str) -> float:
    places = int(_number(_single(arguments[1]))) if len(arguments) > 1 else 0
    value = Decimal(repr(_number(_single(arguments[0]))))
    return float(value.quantize(Decimal(1).scaleb(-places), rounding=how))


def _choose(arguments: Sequence[Sequence[Value]]) -> Value:
    test = _single(arguments[0])
    if isinstance(test, str):
        raise UnknownFormulaError
    if test:
        return _single(arguments[1])
    return _single(arguments[2]) if len(arguments) > 2 else False


_FUNCTIONS: dict[str, Callable[[list[list[Value]]], Value]] = {
    "SUM": lambda a: math.fsum(_numbers(a)),
    "AVERAGE": lambda a: math.fsum(_numbers(a)) / len(_numbers(a)),
    "MIN": lambda a: min(_numbers(a), default=0.0),
    "MAX": lambda a: max(_numbers(a), default=0.0),
    "COUNT": lambda a: float(len(_numbers(a))),
    "COUNTA": lambda a: float(sum(value is not None for values in a for value in values)),
    "PRODUCT": lambda a: math.prod(_numbers(a)),
    "SUBTOTAL": lambda a: _FUNCTIONS[{9: "SUM", 1: "AVERAGE", 2: "COUNT"}[int(_number(_single(a[0]))) % 100]](a[1:]),
    "ABS": lambda a: abs(_number(_single(a[0]))),
    "INT": lambda a: float(math.floor(_number(_single(a[0])))),
    "ROUND": lambda a: _round_to(a, ROUND_HALF_UP),
    "ROUNDUP": lambda a: _round_to(a, ROUND_UP),
    "ROUNDDOWN": lambda a: _round_to(a, ROUND_DOWN),
    "IF": _choose,
    "CONCATENATE": lambda a: "".join(_text_of(value) for values in a for value in values),
}
