"""The figures of a run, from its rows: retrieval, answers, abstention, and what judges say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from octavo.eval.judges import Grade
from octavo.eval.judges.mmlongbench import NOT_ANSWERABLE, score
from octavo.eval.judges.rules import CITATION
from octavo.eval.metrics import (
    ConfidenceInterval,
    answerable_f1,
    auroc,
    by_group,
    cohen_kappa,
    interval,
    krippendorff_alpha,
    risk_coverage,
)
from octavo.eval.runs import manifest, rows
from octavo.eval.runs.config import Metric
from octavo.eval.runs.execute import ANSWERS, VERDICTS
from octavo.eval.runs.rows import Row
from octavo.eval.runs.verdicts import answer_text

Values = dict[str, float]
"""A figure of each question by its id, as far as it has one."""


@dataclass(frozen=True, slots=True)
class RunTable:
    """One system on one data set: rows of answers with their verdicts, and the values of each metric by question.

    `errors` counts the questions that could not be answered, by reason.
    """

    run: str
    data: str
    system: str
    rows: tuple[Row, ...]
    values: dict[str, Values]
    errors: dict[str, int]
    manifest: dict[str, Any] = field(repr=False, default_factory=dict)

    @property
    def failed(self) -> int:
        """The number of questions without an answer."""
        return sum(self.errors.values())

    def figures(self) -> dict[str, ConfidenceInterval]:
        """Returns the mean of each metric with its interval."""
        return {metric: interval(list(values.values())) for metric, values in self.values.items()}

    def types(self, metric: str) -> dict[str, tuple[float, int]]:
        """Returns the mean and the count of a metric by evidence type."""
        values = self.values.get(metric, {})
        rows = {row["id"]: row for row in self.rows}
        return by_group(list(values.values()), [rows[key]["evidence_type"] for key in values])

    def domains(self, metric: str) -> dict[str, tuple[float, int]]:
        """Returns the mean and the count of a metric by domain."""
        values = self.values.get(metric, {})
        rows = {row["id"]: row for row in self.rows}
        names = [rows[key]["domain"] for key in values]
        return by_group(list(values.values()), [[name] if name else [] for name in names])

    def slices(self, metric: str) -> dict[str, tuple[float, int]]:
        """Returns the mean and the count of a metric by the further groups of questions, such as `skill: counting`."""
        values = self.values.get(metric, {})
        rows = {row["id"]: row for row in self.rows}
        return by_group(list(values.values()), [rows[key].get("slices", []) for key in values])

    def abstention(self) -> dict[str, Any]:
        """Returns MMLongBench-Doc's F1, AUROC of the relevancy score, and the risk–coverage curve, by the rules."""
        rows = list(self.rows)
        if not rows:
            return {}
        right = [float(_is_right(row)) for row in rows]
        can = [row["answerable"] for row in rows]
        scores = [row["score"] for row in rows]
        result: dict[str, Any] = answerable_f1(right, can, [_abstains(row) for row in rows])
        result["answered"] = sum(not _abstains(row) for row in rows) / len(rows)
        if len(set(can)) == 2:
            result["auroc"] = auroc(scores, can)
        result["curve"] = asdict(risk_coverage(scores, [r if c else 0.0 for r, c in zip(right, can, strict=True)]))
        return result

    def judges(self) -> dict[str, float]:
        """Returns Cohen's kappa of the judge by rules and the models, Krippendorff's alpha of judges and of samples."""
        judged = [(row, v) for row in self.rows if (v := _verdict(row, Metric.CORRECTNESS))]
        both = [(row["rules"]["grade"], v["grade"]) for row, v in judged]
        result = {"rules and models, kappa": cohen_kappa(*zip(*both, strict=True))} if both else {}
        for name, key in (("judges, alpha", "judges"), ("samples of the first judge, alpha", "grades")):
            units = [v[key] for _, v in judged]
            if any(len(unit) > 1 for unit in units):
                result[name] = krippendorff_alpha(units)
        return result

    def cost(self) -> dict[str, float]:
        """Returns tokens and seconds in all."""
        judged = [row.get("verdicts", {}) for row in self.rows]
        return {
            "seconds": round(sum(row["seconds"] for row in self.rows), 1),
            "search_seconds": round(sum(row["search_seconds"] for row in self.rows), 1),
            "prompt_tokens": sum(row["prompt_tokens"] for row in self.rows),
            "completion_tokens": sum(row["completion_tokens"] for row in self.rows),
            "judge_tokens": sum(v.get("prompt_tokens", 0) + v.get("completion_tokens", 0) for v in judged),
        }


