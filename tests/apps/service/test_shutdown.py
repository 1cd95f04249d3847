"""The service as a process: it ends when it is told to, and leaves nothing half done."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from octavo.apps.service import Service, ServiceOptions
from octavo.apps.service.rights import LOCAL
from octavo.apps.service.store.database import open_database
from octavo.apps.service.store.jobs import JobRecords
from octavo.ingest.workers import tasks
from octavo.rag import Settings
from tests.apps.service.conftest import serve
from tests.conftest import make_pdf
from tests.ingest import faults

COMMAND = "from octavo.apps.cli.main import main; main()"


@pytest.mark.usefixtures("own_workers")
def test_what_is_read_as_a_service_ends_is_parked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "read", faults.read_slowly)
    pages = tuple((f"Part {n}", "Rain and wind.") for n in range(100))
    long = make_pdf(tmp_path / "long.pdf", pages).read_bytes()
    with (
        Service(Settings(library=tmp_path / "library"), ServiceOptions(chat=False)) as service,
        contextmanager(serve)(service) as running,
        running.client() as client,
    ):
        sent = client.post("/api/collections/default/documents", files={"files": ("long.pdf", long)})
        job = sent.json()[0]["id"]
        while client.get(f"/api/collections/default/jobs/{job}").json()["state"] == "queued":
            time.sleep(0.02)
    with Service(Settings(library=tmp_path / "library"), ServiceOptions(chat=False)) as again:
        parked = again.jobs.get("default", job)
        assert (parked.state, parked.reason) == ("queued", "")
        assert again.jobs.waiting() == 1
        assert again.documents(LOCAL, "default") == []


@pytest.mark.slow
def test_a_service_that_is_told_to_end_parks_what_it_reads(tmp_path: Path) -> None:
    library = tmp_path / "library"
    command = [sys.executable, "-c", COMMAND, "serve", "--no-chat", "--port", "0", "--library", str(library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        address = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert address is not None
        with httpx.Client(base_url=f"{address[0]}/api/collections/default", timeout=60) as client:
            pages = "\n\n".join(f"# Part {number}\n\n{'Rain and wind. ' * 200}" for number in range(400))
            job = client.post("/documents", files={"files": ("long.md", pages)}).json()[0]["id"]
            while client.get(f"/jobs/{job}").json()["state"] == "queued":
                time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    database = open_database(library)
    parked = JobRecords(database).get("default", job)
    database.close()
    assert parked is not None
    assert (parked.state, parked.reason) == ("queued", "")
