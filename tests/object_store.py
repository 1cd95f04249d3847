"""Servers of a test's own for objects: moto's for S3, and gcp-storage-emulator's for Google Cloud Storage."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from gcp_storage_emulator.server import create_server
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


@contextmanager
def new_google_bucket(folder: Path) -> Iterator[dict[str, str]]:
    """Runs a server with an empty bucket, `gs://bucket`; the environment variables to reach it.

    They name a file, in a folder, with the key of a service account that gets its tokens from a second server.
    """
    store = create_server("127.0.0.1", 0, in_memory=True, default_bucket="bucket")
    store.start()
    host, port = store._api._httpd.server_address[:2]
    try:
        with ThreadingHTTPServer(("127.0.0.1", 0), _Tokens) as tokens:
            threading.Thread(target=tokens.serve_forever, daemon=True).start()
            account = folder / "account.json"
            account.write_text(json.dumps(_service_account(f"http://127.0.0.1:{tokens.server_port}/")))
            yield {
                "STORAGE_EMULATOR_HOST": f"http://{host}:{port}",
                "GOOGLE_APPLICATION_CREDENTIALS": str(account),
                "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",  # else gcsfs asks Google what kind of bucket it is
            }
            tokens.shutdown()
    finally:
        store.stop()


def _service_account(tokens: str) -> dict[str, str]:
    key = rsa.generate_private_key(65_537, 2_048)
    return {
        "type": "service_account",
        "project_id": "octavo",
        "private_key_id": "1",
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "client_email": "octavo@octavo.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": tokens,
    }


class _Tokens(BaseHTTPRequestHandler):
    """Gives a token to whoever asks."""

    def do_POST(self) -> None:
        reply = json.dumps({"access_token": "token", "expires_in": 3600, "token_type": "Bearer"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""
