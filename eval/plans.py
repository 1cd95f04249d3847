"""Ablation of the plans of answers without a model: outcomes with each plan off, over questions with keys."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from octavo.eval.questions import QuestionOutcome, evaluate, is_unanswerable
from octavo.rag import Settings
from octavo.rag.settings import PlanOptions

ALL_ON = ""
"""The name of the row in which all plans are on."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The outcome of each question, put to each place, with the plan `off` (`ALL_ON` for none).

    `answered` is how many of them that plan answers, rightly or not, where it is on.
    """

    off: str
    answered: int
    rows: tuple[QuestionOutcome, ...]

    def count(self, outcome: str) -> int:
        """Returns the number of questions with a key that have the outcome: right, wrong or abstained."""
        return sum(row.outcome == outcome for row in self.rows if not is_unanswerable(row))

    @property
    def unduly(self) -> int:
        """The number of near misses and off-topic questions that are answered."""
        return sum(row.outcome == "wrong" for row in self.rows if is_unanswerable(row))


def ablate(
    folder: Path,
    *,
    library: Path | None = None,
    split: str = "",
    settings: Settings | None = None,
    reword: Callable[[str, str], str] = lambda question, before: f"{before} {question}",
) -> list[Outcomes]:
    """Puts the questions with all plans on, then with each plan off those that it answered; others are the same."""
    settings = settings or Settings.from_env()
    with nullcontext(library) if library else tempfile.TemporaryDirectory() as home:
        before = evaluate(folder, library=Path(home), split=split, settings=settings, reword=reword).rows
        results = [Outcomes(ALL_ON, 0, tuple(before))]
        for plan in PlanOptions.model_fields:
            own = {(row.id, row.place) for row in before if row.plan == plan}
            off = without(settings, plan)
            after = evaluate(folder, library=Path(home), settings=off, reword=reword, only=own).rows if own else []
            changed = {(row.id, row.place): row for row in after}
            rows = tuple(changed.get((row.id, row.place), row) for row in before)
            results.append(Outcomes(plan, len(own), rows))
    return results


def without(settings: Settings, plan: str) -> Settings:
    """Returns the settings with one plan off."""
    plans = settings.answering.plans.model_copy(update={plan: False})
    return settings.model_copy(update={"answering": settings.answering.model_copy(update={"plans": plans})})


def table(results: Sequence[Outcomes]) -> str:
    """Returns a Markdown table: a row for each plan that is off; what differs from all on is bold."""
    lines = ["| off | answers | right | wrong | no answer | unanswerable answered |", "|---|---|---|---|---|---|"]
    first = _counts(results[0])
    for result in results:
        cells = [str(n) if n == same else f"**{n}**" for n, same in zip(_counts(result), first, strict=True)]
        answered = str(result.answered) if result.off else ""
        lines.append(f"| {' | '.join([result.off or 'none', answered, *cells])} |")
    return "\n".join(lines)


def _counts(result: Outcomes) -> tuple[int, ...]:
    return (*(result.count(outcome) for outcome in ("right", "wrong", "abstained")), result.unduly)
