"""Small letters above and below the line, kept apart from what they stand beside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

_RAISED = dict(zip("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ", strict=True)) | dict(
    zip("abcdefghijklmoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)
)
_LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_ELEMENT = re.compile(r"(?:^|[^a-z])[A-Z][a-z]?$|\)$")
_SMALLER, _HIGHER, _LOWER = 0.85, 0.15, 0.08
_MARK, _BESIDE = 0.75, 0.15
Place = tuple[int, int]
"""The numbers of a line's block, and of the line in it."""


class Run(NamedTuple):
    """A piece of a line in one size: its size and the height of its baseline, in points from the top of the page."""

    text: str
    size: float
    baseline: float


def join_runs(runs: Sequence[Run]) -> str:
    """Returns the text of a line of runs from left to right, raised and lowered ones in Unicode's small letters.

    Ordinals and trademarks ("1st", "TM") stay plain words, and so does the number of atoms in a chemical formula.
    What Unicode has no small letters for is parted from a number by `^` or `_`.

    >>> join_runs([Run("$4,120", 12, 100), Run("3", 7, 95), Run(" in all", 12, 100)])
    '$4,120³ in all'
    >>> join_runs([Run("H", 12, 100), Run("2", 7, 103), Run("O", 12, 100)])
    'H2O'
    >>> join_runs([Run("x", 12, 100), Run("1", 7, 103)]), join_runs([Run("21", 12, 100), Run("st", 7, 95)])
    ('x₁', '21st')
    >>> join_runs([Run("25 m ", 12, 100), Run("2", 7, 94)])
    '25 m²'
    """
    text, base = "", next((run for run in runs if run.text.strip() and not _is_small(run, runs)), None)
    for run in runs:
        if base is None or run.size > _SMALLER * base.size or not run.text.strip():
            base = run if run.text.strip() else base
            text += run.text
        elif base.baseline - run.baseline > _HIGHER * base.size:
            before = text.rstrip()  # a high letter is parted from what it belongs to by a space that nobody typed
            text = before + _superscript(before, run.text)
        elif run.baseline - base.baseline > _LOWER * base.size:
            text += _subscript(text, run.text)
        else:
            text += run.text
    return text


def attach_marks(lines: Mapping[Place, dict[str, Any]]) -> dict[Place, Place]:
    """Returns raised marks that PyMuPDF gives as lines of their own: the place of each, and of the line that it ends.

    `lines` are those of PyMuPDF's "dict", in the order of the file.
    """
    result: dict[Place, Place] = {}
    for (place, line), (other, mark) in pairwise(lines.items()):
        if place[0] == other[0] and line["spans"] and mark["spans"] and _is_mark(line, mark):
            result[other] = result.get(place, place)
    return result


def _is_mark(line: dict[str, Any], mark: dict[str, Any]) -> bool:
    if line["dir"] != (1, 0) or mark["dir"] != (1, 0):
        return False
    last, first = line["spans"][-1], mark["spans"][0]
    rise = last["origin"][1] - first["origin"][1]
    return (
        all(span["size"] <= _MARK * last["size"] for span in mark["spans"])
        and _HIGHER * last["size"] < rise < last["size"]
        and abs(mark["bbox"][0] - line["bbox"][2]) < _BESIDE * last["size"]
    )


def _is_small(run: Run, runs: Iterable[Run]) -> bool:
    return run.size <= _SMALLER * max(other.size for other in runs if other.text.strip())


def _superscript(before: str, text: str) -> str:
    stripped = text.strip()
    if len(stripped) > 1 and stripped.isalpha():
        return text
    return _small(before, text, _RAISED, "^")


def _subscript(before: str, text: str) -> str:
    if text.strip().isdigit() and _ELEMENT.search(before):
        return text
    return _small(before, text, _LOWERED, "_")


def _small(before: str, text: str, letters: dict[str, str], sign: str) -> str:
    result = "".join(letters.get(c, c) for c in text)
    plain = any(c.isalnum() and c not in letters for c in text)
    if not plain:
        return result
    return f"{sign}{text}" if before[-1:].isdigit() and text[:1].isdigit() else text
