"""The chat is a part of its service: it keeps to its places for searches, its quotas, its files and its discretion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import gradio as gr
import pytest
from starlette.testclient import TestClient

from octavo.apps.chat.handlers import Handlers
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import AskedQuestion
from octavo.apps.chat.verdicts import UserVerdict
from octavo.apps.service import Caller, Role, Service, ServiceOptions
from octavo.apps.service.app import chat_of, create_app
from octavo.rag import Settings
from tests.apps.chat.conftest import wait_for
from tests.apps.service.conftest import NOTE, add

MODEL = "http://127.0.0.1:9/v1"
ORIGIN = "http://127.0.0.1:8080"


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


def test_files_of_the_chat_count_and_are_bounded_like_all_others(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", llm_url="")
    options = ServiceOptions(mcp=False, user_bytes=20_000, user_pages=2)
    with Service(settings, options) as service, chat_of(settings, service) as chat:
        (tmp_path / "note.txt").write_text(NOTE)
        (tmp_path / "long.txt").write_text("\n".join(f"Line {number} of a long text." for number in range(400)))
        assert chat.documents.upload("", [tmp_path / "note.txt", tmp_path / "long.txt"], "Notes") == []
        wait_for(lambda: not chat.jobs.busy)
        [failed] = [job for job in chat.jobs.all() if job.stage == "failed"]
        assert "who uploaded it may have 2 pages in all collections" in failed.note
        assert not failed.path.exists()
        assert [info.name for info in chat.pipeline.documents()] == ["note.txt"]
        assert [(quota.name, quota.used) for quota in service.quotas.of("")][:2] == [("bytes", len(NOTE)), ("pages", 1)]
        (tmp_path / "large.txt").write_text("x" * 20_000)
        [refused] = chat.documents.upload("", [tmp_path / "large.txt"], "Notes")
        assert refused.startswith("large.txt does not fit: your files take")


@pytest.fixture
def shared_chat(tmp_path: Path) -> Iterator[tuple[Service, ChatService]]:
    """A service with the owner ann and the reader ben, whose model cannot be reached."""
    settings = Settings(library=tmp_path / "library", llm_url=MODEL)
    with Service(settings, ServiceOptions(mcp=False)) as service:
        for name, role in (("ann", Role.OWNER), ("ben", Role.READER)):
            service.add_user(name, f"{name}-password")
            service.collections.assign("default", name, role)
        add(service, "default", tmp_path, "note.txt", NOTE)
        with chat_of(settings, service) as chat:
            yield service, chat


@pytest.mark.parametrize("falls_back", [True, False])
def test_readers_are_not_told_where_the_model_is(
    shared_chat: tuple[Service, ChatService], falls_back: bool, tmp_path: Path
) -> None:
    service, chat = shared_chat
    chat.pipeline.settings = chat.pipeline.settings.model_copy(update={"llm_fallback": falls_back})
    shown, do = {}, Handlers(chat, tmp_path)
    for user in ("ann", "ben"):
        conversation = new_conversation()
        turns = [
            chat.ask(user, conversation, AskedQuestion(question)).wait()
            for question in ("When was the mirror polished?", "And what was expenditure?")
        ]
        loaded = do.load("", gr.Request(username=user))
        shown[user] = f"{turns} {loaded}"
    assert MODEL in shown["ann"]
    assert "127.0.0.1:9" not in shown["ben"]
    with TestClient(
        create_app(service, chat), ORIGIN, cookies={"octavo_session": service.users.start_session("ben", 1)}
    ) as client:
        config = client.get("/config")
    assert config.status_code == 200
    assert MODEL not in config.text


def test_who_gets_the_name_of_a_removed_user_gets_nothing_else(shared_chat: tuple[Service, ChatService]) -> None:
    service, chat = shared_chat
    conversation = new_conversation()
    run = chat.ask("ben", conversation, AskedQuestion("When was the mirror polished?"))
    turn = run.wait()
    chat.rate("ben", run.id, UserVerdict("up"))
    chat.share("ben", conversation)
    assert turn.is_answered
    assert len(service.feedback_records.of("default")) == 1
    service.remove_user("ben")
    service.add_user("ben", "another-password")
    assert chat.history.conversations("ben") == []
    assert chat.history.turns("ben", conversation) == []
    assert service.feedback_records.of("default") == []
