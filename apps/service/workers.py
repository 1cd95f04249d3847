"""Several processes that serve one library behind one address, by uvicorn.

Each has a service of its own; what they have to know of each other is in the databases of the library and the service.
SIGHUP replaces them one after the other, each once its successor serves; SIGTERM ends them. A process that ends first
finishes the requests that it has begun.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable

from fastapi import FastAPI

from octavo.apps.service.metrics import SHARED_METRICS

HUNG = 60
"""Seconds after which a process that does not answer its parent is replaced."""


def run_workers(make: Callable[[], FastAPI], workers: int, grace: float, listener: socket.socket) -> None:
    """Serves by so many processes until SIGTERM or SIGINT; each calls `make`, and has `grace` seconds to end."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    with tempfile.TemporaryDirectory(prefix="octavo-metrics-") as metrics:
        os.environ[SHARED_METRICS] = metrics
        config = uvicorn.Config(
            make,
            factory=True,
            workers=workers,
            log_level="warning",
            timeout_graceful_shutdown=math.ceil(grace),
            timeout_worker_healthcheck=HUNG,
        )
        Multiprocess(config, [listener]).run()


def end_with_parent() -> None:
    """Makes this process end, as by SIGTERM, when the one that started it is gone, as where it was killed."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="octavo-parent", daemon=True).start()
