"""A judge set against people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from octavo.eval.datasets import DatasetError
from octavo.eval.judges import Verdict, labels, rules


def write(folder: Path, *rows: object) -> Path:
    (folder / "labels.jsonl").write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return folder


def row(n: int, answer: str, label: str) -> dict[str, object]:
    return {
        "id": n,
        "question": "How many stores?",
        "gold_answer": "12",
        "model_answer": answer,
        "label": label,
        "question_type": "counting",
    }


ROWS = (
    row(1, "12 stores", "Correct Answer"),
    row(2, "13 stores", "Incorrect Answer"),
    row(3, "I don't know.", "Refusal"),
    row(4, "a dozen", "Correct Answer"),
)


def by_rules(given: object) -> list[Verdict]:
    assert isinstance(given, list)
    return [rules.judge(label.question, label.gold, label.answer) for label in given]


def test_agreement_is_counted(tmp_path: Path) -> None:
    found, data_hash = labels.load(write(tmp_path, *ROWS))
    result = labels.measure(found, by_rules, data_hash)
    assert (result.judge, result.labels, result.failed) == ("rules", 4, 0)
    assert result.accuracy.mean == 0.75
    assert result.kappa == pytest.approx(1 - 0.25 / (1 - 0.3125), abs=1e-4)
    assert result.confusion["correct"] == {"correct": 1, "incorrect": 1, "refusal": 0}
    assert result.kinds == {"counting": 0.75}
    assert result.binary_accuracy.mean == 0.75


@pytest.mark.parametrize("bad", ["{", json.dumps(row(2, "x", "Perhaps")), json.dumps({"id": 1, "label": "Refusal"})])
def test_a_bad_line_is_named(tmp_path: Path, bad: str) -> None:
    with pytest.raises(DatasetError, match=r"labels\.jsonl, line 2"):
        labels.load(write(tmp_path, ROWS[0], bad))


def test_a_label_without_text_is_a_bad_line_and_line_separators_in_text_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(json.dumps(ROWS[0] | {"model_answer": "Yes,\u2028it is."}, ensure_ascii=False).encode())
    assert labels.load(tmp_path)[0][0].answer == "Yes,\u2028it is."
    path.write_bytes(b'{"id": "\xff"}\n')
    with pytest.raises(DatasetError, match=r"labels\.jsonl, line 1: UnicodeDecodeError"):
        labels.load(tmp_path)


def test_no_labels(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no labels\.jsonl"):
        labels.load(tmp_path)


def test_rules_agree_with_people_as_measured(data: Path) -> None:
    found, data_hash = labels.load(data / "financebench-judge")
    result = labels.measure(found, by_rules, data_hash)
    assert result.labels == 1040
    assert result.accuracy.mean > 0.83
    assert result.binary_kappa > 0.73
    assert not result.poor
