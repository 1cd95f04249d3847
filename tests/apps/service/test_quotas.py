"""Quotas: bytes, pages, requests, tokens; they are told, and hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from octavo.apps.service import Caller, Service, ServiceOptions
from octavo.apps.service.errors import TooLargeError, TooManyError
from octavo.apps.service.quotas import Quotas
from octavo.apps.service.store.database import open_database
from octavo.rag import Settings
from tests.apps.service.conftest import NOTE, add, serve
from tests.rag.model_server import Reply, serving

ANN = Caller("ann")


def make(folder: Path, **bounds: int) -> Service:
    service = Service(Settings(library=folder / "library"), ServiceOptions(chat=False, **bounds))  # type: ignore[arg-type]
    service.add_user("ann", "ann-password")
    return service


def upload(service: Service, folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.write_text(text)
    job = service.upload(ANN, "default", file, name)
    service.jobs.start()
    with service.jobs.changed:
        service.jobs.changed.wait_for(lambda: service.jobs.get("default", job.id).is_over, 120)
    return service.jobs.get("default", job.id).reason


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
        long = "\n".join(f"Line {number} of a long text." for number in range(400))
        reason = upload(service, tmp_path, "long.txt", long)
        assert "pages do not fit: your other documents have 0 of 2 pages" in reason
        assert service.documents(ANN, "default") == []
        assert upload(service, tmp_path, "note.txt", NOTE) == ""


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
