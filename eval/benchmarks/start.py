"""Starting the command, and opening a library of 10,000 made-up pages."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from octavo.eval.benchmarks import synthetic
from octavo.rag import Pipeline

PAGES = 10_000
ROUNDS = 5
_IMPORT = "import octavo.rag.pipeline, octavo.rag.index, octavo.rag.embedding.static"
_OPEN = "from octavo.rag import Pipeline; Pipeline({!r}).documents()"


def report() -> str:
    """Returns seconds of `octavo --help` beside bare Python, and of opening a library beside its imports."""
    with tempfile.TemporaryDirectory() as folder:
        with Pipeline(Path(folder)) as pipeline:
            synthetic.fill(pipeline, PAGES)
        times = {
            name: statistics.median(_seconds(code) for _ in range(ROUNDS))
            for name, code in (
                ("python", "pass"),
                ("help", "from octavo.apps.cli.main import app; app(['--help'], standalone_mode=False)"),
                ("imports", _IMPORT),
                ("open", f"{_IMPORT}; {_OPEN.format(folder)}"),
            )
        }
    more = times["open"] - times["imports"]
    return (
        f"octavo --help: {times['help']:.2f} s, {times['help'] / times['python']:.1f} of bare Python\n"
        f"opening {PAGES:,} pages: {more:.2f} s more than the imports ({times['imports']:.2f} s)"
    )


def _seconds(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - started
