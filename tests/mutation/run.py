"""Tests of a copy of the checkout, in a process of their own."""

from __future__ import annotations

import os
import sys

import pytest

from tests.mutation import ROOT


def run_tests(copy: str, tests: tuple[str, ...]) -> None:
    """Runs tests of the project in the folder `copy` and exits with their code."""
    os.chdir(copy)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("octavo", "tests")]:
        del sys.modules[name]
    sys.path[:] = [copy, *(path for path in sys.path if path not in ("", str(ROOT)))]
    sys.dont_write_bytecode = True
    os.environ["PYTHONPATH"] = copy
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        sys.exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))
