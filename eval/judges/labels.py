"""A judge is itself measured: its grades set against those that people gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octavo.eval.datasets import DatasetError
from octavo.eval.judges.verdict import Grade, Verdict
from octavo.eval.metrics import ConfidenceInterval, accuracy, cohen_kappa, confusion, interval

_GRADES = {"Correct Answer": Grade.CORRECT, "Incorrect Answer": Grade.INCORRECT, "Refusal": Grade.REFUSAL}

POOR = 0.6
"""Cohen's kappa below which agreement is no longer called substantial (Landis and Koch 1977)."""


@dataclass(frozen=True, slots=True)
class Label:
    """An answer of some model to a question, and the grade that people gave it."""

    id: str
    question: str
    gold: str
    answer: str
    grade: Grade
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of a judge with people.

    `accuracy` and `kappa` (Cohen's) are over three grades, `binary_…` over correct or not; both count answers without
    a verdict (`failed`) as wrong. `confusion` counts by people's grade, then the judge's. `kinds` is the accuracy by
    kind of question.
    """

    judge: str
    labels: int
    failed: int
    accuracy: ConfidenceInterval
    kappa: float
    binary_accuracy: ConfidenceInterval
    binary_kappa: float
    confusion: dict[str, dict[str, int]]
    kinds: dict[str, float]
    data_hash: str

    @property
    def poor(self) -> bool:
        """True if no decision should rest on this judge."""
        return self.binary_kappa < POOR


def load(folder: Path) -> tuple[list[Label], str]:
    """Returns the labels of a folder's `labels.jsonl`, and the hash of that file.

    Raises `DatasetError` naming a bad line.

    A line has `id`, `question`, `gold_answer`, `model_answer`, `label` (Correct Answer, Incorrect Answer or Refusal)
    and perhaps `question_type`.
    """
    path = folder / "labels.jsonl"
    if not path.is_file():
        raise DatasetError(f"{folder} holds no labels.jsonl.")
    data = path.read_bytes()
    results = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            results.append(_label(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"{path}, line {number}: {type(error).__name__}: {error}.") from error
    if not results:
        raise DatasetError(f"{path} is empty.")
    return results, hashlib.sha256(data).hexdigest()[:16]


def sample(labels: Sequence[Label], count: int) -> list[Label]:
    """Returns `count` labels at even distances, the same each time; all of them for 0.

    >>> [label.id for label in sample([Label(str(n), "", "", "", Grade.CORRECT) for n in range(10)], 3)]
    ['0', '3', '6']
    """
    if not 0 < count < len(labels):
        return list(labels)
    return [labels[n * len(labels) // count] for n in range(count)]


def measure(
    labels: Sequence[Label], judge: Callable[[Sequence[Label]], Sequence[Verdict]], data_hash: str
) -> Agreement:
    """Returns the agreement of a judge, which grades all labels in their order."""
    verdicts = judge(labels)
    truth = [str(label.grade) for label in labels]
    own_grades = [str(verdict.grade) for verdict in verdicts]
    right = [float(a == b) for a, b in zip(truth, own_grades, strict=True)]
    both = [[grade == Grade.CORRECT for grade in grades] for grades in (truth, own_grades)]
    failed = [verdict.grade is Grade.FAILED for verdict in verdicts]
    binary = [float(a == b and not f) for a, b, f in zip(*both, failed, strict=True)]
    kinds = sorted({label.kind for label in labels if label.kind})
    of_kind = {kind: [n for n, label in enumerate(labels) if label.kind == kind] for kind in kinds}
    return Agreement(
        judge=verdicts[0].judge,
        labels=len(labels),
        failed=sum(failed),
        accuracy=interval(right),
        kappa=round(cohen_kappa(truth, own_grades), 4),
        binary_accuracy=interval(binary),
        binary_kappa=round(cohen_kappa(*both), 4),
        confusion=confusion(truth, own_grades),
        kinds={
            kind: round(accuracy([truth[n] for n in own], [own_grades[n] for n in own]), 4)
            for kind, own in of_kind.items()
        },
        data_hash=data_hash,
    )


def _label(row: dict[str, Any]) -> Label:
    if row["label"] not in _GRADES:
        raise ValueError(f"label is one of {', '.join(_GRADES)}, not {row['label']!r}")
    return Label(
        id=str(row["id"]),
        question=row["question"],
        gold=str(row["gold_answer"]),
        answer=str(row["model_answer"]),
        grade=_GRADES[row["label"]],
        kind=row.get("question_type") or "",
    )
