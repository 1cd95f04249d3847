"""Pages and files from the web: what is saved, and what is refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from octavo.ingest import ReadError, ReadOptions, UnsupportedError, fetch as web
from octavo.ingest.fetch import fetch

PAGES = {
    "/report": ("text/html; charset=utf-8", b"<!doctype html><p>Revenue grew."),
    "/game": ("application/octet-stream", b"MZ\x90\x00"),
    "/long": ("text/plain", b"x" * 10_000),
    "/empty": ("text/plain", b""),
}


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server on this machine, which counts as public here; no other address of it does."""

    class Serve(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/to/"):
                self.send_response(302)
                self.send_header("Location", self.path[4:])
                self.end_headers()
            elif self.path == "/slow":
                self.send_response(200)
                self.end_headers()
                for _ in range(20):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.1)
            elif self.path in PAGES:
                kind, body = PAGES[self.path]
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)
            else:
                self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    monkeypatch.setattr(web, "_is_public", lambda ip: ip == "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_page_is_saved_under_its_address(site: str, tmp_path: Path) -> None:
    path = fetch(f"{site}/report", tmp_path, ReadOptions())
    assert path == tmp_path / "127.0.0.1" / "report.html"
    assert path.read_bytes() == PAGES["/report"][1]
    assert fetch(f"{site}/to/{site}/report", tmp_path, ReadOptions()).read_bytes() == PAGES["/report"][1]


@pytest.mark.parametrize(
    ("page", "options", "says"),
    [
        ("/game", {}, r"/game is of no kind that can be read"),
        ("/none", {}, r"/none cannot be read: the server answers 404"),
        ("/empty", {}, r"/empty is empty"),
        ("/long", {"max_file_bytes": 5_000}, r"/long has more than 5,000 bytes"),
        ("/slow", {"fetch_timeout": 0.3}, r"/slow takes longer than 0 s"),
        ("/to/http://127.0.0.2:9/", {}, r"127\.0\.0\.2 is an address of this machine or of a private network"),
        ("/to/file:///etc/passwd", {}, r"file:///etc/passwd is no address of a page or file"),
        ("/to/" * 9 + "report", {}, r"leads on more than 5 times"),
    ],
)
def test_a_refused_download_is_an_error_and_leaves_no_file(
    site: str, tmp_path: Path, page: str, options: dict[str, object], says: str
) -> None:
    with pytest.raises(ReadError, match=says):
        fetch(site + page, tmp_path, ReadOptions.model_validate(options))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/", "http://localhost:8000/", "http://[::1]/", "http://169.254.169.254/latest/"]
)
def test_addresses_that_are_not_public_are_never_asked(address: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="is an address of this machine or of a private network"):
        fetch(address, tmp_path, ReadOptions())


def test_a_kind_that_is_not_read_is_told_apart(site: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError):
        fetch(f"{site}/game", tmp_path, ReadOptions())
