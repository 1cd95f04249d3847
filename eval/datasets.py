"""Data sets of questions with gold pages, boxes and answers.

A data set is a folder: `queries.jsonl` (one question a line), perhaps `unanswerable.jsonl`, and the documents that the
questions name. All page numbers are 0-based, boxes are `[x0, y0, x1, y1]` in PDF points, origin top left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest import Box, OctavoError, Region


class DatasetError(OctavoError):
    """A data set cannot be read; the text names the file and the line."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question with what is known of its answer.

    `doc` is the document's path inside the folder, `evidence` the text on the gold pages that holds the answer.
    """

    id: str
    question: str
    doc: str
    answer: str = ""
    answerable: bool = True
    gold_pages: tuple[int, ...] = ()
    gold_layouts: tuple[Region, ...] = ()
    evidence_type: tuple[str, ...] = ()
    domain: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A folder of documents and questions. `hash` is of the question files' bytes: same hash, same questions."""

    folder: Path
    questions: tuple[Question, ...]
    hash: str
    documents: tuple[str, ...] = field(default=())

    @property
    def answerable(self) -> tuple[Question, ...]:
        return tuple(q for q in self.questions if q.answerable)


def load(folder: Path) -> Dataset:
    """Reads a data set; raises `DatasetError` naming the line that is wrong or the document that is absent.

    A line with a `v2_correction` (a later erratum of its authors) is taken with the corrected values.
    """
    queries = folder / "queries.jsonl"
    if not queries.is_file():
        raise DatasetError(f"{folder} is no data set: it holds no queries.jsonl.")
    digest, questions = hashlib.sha256(), []
    for path in (queries, folder / "unanswerable.jsonl"):
        if path.is_file():
            digest.update(path.read_bytes())
            questions += list(_questions(path))
    documents = tuple(sorted({q.doc for q in questions}))
    for doc in documents:
        if not (folder / doc).is_file():
            raise DatasetError(f"{queries} names {doc}, which is not in {folder}.")
    return Dataset(folder, tuple(questions), digest.hexdigest()[:16], documents)


def _questions(path: Path) -> Iterator[Question]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield _question(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise DatasetError(f"{path}, line {number}: {type(error).__name__}: {error}.") from error


def _question(row: dict[str, Any]) -> Question:
    correction = row.get("v2_correction") or {}
    evidence = row.get("evidence_type") or ()
    pages = correction.get("pages") or row["gold_pages"]
    return Question(
        id=str(row["id"]),
        question=correction.get("question") or row["question"],
        doc=row["doc"],
        answer=str(correction.get("answer") or row.get("answer") or ""),
        answerable=bool(row.get("answerable", True)),
        gold_pages=tuple(sorted({int(page) for page in pages})),
        gold_layouts=tuple(
            Region(int(gold["page"]), Box(*(float(x) for x in gold["bbox"]))) for gold in row.get("gold_layouts") or ()
        ),
        evidence_type=(evidence,) if isinstance(evidence, str) else tuple(evidence),
        domain=row.get("domain") or "",
        evidence=_evidence_text(row),
    )


def _evidence_text(row: dict[str, Any]) -> str:
    if text := row.get("evidence_text"):
        return str(text)
    return "\n".join(part["text"] for part in row.get("evidence") or () if isinstance(part, dict))
