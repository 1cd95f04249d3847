"""Files that are broken, locked, bombs or odd: each ends in a document or one sentence, in bounded time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SETS = ("hostile-pdfs", "pptx-samples")
SECONDS, BYTES = 60, 2_000_000_000

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="needs /proc")]


@dataclass(frozen=True)
class Run:
    """What an ingest printed, and the most memory that it and its children held together, bytes."""

    code: int
    results: list[dict[str, Any]]
    seconds: float
    memory: int


def ingest(path: Path, library: Path, password: str = "") -> Run:
    command = [sys.executable, "-c", "from octavo.apps.cli.main import main; main()", "ingest", str(path), "--json"]
    command += ["--library", str(library), "--password", password]
    started, most = time.monotonic(), 0
    with (library.parent / "out.json").open("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE)
        while process.poll() is None:
            most = max(most, sum(map(held, family(process.pid))))
            time.sleep(0.1)
        out.seek(0)
        assert process.stderr is not None
        with process.stderr as errors:
            assert b"Traceback" not in errors.read()
        return Run(process.returncode, json.load(out), time.monotonic() - started, most)


def family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += (task / "children").read_text().split()
    except OSError:
        return
    for child in set(children):
        yield from family(int(child))


def held(pid: int) -> int:
    """The memory that a process holds, its shared pages counted once for all that share them, bytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def manifest(data: Path, name: str) -> list[dict[str, Any]]:
    with (data / name / "manifest.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", SETS)
def test_every_file_ends_in_a_document_or_a_sentence(data: Path, tmp_path: Path, name: str) -> None:
    faults = []
    for row in manifest(data, name):
        path = data / name / row["file"]
        run = ingest(path, tmp_path / "library", row.get("password") or "")
        [result] = run.results
        said = result["status"] == "added" or (run.code == 1 and path.name in result["reason"])
        print(f"{run.seconds:5.1f} s {run.memory / 1e6:6.0f} MB {path.name}: {result['status']} {result['reason']}")
        if not said or run.seconds > SECONDS or run.memory > BYTES:
            faults.append((path.name, run.seconds, run.memory, result))
    assert not faults


@pytest.mark.parametrize("name", SETS)
def test_a_folder_with_bad_files_ingests_its_good_ones(data: Path, tmp_path: Path, name: str) -> None:
    run = ingest(data / name, tmp_path / "library")
    print(f"{run.seconds:.0f} s, {run.memory / 1e6:.0f} MB, {os.cpu_count()} processors")
    status = {
        Path(result["path"]).name: result["status"] for result in run.results if result["status"] != "unsupported"
    }
    files = [row for row in manifest(data, name) if not row["file"].endswith(".key")]
    assert {row["file"] for row in files} >= set(status)
    assert run.memory < BYTES
    if name == "hostile-pdfs":
        good = {r["file"] for r in files if r["pymupdf"] == "ok" and r["page_count"] and not r["password"]}
        lost = {file for file in good if status[file] != "added"}
        assert lost <= {"pdfbox__MissingCatalog.pdf"}, lost
