"""Runs the tests against each mutant."""

from __future__ import annotations

import compileall
import shutil
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path

from tests.mutation import ROOT, TARGETS, mutants
from tests.mutation.run import run_tests

_LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "demo", "*.sqlite")
SECONDS = 600
"""A mutant whose tests take longer counts as noticed."""
_HEAVY = ["numpy", "pydantic_settings", "pymupdf", "wordllama", "hypothesis", "PIL.Image", "httpx"]
"""Modules of others that every run of tests needs: they are imported once."""


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
            if not _pass(copy, tests):
                raise SystemExit(f"{' '.join(tests)} fail before {file} is changed.")
            for mutant in mutants(file, original):
                (copy / file).write_text(mutant.text, encoding="utf-8")
                survived = _pass(copy, tests)
                total, survivors = total + 1, survivors + survived
                if survived:
                    print(f"survived: {file}, {mutant.where}", flush=True)
            (copy / file).write_text(original, encoding="utf-8")
    print(f"{total} mutants, {survivors} survived")
    return int(survivors > 0)


def _pass(copy: Path, tests: tuple[str, ...]) -> bool:
    """Runs tests in a fork of a process that has imported what is slow to import, and nothing of the project."""
    context = get_context("forkserver")
    context.set_forkserver_preload(_HEAVY)
    process = context.Process(target=run_tests, args=(str(copy), tests))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
