"""The queue outlives the process, and what is canceled is not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.apps.service import Service, ServiceOptions
from octavo.apps.service.errors import ConflictError, TooLargeError
from octavo.apps.service.rights import LOCAL
from octavo.rag import Settings


def received(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(text)
    return file


def wait(service: Service, job: str) -> str:
    with service.jobs.changed:
        service.jobs.changed.wait_for(lambda: service.jobs.get("default", job).is_over, 120)
    return service.jobs.get("default", job).state


def test_a_parked_job_runs_at_the_next_start_and_a_canceled_one_does_not(tmp_path: Path) -> None:
    settings, options = Settings(library=tmp_path / "library"), ServiceOptions(chat=False)
    with Service(settings, options) as service:
        kept = service.upload(LOCAL, "default", received(tmp_path / "in", "a.txt", "The owl sleeps."), "a.txt")
        other = service.upload(LOCAL, "default", received(tmp_path / "in", "b.txt", "The bat wakes."), "b.txt")
        assert service.jobs.cancel("default", other.id).state == "canceled"
        with pytest.raises(ConflictError, match=r"b\.txt is canceled already"):
            service.jobs.cancel("default", other.id)
        assert service.jobs.waiting() == 1
    with Service(settings, options) as service:
        service.jobs.start()
        assert wait(service, kept.id) == "done"
        assert [info.name for info in service.documents(LOCAL, "default")] == ["a.txt"]
        assert service.jobs.retry("default", other.id).attempts == 0
        assert wait(service, other.id) == "done"
        assert [info.name for info in service.documents(LOCAL, "default")] == ["a.txt", "b.txt"]
        with pytest.raises(ConflictError, match="only what failed or was canceled"):
            service.jobs.retry("default", kept.id)


def test_storage_of_a_user_is_limited(tmp_path: Path) -> None:
    options = ServiceOptions(chat=False, user_bytes=30)
    with Service(Settings(library=tmp_path / "library"), options) as service:
        service.upload(LOCAL, "default", received(tmp_path / "in", "a.txt", "x" * 20), "a.txt")
        with pytest.raises(TooLargeError, match=r"b\.txt does not fit: your files take 0\.0 of 0\.0 MB"):
            service.upload(LOCAL, "default", received(tmp_path / "in", "b.txt", "y" * 20), "b.txt")


def test_files_of_one_name_are_kept_beside_each_other(tmp_path: Path) -> None:
    with Service(Settings(library=tmp_path / "library"), ServiceOptions(chat=False)) as service:
        names = [
            service.upload(LOCAL, "default", received(tmp_path / "in", "part", text), "note.txt").name
            for text in ("one", "two", "one")
        ]
    assert names == ["note.txt", "note (2).txt", "note.txt"]
