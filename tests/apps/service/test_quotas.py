"""Quotas: bytes, pages, requests, tokens; they are told, and hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from octavo.apps.service import Caller, Role, Service, ServiceOptions
from octavo.apps.service.errors import ConflictError, ForbiddenError, TooLargeError, TooManyError
from octavo.apps.service.quotas import Quotas
from octavo.apps.service.store.database import open_database
from octavo.rag import Settings
from tests.apps.service.conftest import NOTE, add, serve
from tests.rag.model_server import Reply, serving

ANN = Caller("ann")
LONG = "\n".join(f"Line {number} of a long text." for number in range(400))


def make(folder: Path, **bounds: int) -> Service:
    service = Service(Settings(library=folder / "library"), ServiceOptions(chat=False, **bounds))  # type: ignore[arg-type]
    service.add_user("ann", "ann-password")
    return service


def upload(service: Service, folder: Path, name: str, text: str) -> str:
    """Returns why the file could not be read, if so."""
    file = folder / name
    file.write_text(text)
    return wait(service, service.upload(ANN, "default", file, name).id)


def wait(service: Service, job: str) -> str:
    """Returns why a job failed, if so."""
    service.jobs.start()
    with service.jobs.changed:
        service.jobs.changed.wait_for(lambda: service.jobs.get("default", job).is_over, 120)
    return service.jobs.get("default", job).reason


@contextmanager
def open_quotas(options: ServiceOptions, clock: Callable[[], float]) -> Iterator[Quotas]:
    with TemporaryDirectory() as folder, closing(open_database(Path(folder))) as database:
        yield Quotas(database, options, clock)


def used(service: Service) -> dict[str, tuple[int, int]]:
    return {quota.name: (quota.used, quota.limit) for quota in service.quotas.of("ann")}


def test_files_and_pages_are_bounded(tmp_path: Path) -> None:
    with make(tmp_path, user_bytes=400, user_pages=1) as service:
        assert upload(service, tmp_path, "one.txt", NOTE) == ""
        assert used(service) == {
            "bytes": (len(NOTE), 400),
            "pages": (1, 1),
            "requests_per_minute": (0, 0),
            "tokens_per_day": (0, 0),
        }
        with pytest.raises(TooLargeError, match=r"two\.txt does not fit: your documents have 1 of 1 pages"):
            upload(service, tmp_path, "two.txt", "more")
        with pytest.raises(TooLargeError, match=r"two\.txt does not fit: your files take"):
            upload(service, tmp_path, "two.txt", "more" * 100)
        service.remove(ANN, "default", "one.txt")
        assert used(service)["pages"] == (0, 1)


def test_a_document_of_too_many_pages_is_not_kept(tmp_path: Path) -> None:
    with make(tmp_path, user_pages=2) as service:
        reason = upload(service, tmp_path, "long.txt", LONG)
        assert "pages do not fit: who uploaded it may have 2 pages in all collections" in reason
        assert service.documents(ANN, "default") == []
        assert (used(service)["bytes"][0], used(service)["pages"]) == (0, (0, 2))
        [failed] = service.jobs.of("default", "failed")
        with pytest.raises(ConflictError, match=r"The file long\.txt is gone: upload it again"):
            service.jobs.retry("default", failed.id)
        assert upload(service, tmp_path, "note.txt", NOTE) == ""


def test_pages_count_for_who_uploaded_them_and_a_document_of_another_stays(tmp_path: Path) -> None:
    ben = Caller("ben")
    with make(tmp_path, user_pages=2) as service:
        service.add_user("ben", "ben-password")
        service.collections.set_member("default", "ben", Role.EDITOR)
        assert upload(service, tmp_path, "one.txt", NOTE) == ""
        add(service, "default", tmp_path, "long.txt", LONG)  # by whoever may write into the library's folder
        for name in ("one.txt", "long.txt"):
            again = service.read_again(ben, "default", name)
            assert (wait(service, again.id), used(service)["pages"]) == ("", (1, 2))
        (tmp_path / "more.txt").write_text(LONG)
        same = service.upload(ben, "default", tmp_path / "more.txt", "more.txt", force=True)
        assert "pages do not fit" in wait(service, same.id)
        assert [info.name for info in service.documents(ANN, "default")] == ["long.txt", "one.txt"]


def test_a_file_that_could_not_be_read_counts_until_its_job_is_removed(tmp_path: Path) -> None:
    with make(tmp_path) as service:
        reason = upload(service, tmp_path, "cut.pdf", "%PDF-1.7")
        assert "cut.pdf is no readable PDF" in reason
        assert used(service)["bytes"][0] == 8
        [job] = service.jobs.of("default")
        with pytest.raises(ForbiddenError):
            service.forget_job(Caller("ann", limit=Role.READER), "default", job.id)
        assert service.forget_job(ANN, "default", job.id).name == "cut.pdf"
        assert used(service)["bytes"][0] == 0
        assert service.jobs.of("default") == []
        assert upload(service, tmp_path, "note.txt", NOTE) == ""
        [job] = service.jobs.of("default")
        service.forget_job(ANN, "default", job.id)
        assert used(service)["bytes"][0] == len(NOTE)  # the file of a document stays with it


def test_requests_are_bounded_in_a_minute() -> None:
    moment = [0.0]
    with open_quotas(ServiceOptions(requests_per_minute=2), lambda: moment[0]) as quotas:
        quotas.count_request("ann")
        moment[0] = 30
        quotas.count_request("ann")
        quotas.count_request("ben")
        with pytest.raises(TooManyError, match="More than 2 requests in a minute: wait 30 seconds"):
            quotas.count_request("ann")
        moment[0] = 61
        quotas.count_request("ann")
        assert [quota.used for quota in quotas.of("ann")][2] == 2


def test_tokens_of_a_model_are_counted_and_bounded(tmp_path: Path) -> None:
    reply = Reply(["Capital expenditure was 1,577 million crowns [1]."], usage=(90, 10))
    with serving(reply) as model:
        settings = Settings(library=tmp_path / "library", llm_url=model.url)
        with Service(settings, ServiceOptions(chat=False, tokens_per_day=100)) as service:
            service.add_user("ann", "ann-password")
            add(service, "default", tmp_path, "note.txt", NOTE)
            key = service.users.make_key("ann", "")[1]
            for running in serve(service):
                with running.client(key) as client:
                    asked = {"question": "What was capital expenditure in 2018?", "stream": True}
                    assert "1,577" in client.post("/api/collections/default/ask", json=asked).text
                    assert client.get("/api/me").json()["quotas"]["tokens_per_day"] == {"used": 100, "limit": 100}
                    refused = client.post("/api/collections/default/ask", json=asked)
            assert refused.status_code == 429
            assert "You used your 100 tokens of today" in refused.json()["error"]["message"]
            assert int(refused.headers["retry-after"]) <= 86_400
            assert model.requests[-1]["stream_options"] == {"include_usage": True}
