"""Feedback as a data set: what users said about answers becomes questions with known pages, and graded answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from octavo.ingest import LibraryError, OctavoError
from octavo.rag import Pipeline

_LABELS = {"up": "Correct Answer", "down": "Incorrect Answer"}


def write_dataset(feedback: Iterable[Mapping[str, Any]], pipeline: Pipeline, folder: Path) -> tuple[int, int]:
    """Writes feedback into a new folder that `octavo eval` reads; returns the numbers of questions and of labels.

    `queries.jsonl` has the questions whose place is known, by a document and pages that the user named; the document's
    file is copied beside it, and the answer is the expected one, or the one that was rated up. `labels.jsonl` has the
    answers with their rating where the right one is known, for `octavo eval judge`. Raises `OctavoError` for a folder
    that is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise OctavoError(f"{folder} is not empty: name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    queries, labels = [], []
    for one in feedback:
        is_right = one["rating"] == "up"
        gold = one.get("expected") or (one["answer"] if is_right else "")
        if one["answer"] and gold:
            label = {"id": one["id"], "question": one["question"], "gold_answer": gold, "model_answer": one["answer"]}
            labels.append(label | {"label": _LABELS[one["rating"]]})
        if one["document"] and one["pages"] and (doc := _copy(pipeline, one["document"], folder)):
            pages = sorted({page - 1 for page in one["pages"]})
            query = {"id": one["id"], "question": one["question"], "doc": doc, "gold_pages": pages}
            queries.append(query | ({"answer": gold} if gold else {}))
    for name, rows in (("queries.jsonl", queries), ("labels.jsonl", labels)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / name).write_text(lines, encoding="utf-8")
    return len(queries), len(labels)


def _copy(pipeline: Pipeline, document: str, folder: Path) -> str:
    """Copies a document's file into the folder; returns its path there, empty where document or file is gone."""
    try:
        info = pipeline.library.find(document)
    except LibraryError:
        return ""
    file = next((path for path in map(Path, info.paths) if path.is_file()), None)
    if file is None:
        return ""
    target = folder / "documents" / info.id / file.name
    if not target.exists():
        target.parent.mkdir(parents=True)
        shutil.copyfile(file, target)
    return target.relative_to(folder).as_posix()
