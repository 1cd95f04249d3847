"""The judge by rules, and a model, each set against people's labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..concurrent import each
from . import labels as people, rules
from .cache import ReplyCache
from .correctness import grade
from .labels import Agreement, Label
from .model import JudgeModel, JudgeOptions
from .verdict import Verdict


def measured(
    labels: Sequence[Label],
    data_hash: str,
    options: JudgeOptions | None = None,
    *,
    samples: int = 1,
    cache: Path | None = None,
) -> list[Agreement]:
    """The agreement of the judge by rules, then of the model that the options name."""
    found = [people.measure(labels, _by_rules, data_hash)]
    if options:
        with JudgeModel(options, ReplyCache(cache)) as judge:
            found.append(people.measure(labels, lambda given: _by_model(judge, given, samples), data_hash))
    return found


def _by_rules(labels: Sequence[Label]) -> list[Verdict]:
    return [rules.judge(label.question, label.gold, label.answer) for label in labels]


def _by_model(judge: JudgeModel, labels: Sequence[Label], samples: int) -> list[Verdict]:
    def one(label: Label) -> Verdict:
        return grade(judge, label.question, label.gold, label.answer, samples=samples).verdict

    verdicts = {label.id: verdict for label, verdict in each(one, labels, judge.options.concurrency)}
    return [verdicts[label.id] for label in labels]
