"""An S3 server of a test's own: moto's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fsspec
import httpx
from moto.server import ThreadedMotoServer


@contextmanager
def new_bucket() -> Iterator[dict[str, Any]]:
    """Runs a server with an empty bucket, `s3://bucket`; fsspec's options to reach it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options = {"key": "k", "secret": "s", "endpoint_url": f"http://{host}:{port}", "skip_instance_cache": True}
    httpx.post(f"http://{host}:{port}/moto-api/reset").raise_for_status()  # servers of one process share their buckets
    fsspec.filesystem("s3", **options).mkdir("bucket")
    try:
        yield options
    finally:
        server.stop()
