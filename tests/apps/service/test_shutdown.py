"""The service as a process: it ends when it is told to, and leaves nothing half done."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from octavo.apps.ending import at_end_signal
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
STUCK = f"""
from octavo.ingest.workers import tasks
from tests.ingest import faults
tasks.read = faults.hang_from_page_2
{COMMAND}
"""
"""The same, where the second page of a file is read without an end."""
PAGES = (("Part 0", "Rain."), ("Part 1", "Wind."), ("Part 2", "Hail."))


@pytest.mark.usefixtures("own_workers")
def test_what_is_read_as_a_service_ends_is_parked_and_goes_on_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, options = Settings(library=tmp_path / "library"), ServiceOptions(chat=False)
    monkeypatch.setattr(tasks, "read", faults.hang_from_page_2)
    with (
        Service(settings, options) as service,
        contextmanager(serve)(service) as running,
        running.client() as client,
    ):
        long = make_pdf(tmp_path / "long.pdf", PAGES).read_bytes()
        sent = client.post("/api/collections/default/documents", files={"files": ("long.pdf", long)})
        job = sent.json()[0]["id"]
        with client.stream("GET", f"/api/collections/default/jobs/{job}/events") as events:
            lines = events.iter_lines()
            assert '"page": 1' in next(line for line in lines if '"stage": "reading"' in line)
            service.jobs.park()
            list(lines)  # ends, though the job is not over
    monkeypatch.undo()
    with Service(settings, options) as again:
        parked = again.jobs.get("default", job)
        assert (parked.state, parked.reason, again.jobs.waiting()) == ("queued", "", 1)
        assert again.documents(LOCAL, "default") == []
        again.start_jobs()
        with again.jobs.changed:
            again.jobs.changed.wait_for(lambda: again.jobs.get("default", job).is_over)
        assert again.jobs.get("default", job).state == "done"
        with again.collections.opened("default") as pipeline:
            [page, *others] = pipeline.document("long.pdf").content.pages
    assert page.text == "Part 0"  # as it was read before the end
    assert [page.text.splitlines() for page in others] == [["Part 1", "Wind."], ["Part 2", "Hail."]]


def test_what_begins_at_the_signal_comes_before_what_handles_it() -> None:
    told: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda *_: told.append("handled"))
    try:
        with at_end_signal(lambda: told.append("begun")):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert told == ["begun", "handled", "handled"]


@contextmanager
def process_of(library: Path, program: str = COMMAND) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """A service in a process of its own, and a client of its collection."""
    command = [sys.executable, "-c", program, "serve", "--no-chat", "--port", "0", "--library", str(library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert address is not None
        with httpx.Client(base_url=f"{address[0]}/api/collections/default", timeout=60) as client:
            yield process, client


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds children by /proc")
def test_a_service_that_is_told_to_end_parks_what_it_reads_with_its_processes(tmp_path: Path) -> None:
    library, file = tmp_path / "library", make_pdf(tmp_path / "long.pdf", PAGES)
    with process_of(library, STUCK) as (process, client):
        job = client.post("/documents", files={"files": ("long.pdf", file.read_bytes())}).json()[0]["id"]
        with client.stream("GET", f"/jobs/{job}/events") as events:
            next(line for line in events.iter_lines() if '"stage": "reading"' in line)
            readers = children(process.pid)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0  # ahead of the grace of open requests
    assert readers
    assert not [reader for reader in readers if Path(f"/proc/{reader}").exists()]
    database = open_database(library)
    parked = JobRecords(database).get("default", job)
    database.close()
    assert parked is not None
    assert (parked.state, parked.reason) == ("queued", "")
    with process_of(library) as (process, client):
        with client.stream("GET", f"/jobs/{job}/events") as events:
            states = [json.loads(line[5:])["state"] for line in events.iter_lines() if line.startswith("data:")]
        process.send_signal(signal.SIGTERM)
    assert states[-1] == "done"


def children(process: int) -> list[str]:
    """The processes that a process has started."""
    tasks_of = Path(f"/proc/{process}/task").iterdir()
    return [child for task in tasks_of for child in (task / "children").read_text().split()]
