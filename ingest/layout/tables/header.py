"""The rows of a table that name its columns, and how many columns and rows each name covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, product

from octavo.ingest.layout.tables.columns import Column
from octavo.ingest.layout.tables.piece import CellPiece, Row, box_of, rows_below_rules
from octavo.ingest.layout.tables.words import holds_data, is_number, is_period
from octavo.ingest.model import Box

MOST = 6
_CENTERED = 0.15
_ALIGNED, _OFF = 1.5, 0.3
_TRIES = 500


def header_rows(rows: Sequence[Row], separators: Sequence[float]) -> int:
    """Returns how many rows from the top name the columns; 0 where nothing tells names from values.

    Names are told by what stands below them, numbers below a word or a year, or by bold letters above others, or by a
    rule below them where no other rule parts rows.
    """
    first = next((n for n, row in enumerate(rows[: MOST + 1]) if _is_data(row, rows[n + 1 :])), None)
    parted = rows_below_rules(rows, separators)
    if first is not None and first > 1 and parted != [1] and _is_form(rows):
        return 0
    if first is None:
        first = _bold_rows(rows) or (parted[0] if len(parted) == 1 and parted[0] < 3 <= len(rows) else 0)
    elif first > 1 and first not in parted:
        first = max([n for n in parted if n < first], default=first)
    labeled_row = next((n for n, row in enumerate(rows[:first]) if 0 in row and row[0].lines), first)
    first = next(
        (n for n, row in enumerate(rows[:first]) if n > labeled_row and _says(row) and 0 in row and row[0].lines), first
    )
    first = next((n for n, row in enumerate(rows[:first]) if n and _says(row) == {0} and _says(rows[0]) - {0}), first)
    return 0 if first >= len(rows) or first > MOST else first


def with_spans(rows: list[Row], count: int, columns: Sequence[Column], rules: Sequence[Box]) -> list[Row]:
    """Returns header rows whose names span the columns they are centered over, or that a rule below them spans."""
    result = list(rows)
    for n in range(count):
        below: Row = {}
        for lower in result[n + 1 : count]:
            below = {**lower, **below}
        result[n] = _span(result[n], below, columns, rules) if below else result[n]
    return _stretch(result, count, len(columns))


def _says(row: Row) -> set[int]:
    return {n for n, piece in row.items() if piece.lines}


def _is_data(row: Row, below: Sequence[Row]) -> bool:
    """Returns whether a row holds values: a number, or a year above years."""
    for n, piece in row.items():
        if piece.first != piece.last or not piece.lines:
            continue
        under = [other[n].text for other in below if n in other and other[n].lines]
        if (
            n
            and (holds_data(piece.text) or is_number(piece.text))
            and not (_is_name(piece.text) or is_period(piece.text))
        ):
            return True
        alike = sum(is_number(text) or is_period(text) for text in under) > 0.6 * len(under) if under else False
        years = sum(map(is_period, under)) > 0.6 * len(under) if under else False
        if is_period(piece.text) and years and n:
            return True
        if not n and is_number(piece.text) and not is_period(piece.text) and alike:
            return True
    return False


def _is_form(rows: Sequence[Row]) -> bool:
    """Returns whether rows are pairs of a label and a value, most of them no numbers, and no bold row is above them."""
    pairs = [[row[n].text for n in sorted(_says(row))] for row in rows]
    values = [pair[1] for pair in pairs[1:] if len(pair) == 2]
    is_paired = all(len(pair) == 2 for pair in pairs)
    return is_paired and 2 * sum(map(is_number, values)) < len(values) and not _bold_rows(rows)


def _is_name(text: str) -> bool:
    """Returns whether a text with digits is rather a name ("Tier 2 capital") than a value."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return text[0].isalpha() and letters >= (2 * digits if " " in text else digits)


def _bold_rows(rows: Sequence[Row]) -> int:
    bold = [all(piece.bold for piece in row.values() if piece.lines) for row in rows]
    count = next((n for n, is_bold in enumerate(bold) if not is_bold), len(bold))
    return count if 0 < count <= MOST and not any(bold[count:]) else 0


def _span(row: Row, below: Row, columns: Sequence[Column], rules: Sequence[Box]) -> Row:
    free = set(below)
    covered = {n for piece in row.values() for n in range(piece.first, piece.last + 1)}
    result: Row = {}
    for piece in row.values():
        if not piece.lines:
            result[piece.first] = piece
            continue
        first, last = _along_rule(piece, below, columns, rules) or _center(piece, columns, free, covered)
        if all(n in range(piece.first, piece.last + 1) or n not in covered for n in range(first, last + 1)):
            covered |= set(range(first, last + 1))
            piece = replace(piece, first=first, last=last)
        result[piece.first] = piece
    return _over_all(result, below, columns)


