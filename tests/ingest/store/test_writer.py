"""Writers that wait for each other: they say for whom, take their turn, and can be stopped."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from octavo.ingest import LibraryError
from octavo.ingest.store import writer
from octavo.ingest.store.library import Library

HOLD = """
import sys
from octavo.ingest.store.library import Library
with Library(sys.argv[1]) as library, library.writer():
    print("in", flush=True)
    input()
"""


@contextmanager
def holding(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the writer's place until it gets a line."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in\n"
        try:
            yield process
        finally:
            process.kill()


def release(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_writer_that_waits_says_for_whom_and_then_takes_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "FIRST_NOTICE", 0.05)
    monkeypatch.setattr(writer, "NEXT_NOTICE", 0.05)
    with Library(tmp_path / "library") as library, holding(library.folder) as other:

        def released(record: logging.LogRecord) -> bool:
            release(other)
            return True

        logging.getLogger(writer.__name__).addFilter(released)
        try:
            with library.writer():
                assert other.wait(20) == 0
        finally:
            logging.getLogger(writer.__name__).removeFilter(released)
    first = caplog.records[0]
    assert first.levelno == logging.WARNING
    assert f"Another writer (process {other.pid}, since " in first.getMessage()
    assert first.getMessage().endswith(f"in the library {library.folder}: waiting for it to finish.")
    assert not (library.folder / "library.writer").exists()


def test_a_writer_that_is_killed_gives_up_its_place(tmp_path: Path) -> None:
    with Library(tmp_path / "library", wait=20) as library, holding(library.folder) as other:
        other.kill()
        with library.writer():
            assert f'"process": {os.getpid()}' in (library.folder / "library.writer").read_text()
        assert not (library.folder / "library.writer").exists()


def test_a_holder_that_left_no_note_is_only_another_writer(tmp_path: Path) -> None:
    with Library(tmp_path / "library", wait=0.2) as library, holding(library.folder):
        (library.folder / "library.writer").write_text("{")
        with pytest.raises(LibraryError, match=r"^Another writer is at work in the library .* try again\.$"):
            library.writer().__enter__()


def test_a_command_that_waits_can_be_stopped(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Herons wade in the delta.")
    with Library(tmp_path / "library") as library, holding(library.folder) as other:
        program = (
            "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in the background
            "from octavo.apps.cli.main import main; main()"
        )
        command = [sys.executable, "-c", program, "ingest", str(note), "--library", str(library.folder)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as waiting:
            assert waiting.stderr is not None
            said = waiting.stderr.readline()
            while f"process {other.pid}" not in said:
                assert said, "the command ended without waiting"
                said = waiting.stderr.readline()
            waiting.send_signal(signal.SIGINT)
            rest = waiting.stderr.read()
            assert waiting.wait(20) == 130
        assert said.rstrip().endswith("waiting for it to finish.")
        assert "Traceback" not in rest
        assert "stopped: 0 of 1 done and kept" in rest
        assert other.poll() is None
        release(other)
        other.wait(20)
        with library.writer():
            assert library.documents() == []
