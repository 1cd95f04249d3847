"""Reading processes: a file that crashes, hangs or fills memory takes a worker with it and nothing else.

A worker is `python -m octavo.ingest.workers.process`, spoken to over a socket. It does not import the caller's main
module, so that a plain script can ingest without an `if __name__ == "__main__"` guard.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, TypeVar

from octavo.ingest.errors import OctavoError

logger = logging.getLogger(__name__)
T = TypeVar("T")
PATIENCE = 5
"""The wall-clock time that a task may take, relative to its processor time."""
_KEPT = 4_096
"""Bytes of a worker's standard error that are kept: its last lines."""
_LEAVING = 10.0
"""Seconds that a worker which hung up may take to end, on a busy machine, before its exit code is left out."""
_ROOT = Path(__file__).parents[3]
"""The folder that the package is imported from."""


class WorkerLostError(OctavoError):
    """A worker ended without an answer: crashed, out of memory, or stopped because its time was over."""

    def __init__(self, text: str, *, timed_out: bool = False) -> None:
        super().__init__(text)
        self.timed_out = timed_out


class Worker:
    """One reading process; started at the first call, and again after it was lost, until it is killed."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._errors: _Tail | None = None
        self._killed = False

    def call(self, task: Callable[..., T], *arguments: object, timeout: float) -> T:
        """Runs `task(*arguments)` in the process; raises what it raises, `WorkerLostError` when its time is over.

        It has `timeout` seconds of the processor, so that a busy machine costs no page, and at most `PATIENCE` times
        as many by the clock.
        """
        try:
            connection = self._connection or self._start()
            connection.send((task, arguments))
            if not self._answers(connection, timeout):
                self.stop()
                raise WorkerLostError(f"took longer than {timeout:.0f} s", timed_out=True)
            answer, error = connection.recv()
        except (EOFError, OSError) as lost:
            raise WorkerLostError(self._post_mortem()) from lost
        if error is not None:
            raise error
        result: T = answer
        return result

    def _answers(self, connection: Connection, timeout: float) -> bool:
        """Waits for an answer; whether one came in time."""
        spent, started = self._processor_time(), time.monotonic()
        remaining = timeout
        while not connection.poll(max(remaining, 0.1)):
            remaining = min(
                timeout - (self._processor_time() - spent), PATIENCE * timeout - (time.monotonic() - started)
            )
            if remaining <= 0:
                return False
        return True

    def _processor_time(self) -> float:
        """Returns the processor seconds that the process took; seconds of the clock where the system does not tell."""
        assert self._process is not None
        if sys.platform != "linux":
            return time.monotonic()
        return time.clock_gettime(~self._process.pid << 3 | 2)  # as clock_getcpuclockid(3) makes it

    def _post_mortem(self) -> str:
        """Returns why the process ended, by its exit code and standard error, which is logged."""
        process, errors = self._process, self._errors
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LEAVING)
        code = process.poll() if process is not None else None
        self.stop()
        lines = errors.lines() if errors is not None else []
        if lines:
            logger.warning("A reading process ended with code %s. Its last words:\n%s", code, "\n".join(lines))
        if code and code > 0 and lines:
            return f"crashed the reader ({lines[-1].strip().rstrip('.')})"
        return "crashed the reader, or needed more memory than it may have"

    def stop(self) -> None:
        """Ends the process at once; the next call starts another."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._errors is not None:
            self._errors.close()
        self._connection = self._process = self._errors = None

    def kill(self) -> None:
        """Ends the process at once and for good, from any thread: a call that runs in it, or begins, is lost."""
        self._killed, process = True, self._process
        if process is not None:
            process.kill()

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        self._connection = Connection(ours.detach())
        with theirs:
            environment = os.environ | {
                "PYTHONPATH": os.pathsep.join(_search_path()),
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "GLIBC_TUNABLES": os.environ.get("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"),  # far fewer page faults
            }
            self._process = subprocess.Popen(
                [
                    sys.executable, "-P", "-m", "octavo.ingest.workers.process",
                    str(theirs.fileno()), str(self._memory),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                env=environment,
            )  # fmt: skip
        assert self._process.stderr is not None
        self._errors = _Tail(self._process.stderr)
        if self._killed:  # while it started
            self._process.kill()
        return self._connection


class _Tail:
    """The end of what a process writes into a pipe, which is read all the time, so that the process never waits."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe, self._end = pipe, b""
        self._thread = threading.Thread(target=self._read, name="octavo-reader-errors", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._pipe:
            while part := os.read(self._pipe.fileno(), _KEPT):
                self._end = (self._end + part)[-_KEPT:]

    def close(self) -> None:
        """Waits for the end of the pipe, of a process that has ended."""
        self._thread.join(1)

    def lines(self) -> list[str]:
        """Returns the last lines, without the empty ones."""
        return [line for line in self._end.decode("utf-8", "replace").splitlines() if line.strip()]


def _search_path() -> list[str]:
    """Returns the import path of workers: the present one without the current folder, unless Octavo lies there."""
    here, root = os.path.realpath(os.curdir), str(_ROOT)
    paths = [os.path.abspath(path) for path in sys.path if path]
    paths = [path for path in paths if path == root or os.path.realpath(path) != here]
    return paths if root in paths else [root, *paths]


def serve(connection: Connection, memory: int) -> None:
    """Answers calls until the caller is gone; `memory` (MB) bounds the process's data."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound(memory)
    _import_pymupdf()
    while True:
        try:
            task, arguments = connection.recv()
        except EOFError:
            return
        try:
            answer: tuple[object, Exception | None] = (task(*arguments), None)
        except (OctavoError, OSError, RuntimeError, ValueError, MemoryError) as error:
            answer = (None, error)
        connection.send(answer)


def _bound(memory: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system has such bounds
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = memory * 1_000_000 if hard == resource.RLIM_INFINITY else min(memory * 1_000_000, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _import_pymupdf() -> None:
    """Imports PyMuPDF without the models that it loads for itself, which take longer than all else that is imported.

    PyMuPDF 2.0 imports its packages for layout and Markdown where they are there, and the first loads a model at once.
    Its modules can be imported afterwards: `octavo.ingest.layout.detector` makes the one model that pages are read by.
    """
    packages = ("pymupdf.layout", "pymupdf4llm")
    sys.modules.update(dict.fromkeys(packages))  # type: ignore[arg-type]
    import pymupdf  # noqa: F401

    for name in packages:
        del sys.modules[name]
    if layout := find_spec("pymupdf.layout"):
        sys.modules["pymupdf.layout"] = module_from_spec(layout)


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), int(sys.argv[2]))