def tables(folder: Path) -> list[RunTable]:
    """Returns the tables of a run; raises `OctavoError` where there is none."""
    current = manifest.read(folder)
    judged = {row["key"]: row for row in rows.read(folder / VERDICTS)}
    result: dict[tuple[str, str], list[Row]] = {}
    for row in rows.read(folder / ANSWERS):
        merged = row | {"verdicts": judged[row["key"]]} if row["key"] in judged else row
        result.setdefault((row["data"], row["system"]), []).append(merged)
    return [_table(folder.resolve().name, data, system, of, current) for (data, system), of in result.items()]


def _table(run: str, data: str, system: str, rows: Sequence[Row], current: dict[str, Any]) -> RunTable:
    answered_rows = tuple(sorted((row for row in rows if not row.get("error")), key=lambda row: str(row["id"])))
    values: dict[str, Values] = {}
    for name, value in _metrics():
        column = {row["id"]: v for row in answered_rows if (v := value(row)) is not None}
        if column:
            values[name] = column
    errors = Counter(row["error"] for row in rows if row.get("error"))
    return RunTable(run, data, system, answered_rows, values, dict(errors), current)


def _metrics() -> Iterable[tuple[str, Callable[[Row], float | None]]]:
    for level, cuts in (("page", (1, 3, 5)), ("layout", (1, 5, 10)), ("layout_clipped", (1, 5, 10))):
        for k in cuts:
            yield f"{level.replace('_', ' ')} recall@{k}", _retrieval(level, f"recall@{k}")
    for name in ("ndcg@5", "mrr@5", "precision@1"):
        yield name, _retrieval("ranking", name)
    yield "correct by rules", lambda row: float(_is_right(row)) if row["gold"] else None
    yield (
        "correct by rules, answerable",
        lambda row: float(_is_right(row)) if row["gold"] and row["answerable"] else None,
    )
    yield "MMLongBench-Doc score", _short_score
    yield "correct by model", _correct_by_model
    for name in _ASPECTS:
        yield name.replace("_", " "), _aspect(name)
    for name in _POOLED:
        yield f"{name.replace('_', ' ')}, pooled", _pooled(name)
    yield "RAG-Check RS", _relevance
    for kind in ("explicit", "implicit"):
        yield f"CrossCheckGPT {kind}", _crosscheck(kind)
    yield "RAG-Check CS", lambda row: _verdict(row, Metric.RAGCHECK).get("correctness")


_ASPECTS = (
    "answer_correctness",
    "answer_relevancy",
    "text_faithfulness",
    "image_faithfulness",
    "text_context_relevancy",
    "image_context_relevancy",
)


_POOLED = ("faithfulness", "context_relevancy")
"""Judged of texts and of pictures; their mean lets systems that are shown the one or the other be compared."""


def _pooled(name: str) -> Callable[[Row], float | None]:
    kinds = [_aspect(f"{kind}_{name}") for kind in ("text", "image")]

    def value(row: Row) -> float | None:
        results = [v for kind in kinds if (v := kind(row)) is not None]
        return sum(results) / len(results) if results else None

    return value


def _retrieval(level: str, name: str) -> Callable[[Row], float | None]:
    def value(row: Row) -> float | None:
        result = row["retrieval"].get(level)
        return result[name] if result else None

    return value


def _aspect(name: str) -> Callable[[Row], float | None]:
    def value(row: Row) -> float | None:
        holds = _verdict(row, Metric.ASPECTS).get(name, {}).get("holds")
        return None if holds is None else float(holds)

    return value


def _crosscheck(kind: str) -> Callable[[Row], float | None]:
    return lambda row: _verdict(row, Metric.CROSSCHECK).get(kind)


def _short_score(row: Row) -> float | None:
    """Returns MMLongBench-Doc's own score of the answer as it stands, which a long answer fails."""
    if not row["form"]:
        return None
    answer = NOT_ANSWERABLE if _abstains(row) else CITATION.sub("", answer_text(row)).strip()
    return score(row["gold"], answer, row["form"])


def _correct_by_model(row: Row) -> float | None:
    result = _verdict(row, Metric.CORRECTNESS)
    return float(result["grade"] == Grade.CORRECT) if result and result["grade"] != Grade.FAILED else None


def _relevance(row: Row) -> float | None:
    scores = [score for score in _verdict(row, Metric.RAGCHECK).get("relevance", ()) if score is not None]
    return sum(scores) / len(scores) if scores else None


def _verdict(row: Row, metric: Metric) -> dict[str, Any]:
    result: dict[str, Any] = row.get("verdicts", {}).get(metric, {})
    return result


def _is_right(row: Row) -> bool:
    return bool(row["rules"]["grade"] == Grade.CORRECT)


def _abstains(row: Row) -> bool:
    """Returns whether nothing was answered: by the system itself, or in the words of its answer."""
    return bool(
        row["abstained"] or row["rules"]["grade"] == Grade.REFUSAL or (not row["answerable"] and _is_right(row))
    )


METRICS = tuple(name for name, _ in _metrics())
"""The names of all metrics, in the order in which they are shown."""
