"""Reading processes: a file that crashes, hangs or fills memory takes a worker with it and nothing else.

A worker is `python -m octavo.ingest.workers.process`, spoken to over a socket. It does not import the caller's main
module, so that a plain script can ingest without an `if __name__ == "__main__"` guard.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from octavo.ingest.errors import OctavoError

T = TypeVar("T")
PATIENCE = 5
"""How many times longer than its time on the processor a task may take by the clock."""


class WorkerLostError(OctavoError):
    """A worker ended without an answer: crashed, out of memory, or stopped because its time was over."""

    def __init__(self, text: str, *, timed_out: bool = False) -> None:
        super().__init__(text)
        self.timed_out = timed_out


class Worker:
    """One reading process; started at the first call, and again after it was lost."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

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
            self.stop()
            raise WorkerLostError("crashed the reader, or needed more memory than it may have") from lost
        if error is not None:
            raise error
        result: T = answer
        return result

    def _answers(self, connection: Connection, timeout: float) -> bool:
        """Waits for an answer; whether one came in time."""
        spent, started = self._processor_time(), time.monotonic()
        left = timeout
        while not connection.poll(max(left, 0.1)):
            left = min(timeout - (self._processor_time() - spent), PATIENCE * timeout - (time.monotonic() - started))
            if left <= 0:
                return False
        return True

    def _processor_time(self) -> float:
        """Seconds of the processor that the process has taken; those of the clock where the system does not tell."""
        assert self._process is not None
        if sys.platform != "linux":
            return time.monotonic()
        return time.clock_gettime(~self._process.pid << 3 | 2)  # as clock_getcpuclockid(3) makes it

    def stop(self) -> None:
        """Ends the process at once."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._connection = self._process = None

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        self._connection = Connection(ours.detach())
        with theirs:
            environment = os.environ | {
                "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "GLIBC_TUNABLES": os.environ.get("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"),  # far fewer page faults
            }
            self._process = subprocess.Popen(
                [sys.executable, "-m", "octavo.ingest.workers.process", str(theirs.fileno()), str(self._memory)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=environment,
            )
        return self._connection


def serve(connection: Connection, memory: int) -> None:
    """Answers calls until the caller is gone; `memory` (MB) bounds the process's data."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound(memory)
    _on_one_thread()
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


def _on_one_thread() -> None:
    """Has every model of this process run on one thread: more than there are processors only wait for each other.

    The layout model offers no such setting, but makes its sessions with `onnxruntime.SessionOptions()`.
    """
    import onnxruntime

    class OneThread(onnxruntime.SessionOptions):
        def __init__(self) -> None:
            super().__init__()
            self.intra_op_num_threads = 1

    onnxruntime.SessionOptions = OneThread


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), int(sys.argv[2]))
