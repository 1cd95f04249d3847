"""The chat is a part of its service: its searches take the same places, and it leaves the service's files alone."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import AskedQuestion
from octavo.apps.service import Caller, Service, ServiceOptions
from octavo.apps.service.app import chat_of
from octavo.rag import Settings
from tests.apps.chat.conftest import wait_for
from tests.apps.service.conftest import NOTE, add

ANN = Caller("ann")


def test_a_question_of_the_chat_waits_for_the_searches_of_the_api(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    settings = Settings(library=tmp_path / "library", llm_url="")
    with Service(settings, ServiceOptions(mcp=False)) as service, chat_of(settings, service) as chat:
        add(service, "default", tmp_path, "note.txt", NOTE)
        chat.pipeline.search("What was polished?")  # what first searches load is there
        with service.search_places.take(settings):
            run = chat.ask("", new_conversation(), AskedQuestion("When was the mirror polished?"))
            [info] = chat.pipeline.documents()
            introduction = chat.introductions.begin(info)
            wait_for(lambda: bool(run.turn.query))
            assert (run.done, introduction.done()) == (False, False)
        assert run.wait().answer.text.startswith("“The mirror was polished in 2021.”")  # type: ignore[union-attr]
        assert introduction.result().summary


def test_files_that_the_service_reads_or_gave_up_are_left_by_the_chat(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", llm_url="")
    with ExitStack() as opened:
        service = opened.enter_context(Service(settings, ServiceOptions(mcp=False)))
        for name in ("waits.txt", "canceled.txt", "left.txt"):
            (tmp_path / name).write_text(f"The harbour has seven boats, says {name}.")
            job = service.upload(Caller(""), "default", tmp_path / name, name)
            if name == "canceled.txt":
                service.jobs.cancel("default", job.id)
            if name == "left.txt":  # as of a chat that ended
                service.database.connection.execute("DELETE FROM jobs WHERE id = ?", (job.id,))
        chat = opened.enter_context(chat_of(settings, service))
        assert [job.path.name for job in chat.jobs.all()] == ["left.txt"]
