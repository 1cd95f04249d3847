"""Several processes on one library: what one does the others see, and none takes anything with it when it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import httpx
import pytest

from octavo.apps.service import Service, ServiceOptions
from octavo.apps.service.errors import ConflictError, NotFoundError, ServiceError, TooManyError
from octavo.apps.service.rights import LOCAL, Caller
from octavo.apps.service.store.database import open_database
from octavo.apps.service.store.jobs import Job, JobRecords
from octavo.apps.service.store.logins import LoginRecords, WrongPasswords, form_key
from octavo.ingest.store.rows import RowStore
from octavo.rag import Settings
from tests.apps.service.conftest import NOTE, add
from tests.postgres import empty_schema, server
from tests.rag.model_server import Reply, serving

COMMAND = "from octavo.apps.cli.main import main; main()"
LONG = "\n\n".join(f"# Part {number}\n\n{'Rain and wind. ' * 200}" for number in range(20))


@contextmanager
def processes(library: Path, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Two processes that serve a library: their parent, and the address."""
    command = [sys.executable, "-c", COMMAND, "serve", "--workers", "2", "--port", "0", "--library", str(library)]
    environment = os.environ | {f"OCTAVO_{name.upper()}": value for name, value in variables.items()}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=library.parent, env=environment) as parent:
        assert parent.stdout is not None
        told = parent.stdout.readline()
        assert "2 processes, without the chat" in told
        address = re.search(r"http://[\d.:]+", told)
        assert address is not None
        try:
            yield parent, address[0]
            parent.send_signal(signal.SIGTERM)
            assert parent.wait(60) == 0
        finally:
            parent.kill()


def process_of(client: httpx.Client, parent: int) -> int:
    """The process that a client's connection leads to."""
    with client.stream("GET", "/healthz") as response:
        stream = response.extensions["network_stream"]
        ports = [stream.get_extra_info(f"{side}_addr")[1] for side in ("server", "client")]
        response.read()
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    (inode,) = (row[9] for row in rows if [int(end.rpartition(":")[2], 16) for end in row[1:3]] == ports)
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        for descriptor in Path(f"/proc/{child}/fd").iterdir():
            if descriptor.is_symlink() and os.readlink(descriptor) == f"socket:[{inode}]":
                return int(child)
    raise AssertionError(ports)


@contextmanager
def clients(parent: int, url: str) -> Iterator[dict[int, httpx.Client]]:
    """A client of each of two processes, by process."""
    result = dict[int, httpx.Client]()
    try:
        while len(result) < 2:
            client = httpx.Client(base_url=url, timeout=60)
            result.setdefault(process_of(client, parent), client)
            if client not in result.values():
                client.close()
        yield result
    finally:
        for client in result.values():
            client.close()


def until(call: Callable[[], bool]) -> None:
    """Waits until something is true; the timeout of each test bounds it."""
    while not call():
        time.sleep(0.05)


def found(client: httpx.Client, query: str) -> list[str]:
    asked = {"question": query, "level": "page", "k": 1, "threshold": 0.5}
    answer = client.post("/api/collections/default/search", json=asked)
    return [hit["name"] for hit in answer.json()]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="connections are looked up in Linux's /proc")