def _over_all(row: Row, below: Row, columns: Sequence[Column]) -> Row:
    """Widens names over names of the row below that have none above them, as far as they stay about centered."""
    names = sorted((p for p in row.values() if p.lines), key=lambda piece: piece.first)
    under = set(below) - {0}
    covered = [set(range(p.first, p.last + 1)) for p in names]
    growing = [n for n, columns_of in enumerate(covered) if columns_of <= under]
    free = sorted(under - set().union(*covered)) if covered else []
    if not free or not growing:
        return row
    bounds = [{(names[n].first, names[n].last)} for n in growing]
    for place, n in enumerate(growing):
        low = next((c for c in range(names[n].first, -1, -1) if c - 1 not in free), names[n].first)
        high = next((c for c in range(names[n].last, len(columns)) if c + 1 not in free), names[n].last)
        bounds[place] = {(a, b) for a in range(low, names[n].first + 1) for b in range(names[n].last, high + 1)}
    best = {n: (names[n].first, names[n].last) for n in growing}
    least = float("inf")
    for choice in islice(product(*bounds), _TRIES):
        spanned = [c for a, b in choice for c in range(a, b + 1)]
        if len(spanned) > len(set(spanned)):
            continue
        grown = [replace(names[n], first=a, last=b) for n, (a, b) in zip(growing, choice, strict=True)]
        off = [_off(piece, columns) for piece in grown]
        cost = len(under - set(spanned)) + sum(off)
        if max(off) < _OFF and cost < least:
            best, least = dict(zip(growing, choice, strict=True)), cost
    result = {p.first: p for p in row.values() if not p.lines}
    for n, piece in enumerate(names):
        first, last = best.get(n, (piece.first, piece.last))
        result[first] = replace(piece, first=first, last=last)
    return result


def _off(piece: CellPiece, columns: Sequence[Column]) -> float:
    """Returns how far a name stands from the middle of the columns that it covers, as a share of their width."""
    left, right = columns[piece.first][0], columns[piece.last][1]
    return abs((piece.box.x0 + piece.box.x1) / 2 - (left + right) / 2) / (right - left)


def _along_rule(
    piece: CellPiece, below: Row, columns: Sequence[Column], rules: Sequence[Box]
) -> tuple[int, int] | None:
    bottom, top = piece.box.y1, box_of(below).y0
    middle = (piece.box.x0 + piece.box.x1) / 2
    for rule in rules:
        if bottom - 0.3 * piece.box.height <= rule.y0 <= top + 0.3 * piece.box.height and rule.x0 < middle < rule.x1:
            covered = [n for n, (x0, x1) in enumerate(columns) if rule.x0 - 2 <= (x0 + x1) / 2 <= rule.x1 + 2]
            if 2 <= len(covered) < len(columns) and abs(middle - (rule.x0 + rule.x1) / 2) < 0.25 * rule.width:
                return covered[0], covered[-1]
    return None


def _center(piece: CellPiece, columns: Sequence[Column], free: set[int], covered: set[int]) -> tuple[int, int]:
    """Returns the columns that a name stands over the middle of, if they fit it better than its own."""
    own = range(piece.first, piece.last + 1)
    box, middle = piece.box, (piece.box.x0 + piece.box.x1) / 2
    x0, x1 = columns[piece.first][0], columns[piece.last][1]
    off = abs(middle - (x0 + x1) / 2)
    if piece.first == piece.last and min(abs(box.x0 - x0), abs(box.x1 - x1)) < _ALIGNED:
        return piece.first, piece.last
    best, least = (piece.first, piece.last), off
    for first in range(piece.first + 1):
        for last in range(piece.last, len(columns)):
            span = set(range(first, last + 1))
            if span == set(own) or not span <= free | set(own) or span - set(own) & covered:
                continue
            left, right = columns[first][0], columns[last][1]
            distance = abs(middle - (left + right) / 2)
            if distance < min(0.6 * off, least, _CENTERED * (right - left)):
                best, least = (first, last), distance
    return best


def _stretch(rows: list[Row], count: int, columns: int) -> list[Row]:
    """Returns header rows in which a name covers the empty places below it, or above it."""
    if count < 2:
        return rows
    result = [dict(row) for row in rows]
    for column in range(columns):
        holders = [
            (n, piece) for n in range(count) for piece in result[n].values() if piece.first <= column <= piece.last
        ]
        if len(holders) == 1 and holders[0][1].first == holders[0][1].last and holders[0][1].row_span == 1:
            n, piece = holders[0]
            del result[n][column]
            result[0][column] = replace(piece, row_span=count)
        elif not holders:
            result[0][column] = CellPiece((), column, column, count)
    return result
