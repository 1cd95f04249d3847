"""Reading data sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from octavo.eval.datasets import DatasetError, load
from octavo.ingest import Box, Region


def write(folder: Path, *rows: dict[str, Any] | str, name: str = "queries.jsonl") -> None:
    (folder / "pdfs").mkdir(exist_ok=True)
    (folder / "pdfs" / "a.pdf").touch()
    (folder / name).write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))


ROW = {"id": 1, "question": "How many?", "answer": "7", "doc": "pdfs/a.pdf", "gold_pages": [2, 1]}


def test_a_question_is_read_whole(tmp_path: Path) -> None:
    layout = {"page": 1, "bbox": [1, 2, 3, 4], "page_size": [612, 792]}
    write(tmp_path, ROW | {"gold_layouts": [layout], "evidence_type": "table", "evidence_text": "Seven."})
    write(tmp_path, ROW | {"id": 2, "gold_pages": [], "answerable": False}, name="unanswerable.jsonl")
    dataset = load(tmp_path)
    first = dataset.answerable[0]
    assert (first.id, first.gold_pages, first.evidence_type, first.evidence) == ("1", (1, 2), ("table",), "Seven.")
    assert first.gold_layouts == (Region(1, Box(1, 2, 3, 4)),)
    assert [q.answerable for q in dataset.questions] == [True, False]
    assert dataset.documents == ("pdfs/a.pdf",)


def test_a_question_may_be_about_several_documents(tmp_path: Path) -> None:
    row = {key: value for key, value in ROW.items() if key != "doc"}
    write(tmp_path, row | {"docs": ["pdfs/a.pdf", "pdfs/b.pdf"]})
    (tmp_path / "pdfs" / "b.pdf").touch()
    dataset = load(tmp_path)
    assert dataset.questions[0].docs == ("pdfs/a.pdf", "pdfs/b.pdf")
    assert dataset.documents == ("pdfs/a.pdf", "pdfs/b.pdf")


def test_a_correction_is_preferred(tmp_path: Path) -> None:
    write(tmp_path, ROW | {"v2_correction": {"question": "How many exactly?", "answer": "8", "pages": [5]}})
    (question,) = load(tmp_path).questions
    assert (question.question, question.answer, question.gold_pages) == ("How many exactly?", "8", (5,))


def test_the_hash_tells_questions_apart(tmp_path: Path) -> None:
    write(tmp_path, ROW)
    first = load(tmp_path).hash
    write(tmp_path, ROW | {"answer": "8"})
    assert load(tmp_path).hash != first


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("{", " is no JSON"),
        (json.dumps({"id": 1}), " has no 'doc'"),
        (json.dumps({"id": 1, "doc": "pdfs/a.pdf"}), " has no 'gold_pages'"),
        (json.dumps(ROW | {"gold_layouts": [{"page": 1, "bbox": [1]}]}), ""),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, bad: str, says: str) -> None:
    write(tmp_path, ROW, bad)
    with pytest.raises(DatasetError, match=rf"queries\.jsonl, line 2{says}"):
        load(tmp_path)


def test_the_lines_of_the_readme_are_read(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "docs" / "guides" / "evaluation.md").read_text()
    row = json.loads(readme.split("```json\n")[1].split("```")[0])
    boxes = json.loads("{" + readme.split('added as `"gold_layouts"')[1].split("`")[0].join(('"gold_layouts"', "}")))
    without = {name: row[name] for name in ("question", "doc")} | {"id": 2, "answerable": False}
    write(tmp_path, row | boxes, without)
    (tmp_path / row["doc"]).touch()
    first, second = load(tmp_path).questions
    assert (first.gold_pages, first.gold_layouts) == ((4,), (Region(4, Box(72, 110, 535, 240)),))
    assert (second.answerable, second.gold_pages) == (False, ())


def test_a_line_in_another_encoding_is_named(tmp_path: Path) -> None:
    write(tmp_path, ROW)
    path = tmp_path / "queries.jsonl"
    path.write_bytes(path.read_bytes() + b'\n{"id": "caf\xe9"}')
    with pytest.raises(DatasetError, match=r"queries\.jsonl, line 2: UnicodeDecodeError"):
        load(tmp_path)


def test_an_absent_document_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no queries\.jsonl"):
        load(tmp_path)
    write(tmp_path, ROW | {"doc": "pdfs/b.pdf"})
    with pytest.raises(DatasetError, match=r"pdfs/b\.pdf"):
        load(tmp_path)