def test_two_processes_share_a_library_and_are_killed_and_replaced(tmp_path: Path) -> None:
    library = tmp_path / "library"
    with Service(Settings(library=library), ServiceOptions(chat=False)) as service:
        add(service, "default", tmp_path, "note.txt", NOTE)
    slow = Reply(["Capital expenditure was ", "1,577 million crowns [1]."], silence=3)
    with (
        serving(slow) as model,
        processes(library, llm_url=model.url, llm_model="tiny", service_lease_seconds="2") as (parent, url),
    ):
        # a document is found through the other process as soon as it is there
        with clients(parent.pid, url) as both:
            one, other = both.values()
            assert found(other, "Who sings at dusk in Elmhollow?") == []
            files = {"files": ("owl.txt", "The owl of Elmhollow sings at dusk.")}
            job = one.post("/api/collections/default/documents", files=files).json()[0]["id"]
            until(lambda: one.get(f"/api/collections/default/jobs/{job}").json()["state"] == "done")
            assert found(other, "Who sings at dusk in Elmhollow?") == ["owl.txt"]
            assert found(one, "Who sings at dusk in Elmhollow?") == ["owl.txt"]

        # a job of a process that is killed is taken over, and the process is replaced
        with httpx.Client(base_url=url, timeout=60) as client, closing(open_database(library)) as database:
            job = client.post("/api/collections/default/documents", files={"files": ("long.md", LONG)}).json()[0]["id"]
            until(lambda: row(database, job).state == "running")
            worker = int(worker_of(database, job).split("-")[-2])
            os.kill(worker, signal.SIGKILL)
            until(lambda: row(database, job).state == "done")
            assert (row(database, job).attempts, row(database, job).reason) == (2, "")
            assert int(JobRecords(database).waiting()) == 0
        with clients(parent.pid, url) as both:
            assert worker not in both
            names = [
                info["name"]
                for info in next(iter(both.values())).get("/api/collections/default/documents").json()["items"]
            ]
            assert sorted(names) == ["long.md", "note.txt", "owl.txt"]
            for client in both.values():
                metrics = client.get("/metrics").text
                assert "octavo_requests_total" in metrics
                assert 'octavo_turns_waiting{kind="answer"} 0.0' in metrics

        # all processes are replaced while an answer is written, and while others ask
        told: list[str] = []

        def ask() -> None:
            asked = {"question": "What was capital expenditure in 2018?", "stream": True}
            told.append(httpx.post(f"{url}/api/collections/default/ask", json=asked, timeout=60).text)

        asking = Thread(target=ask)
        asking.start()
        until(lambda: bool(model.requests))
        parent.send_signal(signal.SIGHUP)
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        while both.keys() & {*map(int, children.read_text().split())}:
            with httpx.Client(base_url=url, timeout=60) as client:
                assert found(client, "Who sings at dusk in Elmhollow?") == ["owl.txt"]
        asking.join()
        assert "1,577 million crowns" in told[0]
        assert '"abstained": false' in told[0]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are looked up in Linux's /proc")
def test_processes_end_where_their_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COMMAND, "serve", "--workers", "2", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as parent:
        assert parent.stdout is not None
        address = re.search(r"http://[\d.:]+", parent.stdout.readline())
        assert address is not None
        assert httpx.get(f"{address[0]}/readyz", timeout=120).status_code == 200
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        parent.kill()
    until(lambda: not any("spawn_main" in command_of(child) for child in children))


def command_of(process: str) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:  # it ended
        return ""


def row(database: RowStore, job: str) -> Job:
    result = JobRecords(database).get("default", job)
    assert result is not None
    return result


def worker_of(database: RowStore, job: str) -> str:
    (worker,) = database.connection.execute("SELECT worker FROM jobs WHERE id = ?", (job,)).fetchone()
    return str(worker)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as uri:
        yield uri


def machine(tmp_path: Path, name: str, uri: str) -> Settings:
    """The settings of one of the machines that share documents."""
    return Settings(library=tmp_path / name, documents_uri=uri, images=f"file://{tmp_path}/images")


@pytest.fixture(params=["processes", pytest.param("machines", marks=pytest.mark.slow)])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Service, Service]]:
    """Two services over one library, as two processes have them, or over shared documents, as two machines do."""
    options = ServiceOptions(chat=False, requests_per_minute=3)
    here = there = Settings(library=tmp_path / "library")
    if request.param == "machines":
        uri = empty_schema(request.getfixturevalue("address"))
        here, there = machine(tmp_path, "here", uri), machine(tmp_path, "there", uri)
        options = options.model_copy(update={"files": tmp_path / "files"})
    with Service(here, options) as one, Service(there, options) as other:
        yield one, other


def test_requests_are_counted_together(two: tuple[Service, Service]) -> None:
    one, other = two
    for service in (one, other, one):
        service.admit(Caller("ann"))
    with pytest.raises(TooManyError, match="More than 3 requests in a minute"):
        other.admit(Caller("ann"))
    assert [quota.used for quota in other.quotas.of("ann") if quota.name == "requests_per_minute"] == [3]


