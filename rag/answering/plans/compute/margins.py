"""Margins: how far one was ahead of another in a race, by the times of their rows."""

from __future__ import annotations

import re

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.relation import Relation, cell_in, cells_of, relations

_MARGIN = pattern("compute", "margin")
_TIME = re.compile(r"(?:(?P<hours>\d+):)?(?P<minutes>\d+):(?P<seconds>[0-5]\d(?:[.,]\d+)?)")
FEWEST = 2
"""Terms of a question that each of the two rows says at least."""


def apart(material: Material) -> Reply | None:
    """Returns the difference of the times of the two rows that a question names."""
    if not _MARGIN.search(material.query.text):
        return None
    for relation in relations(material):
        columns = [column for column in relation.columns if _holds_times(relation, column)]
        pair = _pair(material, relation)
        if len(columns) != 1 or pair is None:
            continue
        cells = [cell_in(c, columns[0]) for c in pair]
        times = sorted(
            (match for cell in cells if cell and (match := _TIME.fullmatch(cell.text.strip()))), key=_seconds
        )
        if len(times) != FEWEST:
            continue
        seconds = round(_seconds(times[1]) - _seconds(times[0]), 3)
        result = f"{seconds:g} s" if seconds < 60 else f"{int(seconds // 60)} min {round(seconds % 60, 3):g} s"
        names = "; ".join(" ".join(cell.text for cell in cells_of(c)) for c in pair)
        return Reply((Paragraph(f"{result} = {times[1][0]} - {times[0][0]}. From {names}", pair),), checked=True)
    return None


def _holds_times(relation: Relation, column: str) -> bool:
    texts = [cell.text.strip() for c in relation.counted if (cell := cell_in(c, column))]
    return bool(texts) and sum(_TIME.fullmatch(text) is not None for text in texts) > 0.7 * len(texts)


def _pair(material: Material, relation: Relation) -> tuple[Candidate, Candidate] | None:
    """Returns the two rows whose cells say more of a question than any other, each a word that the other does not."""
    matches = {c: material.analysis.matched_in(" ".join(cell.text for cell in cells_of(c))) for c in relation.counted}
    most = max(map(len, matches.values()), default=0)
    best = [c for c, terms in matches.items() if len(terms) == most >= FEWEST]
    if len(best) != FEWEST or not matches[best[0]] - matches[best[1]]:
        return None
    return best[0], best[1]


def _seconds(match: re.Match[str]) -> float:
    minutes = int(match["hours"] or 0) * 60 + int(match["minutes"])
    return minutes * 60 + float(match["seconds"].replace(",", "."))
