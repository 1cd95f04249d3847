"""A fixture for projects that test their documents: `octavo_gate(run, baseline)` fails where answers became worse.

Pytest finds it by itself where Octavo is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from octavo.eval.runs.gate import GateResult


@pytest.fixture
def octavo_gate() -> Callable[[Path, Path], GateResult]:
    """Returns a function that compares a run with a baseline and fails the test where something is clearly worse."""

    def gate(run: Path, baseline: Path) -> GateResult:
        from octavo.eval.runs.gate import compare_runs

        comparison = compare_runs(run, baseline)
        if not comparison.passes:
            changes = [str(change) for change in comparison.worse]
            changes += [f"{comparison.failed} questions could not be answered"] if comparison.failed else []
            pytest.fail("\n".join(changes), pytrace=False)
        return comparison

    return gate
