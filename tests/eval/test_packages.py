"""What the evaluation's packages show is what they say."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "package",
    ["octavo.eval.datasets", "octavo.eval.judges", "octavo.eval.metrics", "octavo.eval.reports", "octavo.eval.runs"],
)
def test_all_is_sorted_and_true(package: str) -> None:
    module = importlib.import_module(package)
    assert list(module.__all__) == sorted(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None


def test_the_command_loads_no_evaluation_until_it_is_asked_for() -> None:
    code = "import sys, octavo.apps.cli.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"jinja2", "numpy", "pyarrow", "rapidfuzz", "yaml", "octavo.eval.runs", "openai"} & set(loaded)
