"""A fixture for projects that test their documents: `octavo_gate(run, baseline)` fails where answers became worse.

Pytest finds it by itself where Octavo is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from octavo.eval.runs.gate import Verdict


@pytest.fixture
def octavo_gate() -> Callable[[Path, Path], Verdict]:
    """Returns a function that compares a run with a baseline and fails the test where something is clearly worse."""

    def gate(run: Path, baseline: Path) -> Verdict:
        from octavo.eval.runs.gate import compare_runs

        found = compare_runs(run, baseline)
        if not found.passes:
            told = [str(change) for change in found.worse]
            told += [f"{found.failed} questions could not be answered"] if found.failed else []
            pytest.fail("\n".join(told), pytrace=False)
        return found

    return gate
