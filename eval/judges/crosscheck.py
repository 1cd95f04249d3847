"""CrossCheckGPT (Sun et al. 2024): hallucination without a reference, as what other models do not bear out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from octavo.eval.judges.model import JudgeError, JudgeModel
from octavo.eval.judges.ragcheck import spans
from octavo.eval.judges.task import Task

_WRITE = "Answer the question from the material in a few plain sentences. If it does not hold the answer, say so."
_SUPPORTED = "Is the sentence supported by the context? yes, no, or unsure."
_TRUE = "Is the sentence true, going by the material? yes, no, or unsure."
_SCORE = {"yes": 0.0, "no": 1.0, "unsure": 0.5}


class _Passage(BaseModel):
    answer: str


class _Said(BaseModel):
    verdict: Literal["yes", "no", "unsure"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its hallucination score in [0, 1], 1 when no evidence supports it; None without a verdict."""

    text: str
    score: float | None


@dataclass(frozen=True, slots=True)
class CrossCheckScores:
    """The sentences of an answer; `score` is their mean."""

    sentences: tuple[Sentence, ...]

    @property
    def score(self) -> float | None:
        return _mean([s.score for s in self.sentences])


def explicit(
    judge: JudgeModel,
    others: Sequence[JudgeModel],
    material: tuple[str | bytes, ...],
    question: str,
    answer: str,
    *,
    samples: int = 1,
    weights: Sequence[float] | None = None,
) -> CrossCheckScores:
    """Other models answer the same question; the judge says whether each passage supports each sentence.

    `samples` passages are drawn from each of `others`; `weights` is how much each model is trusted (all the same).
    """
    passages: list[tuple[str, float]] = []
    for other, weight in zip(others, weights or [1.0] * len(others), strict=True):
        for sample in range(samples):
            task = Task(_WRITE, (*material, f"<question>\n{question}\n</question>"), _Passage, sample)
            try:
                passages.append((other.ask(task).value.answer, weight))
            except JudgeError:
                continue
    return CrossCheckScores(tuple(_against(judge, sentence, passages) for sentence in spans(answer)))


def implicit(
    others: Sequence[JudgeModel], material: tuple[str | bytes, ...], answer: str, *, samples: int = 1
) -> CrossCheckScores:
    """Asks each other model whether each sentence is true for the material; the score is the share of "no"."""
    results = []
    for sentence in spans(answer):
        parts = (*material, f"<sentence>\n{sentence}\n</sentence>")
        tasks = [(other, Task(_TRUE, parts, _Said, sample)) for other in others for sample in range(samples)]
        results.append(Sentence(sentence, _mean([_score(other, task) for other, task in tasks])))
    return CrossCheckScores(tuple(results))


def _against(judge: JudgeModel, sentence: str, passages: Sequence[tuple[str, float]]) -> Sentence:
    scored = []
    for passage, weight in passages:
        parts = (f"<context>\n{passage}\n</context>", f"<sentence>\n{sentence}\n</sentence>")
        if (score := _score(judge, Task(_SUPPORTED, parts, _Said))) is not None:
            scored.append((score, weight))
    total = sum(weight for _, weight in scored)
    return Sentence(sentence, sum(score * weight for score, weight in scored) / total if total else None)


def _score(model: JudgeModel, task: Task[_Said]) -> float | None:
    try:
        return _SCORE[model.ask(task).value.verdict]
    except JudgeError:
        return None


def _mean(scores: Sequence[float | None]) -> float | None:
    present = [score for score in scores if score is not None]
    return sum(present) / len(present) if present else None
