"""Files go through the queue one after another, with their state; what fails says why; what was left is taken up."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from octavo.apps.chat.jobs import IngestJob
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import AskedQuestion, Turn
from octavo.ingest import OctavoError
from octavo.ingest.reading import Progress
from octavo.rag import Settings
from tests.apps.chat.conftest import wait_for
from tests.conftest import make_pdf


def upload(service: ChatService, path: Path, collection: str = "Reports") -> list[str]:
    return service.documents.upload("", [path], collection)


def test_an_upload_is_read_and_can_be_asked_and_removed(
    service: ChatService, ask: Callable[..., Turn], tmp_path: Path
) -> None:
    make_pdf(tmp_path / "harbour.pdf", (("Harbour", "The harbour office has seven boats and one crane."),))
    seen = set()
    assert upload(service, tmp_path / "harbour.pdf") == []
    while service.jobs.busy:
        seen |= {str(job) for job in service.jobs.all()}
    (job,) = service.jobs.all()
    assert (job.stage, job.note, job.pages) == ("done", "done", 1)
    assert "queued" in seen or "opening" in seen
    assert not (tmp_path / "harbour.pdf").exists()
    info = service.pipeline.library.info(job.document)
    assert Path(info.paths[0]).parts[-3:] == ("uploads", "Reports", "harbour.pdf")
    assert "seven boats" in ask("How many boats has the harbour office?").answer.text
    service.documents.remove("", info.id)
    assert not Path(info.paths[0]).exists()
    assert ask("How many boats has the harbour office?").answer.abstained


def test_a_file_that_cannot_be_read_says_why_and_can_be_dismissed(service: ChatService, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing follows")
    upload(service, broken)
    wait_for(lambda: not service.jobs.busy)
    (job,) = service.jobs.all()
    assert job.stage == "failed"
    assert "broken.pdf" in job.note
    assert job.path.exists()
    service.dismiss("", job.key)
    assert service.jobs.all() == []
    assert not job.path.exists()


def test_read_again_reads_the_file_again(service: ChatService, tmp_path: Path) -> None:
    make_pdf(tmp_path / "a.pdf", (("Harbour", "The harbour office has seven boats."),))
    upload(service, tmp_path / "a.pdf")
    wait_for(lambda: not service.jobs.busy)
    (job,) = service.jobs.all()
    before = service.pipeline.library.generation
    service.documents.read_again("", job.document)
    wait_for(lambda: not service.jobs.busy)
    assert service.pipeline.library.generation > before
    os.unlink(job.path)
    with pytest.raises(OctavoError, match="upload it again"):
        service.documents.read_again("", job.document)


def test_waiting_files_are_read_at_the_next_start(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library")
    service = ChatService(settings, ChatOptions())
    make_pdf(tmp_path / "long.pdf", (("Page", "Words."),) * 200)
    service.documents.upload("", [tmp_path / "long.pdf"], "Reports")
    service.close()
    assert any(job.stage == "failed" for job in service.jobs.all())
    make_pdf(tmp_path / "library" / "uploads" / "Reports" / "long.pdf", (("Page", "Words."),))
    with ChatService(settings, ChatOptions()) as service:
        wait_for(lambda: not service.jobs.busy)
        assert [info.name for info in service.pipeline.documents()] == ["long.pdf"]


def test_a_library_that_was_moved_knows_its_uploads(tmp_path: Path) -> None:
    make_pdf(tmp_path / "a.pdf", (("Harbour", "The harbour office has seven boats."),))
    with ChatService(Settings(library=tmp_path / "old"), ChatOptions()) as service:
        upload(service, tmp_path / "a.pdf")
        wait_for(lambda: not service.jobs.busy)
        generation = service.pipeline.library.generation
    (tmp_path / "old").rename(tmp_path / "new")
    with ChatService(Settings(library=tmp_path / "new"), ChatOptions()) as service:
        assert service.jobs.all() == []
        (info,) = service.pipeline.documents()
        service.documents.read_again("", info.id)
        wait_for(lambda: not service.jobs.busy)
        assert service.pipeline.library.generation > generation
        assert [one.paths for one in service.pipeline.documents()] == [info.paths]
        service.documents.remove("", info.id)
        assert not Path(info.paths[0]).exists()


def test_a_question_while_files_are_read_says_that_they_are(tmp_path: Path) -> None:
    with ChatService(Settings(library=tmp_path / "library", llm_url=""), ChatOptions()) as service:
        gate = threading.Event()
        service.jobs.run(lambda: gate.wait(60) and None)
        for name in ("a.txt", "b.txt"):
            (tmp_path / name).write_text(f"The harbour office has seven boats, says {name}.")
            upload(service, tmp_path / name)
        turn = service.ask("", new_conversation(), AskedQuestion("How many boats has the harbour office?")).wait()
        assert turn.answer is not None
        assert turn.answer.text == "2 files are still being read: ask again when the first is done."
        gate.set()
        wait_for(lambda: not service.jobs.busy)
        turn = service.ask("", new_conversation(), AskedQuestion("How many boats has the harbour office?")).wait()
        assert (turn.unread, "seven boats" in turn.answer.text) == (0, True)


def test_a_file_is_cancelled_while_it_is_read_and_the_others_are_read(service: ChatService, tmp_path: Path) -> None:
    make_pdf(tmp_path / "long.pdf", [(f"Part {n}", f"Ship {n} lies in the harbour.") for n in range(40)])
    make_pdf(tmp_path / "short.pdf", (("Harbour", "The harbour office has seven boats."),))
    at_page, go_on = threading.Event(), threading.Event()
    kept = service.jobs._set

    def held(job: IngestJob) -> None:
        kept(job)
        if job.path.name == "long.pdf" and job.stage == "reading":
            at_page.set()
            go_on.wait(60)

    service.jobs._set = held
    service.documents.upload("", [tmp_path / "long.pdf", tmp_path / "short.pdf"], "Reports")
    at_page.wait(60)
    with pytest.raises(OctavoError, match="not being read any more"):
        service.documents.cancel("", "Reports/none.pdf")
    service.documents.cancel("", "Reports/long.pdf")
    go_on.set()
    wait_for(lambda: not service.jobs.busy)
    assert [(job.path.name, job.stage) for job in service.jobs.all()] == [("short.pdf", "done")]
    names = [info.name for info in service.pipeline.documents()]
    assert "short.pdf" in names
    assert "long.pdf" not in names
    [put] = service.documents.aside("")
    service.documents.restore("", put.id)
    wait_for(lambda: not service.jobs.busy)
    assert "long.pdf" in [info.name for info in service.pipeline.documents()]


def test_a_waiting_file_is_cancelled_before_it_is_read(service: ChatService, tmp_path: Path) -> None:
    go_on = threading.Event()
    service.jobs.run(lambda: (go_on.wait(60), None)[1])
    make_pdf(tmp_path / "a.pdf", (("Harbour", "The harbour office has seven boats."),))
    upload(service, tmp_path / "a.pdf")
    service.documents.cancel("", "Reports/a.pdf")
    go_on.set()
    done = threading.Event()
    service.jobs.run(done.set)
    assert done.wait(60)
    assert service.jobs.all() == []
    assert "a.pdf" not in [info.name for info in service.pipeline.documents()]


def test_the_time_that_reading_takes_is_told_from_the_pages_read(
    service: ChatService, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter((100.0, 104.0, 120.0))
    monkeypatch.setattr("octavo.apps.chat.jobs.time.monotonic", lambda: next(now))
    told = []
    for page in (11, 12, 15):
        service.jobs._progress(Progress(Path("/x/R/a.pdf"), "reading", page, 50))
        told += [str(job) for job in service.jobs.all()]
    service.jobs._jobs.clear()
    assert told == [
        "reading page 11 of 50",
        "reading page 12 of 50, about 3 min left",
        "reading page 15 of 50, about 3 min left",
    ]
