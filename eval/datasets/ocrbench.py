"""OCRBench (arXiv 2305.07895) in its two published forms: `OCRBench.json` beside pictures, and Parquet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from octavo.eval.datasets import parquet
from octavo.eval.datasets.model import Dataset, DatasetError, Question, build_dataset, check_row

FILE = "OCRBench.json"


def ocrbench(folder: Path) -> Dataset:
    """Returns the questions, each with its picture and the answers that are accepted; there are no documents.

    `evidence_type` is OCRBench's type of question, `domain` the set that it was taken from.
    """
    if not (folder / FILE).is_file():
        return _of_parquet(folder)
    try:
        rows = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise DatasetError(f"{folder / FILE} is no JSON: {error}.") from error

    def read(numbered: tuple[int, dict[str, Any]]) -> Question:
        number, row = numbered
        picture = str(row["image_path"])
        file = next((name for name in (picture, f"OCRBench_Images/{picture}") if (folder / name).is_file()), "")
        if not file:
            raise ValueError(f"its picture {picture} is not there")
        return _question(
            str(row.get("id", number)), row["question"], row["answers"], row["type"], row["dataset_name"], file
        )

    questions = [check_row(f"{folder / FILE}, row {n}", read, (n, row)) for n, row in enumerate(rows, 1)]
    return build_dataset(folder, questions, [folder / FILE])


def _of_parquet(folder: Path) -> Dataset:
    where = folder / "data" if (folder / "data").is_dir() else folder

    def read(numbered: tuple[int, dict[str, Any]]) -> Question:
        number, row = numbered
        data = parquet.picture(row["image"])
        picture = parquet.save(folder, f"{number}{parquet.suffix(data)}", data)
        return _question(str(number), row["question"], row["answer"], row["question_type"], row["dataset"], picture)

    questions = [check_row(f"{where}, row {n}", read, (n, row)) for n, row in enumerate(parquet.rows(where), 1)]
    return build_dataset(folder, questions, sorted(where.glob("*.parquet")))


def is_ocrbench(folder: Path) -> bool:
    """Returns whether the Parquet files of a folder have the columns of OCRBench."""
    where = folder / "data" if (folder / "data").is_dir() else folder
    first = next(parquet.rows(where), {})
    return {"question_type", "answer", "image"} <= set(first)


def _question(key: str, question: str, answers: Any, kind: str, source: str, picture: str) -> Question:
    accepted = tuple(str(answer) for answer in (answers if isinstance(answers, list) else [answers]))
    return Question(
        id=key,
        question=question,
        doc="",
        answer=accepted[0],
        evidence_type=(kind,),
        domain=source,
        picture=picture,
        accepted=accepted,
    )
