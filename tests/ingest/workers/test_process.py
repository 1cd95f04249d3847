"""A reading process that crashes, hangs or fills memory is lost alone, and the next call has a new one."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import octavo
from octavo.ingest.workers.process import Worker, WorkerLostError
from tests.ingest import faults

PROGRAMS = ("ingest.py", "numpy.py", "octavo.py", "onnxruntime.py", "sitecustomize.py", "rag/__init__.py")


def plant(folder: Path) -> None:
    """Puts programs into a folder that bear the names of modules, end at once, and leave `ran-NAME` behind."""
    for name in PROGRAMS:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("open(f'ran-{__name__}', 'w').close()\nraise SystemExit(7)\n")


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker(memory=1_000)
    yield made
    made.stop()


def test_calls_run_in_one_other_process(worker: Worker) -> None:
    first = worker.call(faults.identity, timeout=30)
    assert first != os.getpid()
    assert worker.call(faults.identity, timeout=30) == first


def test_a_checkout_that_is_the_current_folder_comes_before_an_octavo_that_is_installed(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "octavo.py").write_text("raise SystemExit(7)")
    root = Path(octavo.__file__).parents[1]
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *(path for path in sys.path if path != str(root))])
    assert worker.call(faults.identity, timeout=30) != os.getpid()


def test_the_layout_model_runs_on_one_thread_and_others_as_usual(worker: Worker) -> None:
    assert worker.call(faults.layout_threads, timeout=30) == ({1}, 0)


def test_no_model_is_loaded_before_a_page_needs_it(worker: Worker) -> None:
    modules = worker.call(faults.loaded, timeout=30)
    assert "pymupdf" in modules
    assert not {"onnxruntime", "pymupdf.layout.onnx", "pymupdf4llm", "rapidocr"}.intersection(modules)


def test_errors_of_a_task_reach_the_caller(worker: Worker) -> None:
    with pytest.raises(ValueError, match="as it was said"):
        worker.call(faults.refuse, "as it was said", timeout=30)
    with pytest.raises(MemoryError):
        worker.call(faults.fill, timeout=30)
    assert worker.call(faults.identity, timeout=30)


@pytest.mark.parametrize("fault", [faults.leave, faults.crash])
def test_a_lost_process_is_said_and_replaced(worker: Worker, fault: Callable[[], None]) -> None:
    first = worker.call(faults.identity, timeout=30)
    with pytest.raises(WorkerLostError, match="crashed the reader") as lost:
        worker.call(fault, timeout=30)
    assert not lost.value.timed_out
    assert worker.call(faults.identity, timeout=30) != first


def test_a_process_that_gets_no_time_is_waited_for(worker: Worker) -> None:
    assert worker.call(faults.rest, 0.0, timeout=30) == 0.0
    assert worker.call(faults.rest, 2.0, timeout=1) == 2.0


@pytest.mark.parametrize("fault", [faults.hang, faults.spin])
def test_a_hanging_process_is_killed_in_time(worker: Worker, fault: Callable[[], None]) -> None:
    first = worker.call(faults.identity, timeout=30)
    with pytest.raises(WorkerLostError, match="took longer than 1 s") as lost:
        worker.call(fault, timeout=1)
    assert lost.value.timed_out
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_a_process_that_is_killed_is_lost_to_the_call_that_runs_in_it_and_to_those_that_begin(worker: Worker) -> None:
    first = worker.call(faults.identity, timeout=30)
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(worker.call, faults.hang, timeout=600)
        worker.kill()
        with pytest.raises(WorkerLostError):
            running.result()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    with pytest.raises(WorkerLostError):
        worker.call(faults.identity, timeout=30)


def test_its_last_words_are_in_the_log_and_the_last_of_them_in_the_reason(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "octavo"), pytest.raises(WorkerLostError, match="a key that is not there"):
        worker.call(faults.lament, timeout=30)
    [record] = caplog.records
    assert record.name.startswith("octavo.")
    assert "in lament" in record.getMessage()
    assert len(record.getMessage()) < 5_000


def test_workers_import_no_module_of_the_current_folder(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    assert worker.call(faults.identity, timeout=30) != os.getpid()
    assert not list(tmp_path.glob("ran-*"))
