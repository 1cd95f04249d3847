"""A library on a disk without room, and on one that nobody can write: both in a small disk of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import octavo

ROOT = Path(octavo.__file__).parents[1]
MOUNT = ["unshare", "--map-root-user", "--mount"]


def possible() -> bool:
    try:
        return subprocess.run([*MOUNT, "mount", "-t", "tmpfs", "x", "/mnt"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


pytestmark = pytest.mark.skipif(not possible(), reason="needs a user namespace that may mount (Linux)")

SCRIPT = """
import os, sys
from pathlib import Path
from octavo.ingest import LibraryError
from octavo.rag import Pipeline

disk = Path(sys.argv[1])
os.mkdir(disk / "files")
for n in range(3):
    said = f"The heron number {n} wades in the delta. " * 20
    (disk / "files" / f"{n}.txt").write_text(said)
with Pipeline(disk / "library") as pipeline:
    assert [r.status for r in pipeline.ingest(disk / "files")] == ["added"] * 3
if sys.argv[2] == "full":
    file = os.open(disk / "fill", os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(file, bytes(4096))
    except OSError:
        os.close(file)
else:
    assert os.system(f"mount -o remount,ro {disk}") == 0
with Pipeline(disk / "library") as pipeline:
    assert pipeline.search("Where does the heron wade?")
    assert pipeline.ask("Where does the heron wade?").citations
    if sys.argv[2] == "full":
        assert os.statvfs(disk).f_bavail < 1100
        pipeline.remove("1.txt")
        assert [info.name for info in pipeline.documents()] == ["0.txt", "2.txt"]
        assert {hit.name for hit in pipeline.search("heron")} == {"0.txt", "2.txt"}
    else:
        try:
            pipeline.remove("1.txt")
        except LibraryError as error:
            assert "cannot be written" in str(error), error
        else:
            raise AssertionError("removed from a disk that nobody can write")
print("as it should be")
"""


@pytest.mark.parametrize("state", ["full", "read-only"])
def test_a_library_is_searched_on_a_disk_that_cannot_be_written(tmp_path: Path, state: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = f'mount -t tmpfs -o size=150m octavo "{disk}" && exec "{sys.executable}" -P -c "$0" "{disk}" {state}'
    done = subprocess.run(
        [*MOUNT, "sh", "-c", mounted, SCRIPT],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.stdout == "as it should be\n", done.stderr
