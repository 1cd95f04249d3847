"""Refused logins and keys in the audit log, so few of them that they push nothing else out of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from octavo.apps.service.store.audit import AuditLog
from octavo.ingest.readers.admission import printable

BURST = 20
"""Refusals that are written one after the other."""
PAUSE = 60.0
"""Seconds after which a further one is written; 100,000 entries of the log are 69 days of such."""
LONGEST_NAME = 100
"""Letters of a name as it was typed that are written."""


class Refusals:
    """Writes who was refused: the address, and the user's name as it was typed, but no password and no key.

    Where more come than are written, the next entry counts those that were left out. Each process writes its own;
    `clock` returns seconds.
    """

    def __init__(self, audit: AuditLog, clock: Callable[[], float] = time.monotonic) -> None:
        self._audit, self._clock = audit, clock
        self._lock = threading.Lock()
        self._room, self._filled, self._omitted = float(BURST), clock(), 0

    def note(self, action: str, address: str, name: str = "") -> None:
        """Notes a refusal: `session.refuse`, `key.refuse`."""
        with self._lock:
            moment = self._clock()
            self._room = min(float(BURST), self._room + (moment - self._filled) / PAUSE)
            self._filled = moment
            if self._room < 1:
                self._omitted += 1
                return
            self._room -= 1
            omitted, self._omitted = self._omitted, 0
        more = f" (and {omitted} more before)" if omitted else ""
        self._audit.add("", action, subject=f"{address} {printable(name[:LONGEST_NAME])}".rstrip() + more)
