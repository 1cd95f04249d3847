"""The project's own format: `queries.jsonl`, perhaps `unanswerable.jsonl`, and the documents that they name.

All page numbers are 0-based, boxes are `[x0, y0, x1, y1]` in PDF points, origin top left.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from octavo.eval.datasets.model import Dataset, Question, build_dataset, each_line
from octavo.ingest import Box, Region

FORMS = ("Int", "Float", "Str", "List", "None")
"""Formats of answers that MMLongBench-Doc's scorer knows."""
SLICES = ("skill", "flow", "use")
"""HEMM's groups of questions (arXiv 2407.03418): the skill that is needed, the flow of information, the use."""


def load(folder: Path) -> Dataset:
    """Reads a folder. A line with a `v2_correction` (a later erratum) is taken with the corrected values."""
    files = [path for name in ("queries.jsonl", "unanswerable.jsonl") if (path := folder / name).is_file()]
    return build_dataset(folder, (q for path in files for q in each_line(path, _questions)), files)


def _questions(row: dict[str, Any]) -> Iterator[Question]:
    correction = row.get("v2_correction") or {}
    evidence = row.get("evidence_type") or ()
    answerable = bool(row.get("answerable", True))
    docs = row.get("docs") or [row["doc"]]
    pages = correction.get("pages") or (row["gold_pages"] if answerable else row.get("gold_pages") or ())
    yield Question(
        id=str(row["id"]),
        question=correction.get("question") or row["question"],
        doc=docs[0],
        beside=tuple(docs[1:]),
        answer=str(correction.get("answer") or row.get("answer") or ""),
        answerable=answerable,
        gold_pages=tuple(sorted({int(page) for page in pages})),
        gold_layouts=tuple(
            Region(int(gold["page"]), Box(*(float(x) for x in gold["bbox"]))) for gold in row.get("gold_layouts") or ()
        ),
        evidence_type=(evidence,) if isinstance(evidence, str) else tuple(evidence),
        domain=row.get("domain") or "",
        evidence=_evidence_text(row),
        accepted=tuple(row.get("accepted") or ()),
        slices=tuple(f"{name}: {value}" for name in SLICES for value in _parse_list(row.get(name))),
        form=form if (form := row.get("answer_format") or "") in FORMS else "",
    )


def _parse_list(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _evidence_text(row: dict[str, Any]) -> str:
    if text := row.get("evidence_text"):
        return str(text)
    return "\n".join(part["text"] for part in row.get("evidence") or () if isinstance(part, dict))
