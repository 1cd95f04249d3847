"""A run held against an earlier one: what became clearly worse on the same questions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from octavo.eval.runs.differences import Difference, differences
from octavo.eval.runs.summary import RunTable, tables
from octavo.ingest import OctavoError


@dataclass(frozen=True, slots=True)
class Change:
    """A metric of a system on a data set that changed clearly; `difference` is the run's less the baseline's."""

    data: str
    system: str
    difference: Difference

    @property
    def is_worse(self) -> bool:
        return self.difference.change.difference < 0

    def __str__(self) -> str:
        d = self.difference
        low, high = d.change.low, d.change.high
        return (
            f"{self.data}, {self.system}: {d.metric} {d.first:.3f} -> {d.second:.3f} "
            f"({d.change.difference:+.3f} [{low:+.3f}, {high:+.3f}], p {d.adjusted:.3f})"
        )


@dataclass(frozen=True, slots=True)
class GateResult:
    """The comparison of a run with its baseline. `worse` and `better` changed clearly; `failed` questions have no
    answer."""

    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    compared: int
    failed: int

    @property
    def passes(self) -> bool:
        """True where no metric became clearly worse and no question failed that the baseline answered."""
        return not (self.worse or self.failed)


def compare_runs(run: Path, baseline: Path) -> GateResult:
    """Compares a run with a baseline, metric by metric, on the questions that both have.

    A change is clear where its p-value is under .05 after Holm's correction for all metrics of a system (a paired
    permutation test). Raises `OctavoError` where the two have no system on a data set in common.
    """
    before = {(table.data, table.system): table for table in tables(baseline)}
    pairs = [(before[key], table) for table in tables(run) if (key := (table.data, table.system)) in before]
    if not pairs:
        raise OctavoError(f"{run} and {baseline} have no system on a data set in common: nothing can be compared.")
    changes = [
        Change(after.data, after.system, item) for old, after in pairs for item in differences(old, after) if item.clear
    ]
    return GateResult(
        tuple(change for change in changes if change.is_worse),
        tuple(change for change in changes if not change.is_worse),
        len(pairs),
        sum(_count_failed(old, after) for old, after in pairs),
    )


def _count_failed(old: RunTable, after: RunTable) -> int:
    return len({row["id"] for row in old.rows} - {row["id"] for row in after.rows}) if after.failed else 0
