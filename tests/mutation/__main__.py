"""Runs the tests against each mutant."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutation import ROOT, TARGETS, mutants

_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "demo", "*.sqlite")
SECONDS = 300
"""A mutant whose tests take longer counts as noticed."""


def main(parts: list[str]) -> int:
    """Prints the mutants of the files whose path holds one of `parts` that survive, and returns the exit code."""
    survivors = total = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "octavo")
        shutil.copytree(ROOT, copy, ignore=_LEFT_OUT, symlinks=True)
        compileall.compile_dir(copy, quiet=1)
        for file, tests in TARGETS.items():
            if parts and not any(part in file for part in parts):
                continue
            original = (copy / file).read_text(encoding="utf-8")
            if not _passes(copy, tests):
                raise SystemExit(f"{' '.join(tests)} fail before {file} is changed.")
            for mutant in mutants(file, original):
                (copy / file).write_text(mutant.text, encoding="utf-8")
                survived = _passes(copy, tests)
                total, survivors = total + 1, survivors + survived
                if survived:
                    print(f"survived: {file}, {mutant.where}", flush=True)
            (copy / file).write_text(original, encoding="utf-8")
    print(f"{total} mutants, {survivors} survived")
    return int(survivors > 0)


def _passes(copy: Path, tests: tuple[str, ...]) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
