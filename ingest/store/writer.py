"""The place of the one process that writes into a library, and who has it."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from octavo.ingest.errors import LibraryError

if TYPE_CHECKING:
    from filelock import FileLock

logger = logging.getLogger(__name__)
FIRST_NOTICE, NEXT_NOTICE = 1.0, 60.0
"""Seconds after which a writer that waits says so, and seconds between two notices."""
POLL = 0.1
"""Seconds between two tries to take the place."""


class WriterLock:
    """A lock between processes, for all threads of this one; may be nested.

    A writer waits up to `wait` seconds for another, and logs a warning that names it: its process, its machine, and
    since when it writes. A process that dies gives up its place.
    """

    def __init__(self, folder: Path, wait: float = math.inf) -> None:
        self._folder, self._wait = folder, wait
        self._holder = folder / "library.writer"
        self._entering = threading.Lock()

    @cached_property
    def _lock(self) -> FileLock:
        from filelock import FileLock

        return FileLock(self._folder / "library.lock", timeout=0, mode=0o600, thread_local=False)

    def is_free(self) -> bool:
        """Returns whether no other process has the place at this moment."""
        from filelock import Timeout

        with self._entering:
            if self._lock.is_locked:
                return True
            try:
                with self._lock.acquire(timeout=0):
                    return True
            except Timeout:
                return False
            except OSError as error:
                raise LibraryError(f"The library {self._folder} cannot be written: {error.strerror}.") from error

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Holds the place. Raises `LibraryError` when another process has it for too long, or it cannot be had."""
        with self._entering:
            new = not self._lock.is_locked
            self._acquire()
            if new:
                self._sign()
        try:
            yield
        finally:
            with self._entering:
                if self._lock.lock_counter == 1:
                    with contextlib.suppress(OSError):
                        self._holder.unlink()
                self._lock.release()

    def _acquire(self) -> None:
        from filelock import Timeout

        started = time.monotonic()
        notice = min(FIRST_NOTICE, self._wait)
        while True:
            try:
                self._lock.acquire(timeout=notice, poll_interval=POLL)
                return
            except Timeout as error:
                if time.monotonic() - started >= self._wait:
                    raise LibraryError(f"{self._occupied()}: wait for it to finish, then try again.") from error
                logger.warning("%s: waiting for it to finish.", self._occupied())
                notice = min(NEXT_NOTICE, self._wait)
            except RuntimeError as error:  # this thread has the place through another `Library` and would wait forever
                raise LibraryError(f"{self._occupied()}: close the other `Library` of this thread first.") from error
            except OSError as error:
                raise LibraryError(f"The library {self._folder} cannot be written: {error.strerror}.") from error

    def _sign(self) -> None:
        """Notes who has the place; a disk that is full is no reason not to have it."""
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = {"process": os.getpid(), "machine": socket.gethostname(), "since": since}
        with contextlib.suppress(OSError):
            descriptor = os.open(self._holder, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(holder, file)

    def _occupied(self) -> str:
        writer = "Another writer"
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            holder = json.loads(self._holder.read_text(encoding="utf-8"))
            since = datetime.fromisoformat(holder["since"]).astimezone()
            where = "" if holder["machine"] == socket.gethostname() else f" on {holder['machine']}"
            writer += f" (process {int(holder['process'])}{where}, since {since:%Y-%m-%d %H:%M:%S})"
        return f"{writer} is at work in the library {self._folder}"
