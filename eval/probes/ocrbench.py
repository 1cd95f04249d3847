"""OCRBench (arXiv 2305.07895): reading text in pictures, as five sums that come to 1000 points at most.

The data set is OCRBench's own (`octavo.eval.datasets`, JSON or Parquet); an answer is right where it contains an
accepted one, letters in lower case, and without spaces for handwritten formulas.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from octavo.eval.datasets import Question
from octavo.eval.probes.base import Figure, ProbeTarget, Trial, mean
from octavo.eval.runs.rows import Row
from octavo.ingest.imaging import encode
from octavo.rag.images import decode_image

TASKS = {
    "text recognition": 300,
    "scene text questions": 200,
    "document questions": 200,
    "key information": 200,
    "handwritten formulas": 100,
}
"""The five sums, with the points that each has at most: one for a question of the published set."""
_TASK_OF = (
    ("scene text", "scene text questions"),
    ("doc", "document questions"),
    ("key information", "key information"),
    ("handwritten math", "handwritten formulas"),
)


class OcrBench:
    """The probe of OCRBench."""

    needs_model = True

    def trials(self, source: ProbeTarget) -> Iterator[Trial]:
        """Yields a trial for each question with a picture."""
        for question in source.questions:
            if question.picture:
                yield Trial(question.id, partial(_measure, source, question))

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        """Returns the share that is right of each of the five sums and of all, and the points that this comes to."""
        results: list[Figure] = []
        for task in TASKS:
            results += mean(task, [row for row in rows if row["task"] == task], lambda row: row["right"])
        results += mean("all", rows, lambda row: row["right"])
        shares = {task: own for task in TASKS if (own := [r["right"] for r in rows if r["task"] == task])}
        if len(shares) == len(TASKS):
            results += mean(
                "points of 1000",
                rows,
                lambda row: TASKS[row["task"]] * row["right"] * len(rows) / len(shares[row["task"]]),
            )
        return results


PROBE = OcrBench()


def task_of(kind: str) -> str:
    """Returns the sum that a type of question counts to.

    >>> task_of("Doc-oriented VQA"), task_of("Digit String Recognition")
    ('document questions', 'text recognition')
    """
    low = kind.lower()
    return next((task for start, task in _TASK_OF if low.startswith(start)), "text recognition")


def contains(answer: str, accepted: Sequence[str], *, without_spaces: bool) -> bool:
    """Returns whether an answer contains one of the accepted ones, by OCRBench's rule.

    >>> contains("The sign says CLOSED today", ["closed"], without_spaces=False)
    True
    >>> contains("x ^ 2 + 1", ["x^2+1"], without_spaces=True)
    True
    """

    def plain(text: str) -> str:
        return text.replace(" ", "").replace("\n", "") if without_spaces else text.lower().strip().replace("\n", " ")

    return any(plain(one) in plain(answer) for one in accepted)


def _measure(source: ProbeTarget, question: Question) -> Row:
    image = decode_image((source.dataset.folder / question.picture).read_bytes())
    side = source.pipeline.settings.llm_image_side
    reply = source.ask_model(encode(image, "JPEG", 92, side=side), question.question)
    task = task_of(question.evidence_type[0] if question.evidence_type else "")
    accepted = question.accepted or (question.answer,)
    right = contains(reply, accepted, without_spaces=task == "handwritten formulas")
    return {"task": task, "reply": reply, "right": right}
