"""Alike tables: those of one document with the same columns, such as one of each group, read as a single one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from octavo.rag.answering.dates import months
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.relation import Relation, relations_of
from octavo.rag.answering.plans.selection import Selection

_YEAR = re.compile(r"(?:19|20)\d\d")
_Key = tuple[str, tuple[str, ...]]


def joined(material: Material, selections: Sequence[Selection]) -> list[Selection]:
    """Returns selections in order, those of alike tables as one whose relation has the rows of all of them.

    They are those whose headings say most of the question. Tables of several periods, as headings say, stay apart.
    """
    groups: dict[_Key, list[Selection]] = {}
    for selection in selections:
        groups.setdefault(_key(selection.relation), []).append(selection)
    return [_as_one(material, group) for group in groups.values()]


def _key(relation: Relation) -> _Key:
    return relation.rows[0].document, relation.columns


def _as_one(material: Material, group: Sequence[Selection]) -> Selection:
    first = group[0]
    alike = [r for r in relations_of(material, first.relation.rows[0].document) if _key(r) == _key(first.relation)]
    if len(alike) < 2 or any(_YEAR.search(_heading(r)) or months(_heading(r)) for r in alike):
        return first
    said = [len(material.analysis.matched_in(_heading(selection.relation))) for selection in group]
    group = [selection for count, selection in zip(said, group, strict=True) if count == max(said)]
    first = group[0]
    others = tuple(c for r in alike for c in r.rows if c not in first.relation.rows)
    rows = tuple(dict.fromkeys(c for selection in group for c in selection.rows))
    return replace(first, relation=replace(first.relation, rows=first.relation.rows + others), rows=rows)


def _heading(relation: Relation) -> str:
    return relation.rows[0].passage.section


def states_row_count(relation: Relation, noun: Sequence[str]) -> bool:
    """Returns whether what stands around a table says that it has as many of a noun as it has rows: "12 fencers"."""
    phrase = " ".join((str(len(relation.counted)), *noun))
    return bool(noun) and any(f" {phrase} " in f" {spans} " for c in relation.rows for _, _, spans in c.around)