def test_wrong_passwords_are_counted_together(two: tuple[Service, Service]) -> None:
    databases = [service.database for service in two]
    for number in range(10):
        tries = WrongPasswords(databases[number % 2]).count(("user", "ann"), 100.0 + number)
    assert (tries.wrong, tries.until) == (10, 110.0)
    assert WrongPasswords(databases[0]).get(("user", "ann")) == tries
    WrongPasswords(databases[0]).forget(("user", "ann"))
    assert WrongPasswords(databases[1]).get(("user", "ann")).wrong == 0


def test_a_login_that_one_process_began_is_finished_once_by_another(two: tuple[Service, Service]) -> None:
    one, other = (service.database for service in two)
    LoginRecords(one).begin("secret", {"state": "s"}, 0.0, 600.0, 10)
    LoginRecords(one).begin("late", {"state": "t"}, 0.0, 5.0, 10)
    assert LoginRecords(other).finish("secret", 10.0) == {"state": "s"}
    assert LoginRecords(one).finish("secret", 10.0) is None
    assert LoginRecords(one).finish("late", 10.0) is None
    assert form_key(one) == form_key(other)


def received(folder: Path, name: str, text: str = "The owl sleeps.") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_a_job_is_had_by_one_process_until_its_lease_ends(two: tuple[Service, Service], tmp_path: Path) -> None:
    records = JobRecords(two[0].database)
    first = two[0].upload(LOCAL, "default", received(tmp_path, "a.txt"), "a.txt")
    second = two[1].upload(LOCAL, "default", received(tmp_path, "b.txt"), "b.txt")
    free = records.free("one", 100.0, 10)
    assert [job.id for job in free] == [first.id, second.id]
    assert [job.id for job in records.take(free[:1], "one", 100.0, 130.0)] == [first.id]
    assert records.free("other", 110.0, 10) == []  # one process at a time reads files of a collection
    assert records.take(free, "other", 110.0, 140.0) == []
    records.renew("one", 160.0)
    assert records.free("other", 140.0, 10) == []
    assert [job.id for job in records.take(records.free("other", 161.0, 1), "other", 161.0, 190.0)] == [first.id]
    assert not records.note_progress(first.id, "one", "reading", 1, 2)
    records.finish(first.id, "one", "done")
    assert records.note_progress(first.id, "other", "reading", 1, 2)
    taken = records.get("default", first.id)
    assert taken is not None
    assert (taken.state, taken.stage, taken.page, taken.attempts) == ("running", "reading", 1, 2)
    records.finish(first.id, "other", "done")
    assert [job.id for job in records.free("one", 162.0, 10)] == [second.id]


def test_a_job_is_left_to_the_process_that_has_its_password(two: tuple[Service, Service], tmp_path: Path) -> None:
    records = JobRecords(two[1].database)
    job = two[0].upload(LOCAL, "default", received(tmp_path, "a.txt"), "a.txt", password="key")
    worker = worker_of(two[1].database, job.id)
    assert records.free("other", time.time(), 10) == []
    assert [one.id for one in records.free(worker, time.time(), 10)] == [job.id]
    two[0].close()
    assert [one.id for one in records.free("other", time.time(), 10)] == [job.id]


def test_a_job_that_another_process_runs_can_be_canceled(two: tuple[Service, Service], tmp_path: Path) -> None:
    records = JobRecords(two[0].database)
    job = two[0].upload(LOCAL, "default", received(tmp_path, "a.txt"), "a.txt")
    records.take(records.free("one", 100.0, 1), "one", 100.0, 130.0)
    assert two[1].jobs.cancel("default", job.id).state == "running"
    assert not records.note_progress(job.id, "one", "reading", 1, 2)
    records.finish(job.id, "one", "canceled", "canceled")
    assert two[1].jobs.retry("default", job.id).state == "queued"
    assert not records.is_canceled(job.id)


