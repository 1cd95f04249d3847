"""The second half of a run: every answer is judged, by rules and by the metrics that a model judges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from PIL import Image

from octavo.eval.concurrent import map_concurrent
from octavo.eval.judges import (
    AnsweredQuestion,
    Grade,
    JudgeModel,
    Raw,
    check,
    explicit,
    grade,
    implicit,
    judge_aspects,
    rules,
)
from octavo.eval.runs.config import JudgeConfig, Metric
from octavo.eval.runs.rows import Row
from octavo.eval.runs.system import Modality
from octavo.ingest import Box, Page
from octavo.ingest.imaging import encode
from octavo.ingest.model import PICTURES
from octavo.rag.answering.quote import NOTICE

_Place = tuple[str, int, tuple[float, ...]]
"""A document, a page, and the box of a part of it (empty: all of it)."""


class Screenshots(Protocol):
    """A source of page pictures, such as a library."""

    def page(self, document: str, number: int) -> Page: ...

    def screenshot(self, document: str, number: int) -> Image.Image: ...

    def crop(self, document: str, number: int, box: Box) -> Image.Image: ...


def answer_text(row: Row) -> str:
    """Returns an answer without the notice that precedes quotes."""
    return str(row["answer"]).replace(NOTICE, "").strip()


def by_rules(row: Row) -> Row:
    """Returns the verdict of the judge without a model."""
    if row["choices"]:
        verdict = rules.judge_choice(row["choices"], row["gold"], answer_text(row), abstained=row["abstained"])
    else:
        verdict = rules.judge(row["question"], row["gold"], answer_text(row), abstained=row["abstained"])
    return {"grade": str(verdict.grade), "score": round(verdict.score, 4), "reason": verdict.reason}


@dataclass(frozen=True, slots=True)
class JudgePanel:
    """The models that judge a run: the first judge, further ones that grade, and CrossCheckGPT's."""

    judge: JudgeModel
    panel: Sequence[JudgeModel] = ()
    others: Sequence[JudgeModel] = ()


def verdicts(
    bench: JudgePanel, options: JudgeConfig, metrics: Sequence[Metric], answers: Sequence[Row], screenshots: Screenshots
) -> Iterator[Row]:
    """Yields a row of verdicts for each answer, as they finish; one with a verdict missing has an `error`."""

    def judge_row(row: Row) -> Row:
        return _judge(bench, options, metrics, row, screenshots)

    for _, item in map_concurrent(judge_row, answers, bench.judge.options.concurrency):
        yield item


def _judge(
    bench: JudgePanel, options: JudgeConfig, metrics: Sequence[Metric], row: Row, screenshots: Screenshots
) -> Row:
    judge = bench.judge
    result: Row = {"key": row["key"], "judge": judge.name, "prompt_tokens": 0, "completion_tokens": 0}
    errors: list[str] = []
    if Metric.CORRECTNESS in metrics and row["gold"]:
        result["correctness"] = _grade(bench, options.samples, row, result)
        errors += [result["correctness"]["reason"]] if result["correctness"]["grade"] == Grade.FAILED else []
    if Metric.ASPECTS in metrics and not row["abstained"]:
        judgements = judge_aspects(judge, _context(row, options, screenshots), options.aspects)
        result["aspects"] = {str(j.aspect): {"holds": j.holds, "reason": j.reason} for j in judgements}
        for j in judgements:
            _count(result, j.prompt_tokens, j.completion_tokens)
        errors += [j.reason for j in judgements if j.holds is None]
    if Metric.RAGCHECK in metrics and not row["abstained"]:
        checked = check(judge, row["question"], answer_text(row), _raw(row, options, screenshots))
        result["ragcheck"] = asdict(checked) | {"correctness": checked.correctness}
        errors += [span.reason for span in checked.spans if span.objective is None]
        errors += ["no relevance of an entry"] * (None in checked.relevance)
    if Metric.CROSSCHECK in metrics and not row["abstained"]:
        result["crosscheck"] = _crosscheck(judge, bench.others or [judge], options, row, screenshots)
        errors += ["no evidence of other models"] * (None in result["crosscheck"].values())
    return result | ({"error": errors[0]} if errors else {})


