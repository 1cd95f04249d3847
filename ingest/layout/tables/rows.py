"""Joins the lines of a table row whose cells wrap, by rules, leading, and the width that a word needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from octavo.ingest.layout.tables.columns import Column
from octavo.ingest.layout.tables.piece import CellPiece, Row, box_of, rows_below_rules
from octavo.ingest.layout.tables.words import is_number

_MOSTLY = 0.8
_JUMP = 0.22
"""Rows stand further apart than the lines of one cell by at least this share of the letters' size."""
_GOES_ON = re.compile(
    r"(?:[,/&(\u2010-]|\b(?:and|or|of|the|in|to|for|from|on|by|with|at|a|an|per|net|und|der|die|et|de|des))$", re.I
)
_ENUMERATED = re.compile(r"(?:[•▪●*–—-]|\(?(?:\d{1,2}|[a-zA-Z])[.)])\s")


def merge_lines(
    rows: Sequence[Row], columns: Sequence[Column], separators: Sequence[float], size: float, space: float
) -> list[Row]:
    """Returns the rows of a table from its lines; `separators` are the heights of rules and of edges of shaded fields.

    What two separators enclose is one row where most of them enclose rows that no number or name contradicts.
    """
    parts = _parts(rows, separators)
    inner = parts[1:-1] if len(parts) > 3 else parts
    enclosed = [part for part in inner if part]
    wrapped = [part for part in enclosed if len(part) > 1]
    whole = len(enclosed) > 1 and all(_can_be_one(part) for part in wrapped) and len(wrapped) < len(enclosed)
    if len(enclosed) > 2 and all(_can_be_one(part) for part in wrapped):
        whole = True
    leading = _leading(rows, columns, size, space)
    result: list[Row] = []
    for part in parts:
        if whole and _can_be_one(part) and (len(part) < 4 or any(not _full(row, part) for row in part)):
            result.append(_together(part))
        else:
            result += _by_text(part, columns, leading, size, space)
    return result


def _parts(rows: Sequence[Row], separators: Sequence[float]) -> list[list[Row]]:
    begins = set(rows_below_rules(rows, separators))
    parts: list[list[Row]] = []
    for n, row in enumerate(rows):
        if not n or n in begins:
            parts.append([])
        parts[-1].append(row)
    return parts


def _can_be_one(part: Sequence[Row]) -> bool:
    """Returns whether lines can be one row: no column holds two numbers, and no piece lies above several others."""
    for n, row in enumerate(part):
        for piece in row.values():
            if any(sum(piece.first <= c <= piece.last for c in other) > 1 for m, other in enumerate(part) if m != n):
                return False
    for column in {n for row in part for n in row}:
        texts = [row[column].text for row in part if column in row]
        if len(texts) > 1 and sum(map(is_number, texts)) > 1:
            return False
    return True


def _full(row: Row, part: Sequence[Row]) -> bool:
    return set(row) == {n for other in part for n in other}


def _together(part: Sequence[Row]) -> Row:
    result: Row = {}
    for row in part:
        for piece in row.values():
            home = next((n for n, p in result.items() if p.first <= piece.last and piece.first <= p.last), None)
            both = result.pop(home) + piece if home is not None else piece
            result[both.first] = both
    return result


def _leading(rows: Sequence[Row], columns: Sequence[Column], size: float, space: float) -> float | None:
    """Returns the largest gap between two lines of one cell, where cells' lines stand closer than rows do.

    Returns `None` where there is no such gap.
    """
    gaps = sorted(_gap(a, b) for a, b in pairwise(rows))
    steps = [(b - a, a) for a, b in pairwise(gaps) if b - a > _JUMP * size]
    if not steps:
        return None
    close = min(steps, key=lambda step: step[1])[1]
    within = [(a, b) for a, b in pairwise(rows) if _gap(a, b) <= close]
    fits = sum(_wraps(a, b, columns, space) for a, b in within)
    rests = all(_is_rest(part) for part in _split_rows(rows, close))
    return close if rests or fits >= _MOSTLY * len(within) else None


def _split_rows(rows: Sequence[Row], close: float) -> list[list[Row]]:
    parts: list[list[Row]] = [[rows[0]]]
    for above, row in pairwise(rows):
        if _gap(above, row) <= close:
            parts[-1].append(row)
        else:
            parts.append([row])
    return parts


def _is_rest(part: Sequence[Row]) -> bool:
    """Returns whether lines below the first can only be the rest of its cells: fewer columns, all filled above."""
    return _can_be_one(part) and all(set(row) < set(part[0]) for row in part[1:])


def _by_text(
    part: Sequence[Row], columns: Sequence[Column], leading: float | None, size: float, space: float
) -> list[Row]:
    result: list[Row] = []
    for row in part:
        if result and _continues(result[-1], row, columns, leading, size, space):
            result[-1] = _together([result[-1], row])
        else:
            result.append(row)
    return result


def _continues(
    above: Row, row: Row, columns: Sequence[Column], leading: float | None, size: float, space: float
) -> bool:
    """Returns whether a line goes on with the cells of the row above it."""
    last = {n: CellPiece(piece.lines[-1:], piece.first, piece.last) for n, piece in above.items()}
    gap = _gap(above, row)
    if leading is not None:
        return gap <= leading + 0.05 * size and (set(row) < set(above) or _wraps(last, row, columns, space))
    if not _wraps(last, row, columns, space):
        return False
    if gap > 0.8 * size:
        return False
    shared = [n for n in row if n in last]
    says_on = all(_says_on(last[n].text, row[n].text) for n in shared)
    if 0 not in row and 0 in above and len(above) > 1:
        return says_on or set(row) < set(above)
    return says_on


def _wraps(above: Row, row: Row, columns: Sequence[Column], space: float) -> bool:
    """Returns whether each piece of a line may be the rest of the one above it: its first word did not fit there."""
    shared = [n for n in row if n in above]
    if not shared or any(p.first != p.last for p in (*row.values(), *above.values())):
        return False
    for n in shared:
        a, b = above[n].lines[-1], row[n].lines[0]
        if (is_number(b.text) and is_number(a.text)) or _ENUMERATED.match(b.text):
            return False
        first = b.text.split()[0]
        width = b.box.width * len(first) / max(1, len(b.text))
        room = columns[n][1] - columns[n][0] - a.box.width
        if 0.9 * width + space <= room:
            return False
    return True


def _says_on(a: str, b: str) -> bool:
    """Returns whether a text goes on from a line that ends with `a` to one that begins with `b`, by their words."""
    return not a.endswith((":", ".")) and (b[:1].islower() or bool(_GOES_ON.search(a)) or a.count("(") > a.count(")"))


def _gap(above: Row, row: Row) -> float:
    return box_of(row).y0 - max(piece.lines[-1].box.y1 for piece in above.values())