def test_a_collection_that_another_process_made_anew_is_opened_anew(
    two: tuple[Service, Service], tmp_path: Path
) -> None:
    one, other = two
    one.collections.make(LOCAL, "notes")
    add(other, "notes", tmp_path, "note.txt", NOTE)
    one.collections.remove("notes")
    with pytest.raises(NotFoundError), other.collections.opened("notes"):
        pass
    one.collections.make(LOCAL, "notes")
    assert other.documents(LOCAL, "notes") == []
    add(one, "notes", tmp_path, "other.txt", "The bat wakes.")
    assert [info.name for info in other.documents(LOCAL, "notes")] == ["other.txt"]


def test_a_collection_that_another_process_reads_into_is_not_removed(
    two: tuple[Service, Service], tmp_path: Path
) -> None:
    one, other = two
    one.collections.make(LOCAL, "notes")
    one.upload(LOCAL, "notes", received(tmp_path, "a.txt"), "a.txt")
    records = JobRecords(other.database)
    records.take(records.free("other", time.time(), 1), "other", time.time(), time.time() + 60)
    with pytest.raises(ConflictError, match="notes is being used"):
        one.collections.remove("notes")


@contextmanager
def serving_machine(tmp_path: Path, name: str, uri: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A machine that serves shared documents: its process, and the address."""
    command = [sys.executable, "-c", COMMAND, "serve", "--no-chat", "--port", "0", "--library", str(tmp_path / name)]
    environment = os.environ | {
        "OCTAVO_DOCUMENTS_URI": uri,
        "OCTAVO_IMAGES": f"file://{tmp_path}/images",
        "OCTAVO_SERVICE_FILES": str(tmp_path / "files"),
        "OCTAVO_SERVICE_LEASE_SECONDS": "3",
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment) as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        address = re.search(r"http://[\d.:]+", told)
        assert address is not None, told
        try:
            yield process, address[0]
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_machines_serve_one_library_and_one_is_killed(tmp_path: Path, address: str) -> None:
    uri = empty_schema(address)
    with serving_machine(tmp_path, "a", uri) as (first, one), serving_machine(tmp_path, "b", uri) as (second, other):
        with Service(machine(tmp_path, "c", uri)) as administration:  # as `octavo users` does, on a third machine
            administration.add_user("ann", "correct horse")
            _, secret = administration.users.make_key("ann", "")
            with pytest.raises(ServiceError, match="one folder for users' files"):
                administration.upload(LOCAL, "default", received(tmp_path, "a.txt"), "a.txt")
        headers = {"authorization": f"Bearer {secret}"}
        with (
            httpx.Client(base_url=one, headers=headers, timeout=60) as here,
            httpx.Client(base_url=other, headers=headers, timeout=60) as there,
        ):
            assert httpx.get(f"{other}/api/collections").status_code == 401
            made = there.post("/api/collections", json={"name": "notes", "title": "Notes"})
            assert made.status_code in (200, 201), made.text
            files = {"files": ("owl.txt", "The owl of Elmhollow sings at dusk.")}
            job = here.post("/api/collections/notes/documents", files=files).json()[0]["id"]
            until(lambda: there.get(f"/api/collections/notes/jobs/{job}").json()["state"] == "done")
            asked = {"question": "Who sings at dusk in Elmhollow?", "level": "page", "k": 1}
            for client in (here, there):
                hits = client.post("/api/collections/notes/search", json=asked).json()
                assert [hit["name"] for hit in hits] == ["owl.txt"]

            job = here.post("/api/collections/default/documents", files={"files": ("long.md", LONG)}).json()[0]["id"]
            with closing(open_database(tmp_path, uri)) as database:
                until(lambda: row(database, job).state == "running")
                if worker_of(database, job).split("-")[-2] != str(first.pid):
                    here, there, first = there, here, second
                first.kill()
                until(lambda: row(database, job).state == "done")
                assert (row(database, job).attempts, row(database, job).reason) == (2, "")
            listed = there.get("/api/collections/default/documents").json()["items"]
            assert [document["name"] for document in listed] == ["long.md"]
            assert there.delete("/api/collections/notes").status_code in (200, 204)
            left = there.get("/api/collections").json()["items"]
            assert [collection["name"] for collection in left] == ["default"]
