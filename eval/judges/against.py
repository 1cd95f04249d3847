"""The judge by rules, and a model, each set against people's labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from octavo.eval.concurrent import map_concurrent
from octavo.eval.judges import labels as people, rules
from octavo.eval.judges.correctness import grade
from octavo.eval.judges.labels import Agreement, Label
from octavo.eval.judges.model import JudgeModel, JudgeOptions
from octavo.eval.judges.store.replies import ReplyCache
from octavo.eval.judges.verdict import Verdict
from octavo.rag.clients.http import SettingNames


def evaluate_judges(
    labels: Sequence[Label],
    data_hash: str,
    options: JudgeOptions | None = None,
    *,
    samples: int = 1,
    cache: Path | None = None,
    names: SettingNames | None = None,
) -> list[Agreement]:
    """Returns the agreement of the judge by rules, then of the model that the options name.

    `names` is what its settings are called, in errors.
    """
    results = [people.measure(labels, by_rules, data_hash)]
    if options:
        with JudgeModel(options, ReplyCache(cache), names) as judge:
            results.append(people.measure(labels, by_model(judge, samples), data_hash))
    return results


def by_rules(labels: Sequence[Label]) -> list[Verdict]:
    """Returns the verdicts of the judge by rules."""
    return [rules.judge(label.question, label.gold, label.answer) for label in labels]


def by_model(judge: JudgeModel, samples: int = 1) -> Callable[[Sequence[Label]], list[Verdict]]:
    """Gives the verdicts of a model."""

    def judge_label(label: Label) -> Verdict:
        return grade(judge, label.question, label.gold, label.answer, samples=samples).verdict

    def verdicts(labels: Sequence[Label]) -> list[Verdict]:
        result = {
            label.id: verdict for label, verdict in map_concurrent(judge_label, labels, judge.options.concurrency)
        }
        return [result[label.id] for label in labels]

    return verdicts