def _grade(bench: JudgePanel, samples: int, row: Row, result: Row) -> Row:
    """Returns the grade of most judges, and what each of them says; a judge without a verdict makes it `FAILED`."""
    judges = (bench.judge, *bench.panel)
    all_graded = [grade(judge, row["question"], row["gold"], answer_text(row), samples=samples) for judge in judges]
    for graded in all_graded:
        _count(result, graded.prompt_tokens, graded.completion_tokens)
    verdicts = [graded.verdict for graded in all_graded]
    failed = [verdict for verdict in verdicts if verdict.grade is Grade.FAILED]
    most = Counter(verdict.grade for verdict in verdicts).most_common(1)[0][0]
    verdict = failed[0] if failed else next(verdict for verdict in verdicts if verdict.grade is most)
    return {
        "grade": str(verdict.grade),
        "score": verdict.score,
        "reason": verdict.reason,
        "grades": all_graded[0].grades,
        "judges": [str(verdict.grade) for verdict in verdicts],
    }


def _crosscheck(
    judge: JudgeModel, others: Sequence[JudgeModel], options: JudgeConfig, row: Row, screenshots: Screenshots
) -> dict[str, float | None]:
    """Both scores of CrossCheckGPT in [0, 1], 1 is a hallucination; models see what the system that answered saw."""
    material = tuple(part for entry in _raw(row, options, screenshots) for part in entry.parts)
    samples = options.cross_samples
    return {
        "explicit": explicit(judge, others, material, row["question"], answer_text(row), samples=samples).score,
        "implicit": implicit(others, material, answer_text(row), samples=samples).score,
    }


def _count(result: Row, prompt_tokens: int, completion_tokens: int) -> None:
    result["prompt_tokens"] += prompt_tokens
    result["completion_tokens"] += completion_tokens


def _context(row: Row, options: JudgeConfig, screenshots: Screenshots) -> AnsweredQuestion:
    return AnsweredQuestion(
        question=row["question"],
        answer=answer_text(row),
        gold=row["gold"],
        texts=tuple(text for e in row["evidence"] if (text := _text(row, e))),
        images=tuple(_pictures(row, options, screenshots).values()),
    )


def _raw(row: Row, options: JudgeConfig, screenshots: Screenshots) -> list[Raw]:
    pictures = _pictures(row, options, screenshots)
    return [Raw(_text(row, e), pictures.get(_place(e), b"")) for e in row["evidence"]]


def _text(row: Row, evidence: Row) -> str:
    """Returns the text of evidence, as far as the system that answered was given it."""
    return "" if row["modality"] == Modality.IMAGE else str(evidence["text"])


def _pictures(row: Row, options: JudgeConfig, screenshots: Screenshots) -> dict[_Place, bytes]:
    """Returns the first pictures of the evidence as JPEG, each once: a figure or a table, else the page.

    There are none where the evidence is text only.
    """
    if row["modality"] == Modality.TEXT:
        return {}
    places = list(dict.fromkeys(_place(e) for e in row["evidence"]))[: options.pictures]
    return {place: _jpeg(picture, options.picture_side) for place in places if (picture := _seen(place, screenshots))}


def _place(evidence: Row) -> _Place:
    box = tuple(evidence["regions"][0][1:]) if evidence["kind"] in PICTURES else ()
    return evidence["document"], evidence["page"], box


def _seen(place: _Place, screenshots: Screenshots) -> Image.Image | None:
    document, number, box = place
    if not screenshots.page(document, number).image:
        return None
    return screenshots.crop(document, number, Box(*box)) if box else screenshots.screenshot(document, number)


def _jpeg(image: Image.Image, side: int) -> bytes:
    return encode(image, "JPEG", 85, side=side)
