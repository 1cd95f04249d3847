"""The n-th step on the disk fails, for every n: the library is the one before or the one after, as SQLite tests itself.

A step is a write, a rename, an fsync, a truncation, a deletion or a new file, by whoever does it. It fails for want of
room (and so do all that follow), by an error of the device once, or by a kill that leaves half of a write.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.points import WORKS

HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a C compiler (cc)"
)


@pytest.fixture(scope="session")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that stands before the calls of the disk."""
    made = tmp_path_factory.mktemp("disk") / "disk.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", made, HERE / "disk.c", "-ldl"], check=True, timeout=60)
    return made


@pytest.mark.parametrize("step", [61, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("work", WORKS)
@pytest.mark.timeout(3600)
def test_whatever_step_fails_the_library_is_whole(disk: Path, tmp_path: Path, work: str, step: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.points", work, str(step), str(tmp_path)],
        env=os.environ | {"LD_PRELOAD": str(disk), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    tally = json.loads(done.stdout)
    print(f"{work}:", {key: value for key, value in tally.items() if key != "wrong"}, len(tally["wrong"]), "wrong")
    assert tally["tried"] >= 3 * tally["points"] / step - 3
    assert tally["killed"] > 0
    assert tally["refused"] > 0
    assert tally["wrong"] == []
