"""The chat over a collection keeps to the roles of its members, as they are when something is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest

from octavo.apps.chat.handlers import Handlers
from octavo.apps.chat.service import ChatService
from octavo.apps.service import Caller, Role, Service, ServiceOptions
from octavo.apps.service.app import chat_of, create_app
from octavo.apps.service.errors import ForbiddenError
from octavo.ingest import OctavoError
from octavo.rag import Settings
from tests.apps.chat.conftest import wait_for
from tests.apps.cli.command import octavo
from tests.apps.service.conftest import Running, serve


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service of an owner, an editor and a reader."""
    with Service(Settings(library=tmp_path / "library", llm_url=""), ServiceOptions(mcp=False)) as opened:
        for name, role in (("rhea", Role.READER), ("ann", Role.OWNER), ("ed", Role.EDITOR)):
            opened.add_user(name, f"{name}-password")
            opened.collections.assign("default", name, role)
        yield opened


@pytest.fixture
def chat(service: Service, tmp_path: Path) -> Iterator[ChatService]:
    with chat_of(Settings(library=tmp_path / "library", llm_url=""), service) as opened:
        yield opened


def upload(chat: ChatService, folder: Path, user: str, name: str) -> list[str]:
    file = folder / name
    file.write_text(f"The harbour has seven boats, says {name}.")
    return chat.documents.upload(user, [file], "Notes")


def test_readers_add_and_change_no_documents(service: Service, chat: ChatService, tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="You may ask and read here"):
        upload(chat, tmp_path, "rhea", "a.txt")
    assert upload(chat, tmp_path, "ed", "b.txt") == []
    wait_for(lambda: not chat.jobs.busy)
    [info] = chat.pipeline.documents()
    with pytest.raises(OctavoError, match="You may ask and read here"):
        chat.documents.read_again("rhea", info.id)
    for act in (chat.documents.remove, lambda user, document: chat.documents.set_tags(user, document, ["x"])):
        with pytest.raises(OctavoError, match=r"Only ed or ann can (remove|tag) b\.txt"):
            act("rhea", info.id)
    service.collections.set_member("default", "ed", Role.READER)
    with pytest.raises(OctavoError, match=r"can remove b\.txt"):
        chat.documents.remove("ed", info.id)
    chat.documents.remove("ann", info.id)
    assert chat.pipeline.documents() == []


def test_controls_follow_the_role(chat: ChatService, tmp_path: Path) -> None:
    do = Handlers(chat, tmp_path)
    assert upload(chat, tmp_path, "ed", "b.txt") == []
    wait_for(lambda: not chat.jobs.busy)
    shown = {}
    for user in ("rhea", "ed", "ann"):
        loaded = do.load("", gr.Request(username=user))
        visible = [part["visible"] for part in loaded if isinstance(part, dict) and "visible" in part]
        page = "".join(
            part["value"] for part in loaded if isinstance(part, dict) and isinstance(part.get("value"), str)
        )
        shown[user] = (visible, 'data-open="again"' in page, 'data-open="remove"' in page, "under Settings" in page)
    assert shown == {
        "rhea": ([False, False, False, False], False, False, False),
        "ed": ([True, True, False, True], True, True, False),
        "ann": ([True, True, True, True], True, True, True),
    }


def prefer(chat: ChatService, user: str) -> float:
    return chat.prefer(user, **chat.preferences.model_dump() | {"threshold": 0.5}).threshold


def test_only_owners_change_the_settings(chat: ChatService) -> None:
    for user in ("rhea", "ed"):
        with pytest.raises(OctavoError, match="Only ann may change the settings"):
            prefer(chat, user)
    assert prefer(chat, "ann") == 0.5


def test_a_service_without_users_lets_the_person_at_the_machine_do_everything(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", llm_url="")
    with Service(settings, ServiceOptions(mcp=False)) as service, chat_of(settings, service) as chat:
        assert upload(chat, tmp_path, "", "a.txt") == []
        assert prefer(chat, "") == 0.5


def test_a_bounded_key_does_not_open_the_chat(service: Service, chat: ChatService) -> None:
    _, whole = service.users.make_key("ann", "whole")
    _, bounded = service.users.make_key("ann", "bounded", Role.READER)
    running: Iterator[Running] = serve(service, create_app(service, chat))
    address = next(running)
    try:
        with address.client(bounded) as client:
            refused = client.get("/config")
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, ForbiddenError.code)
        with address.client(whole) as client:
            assert client.get("/config").status_code == 200
    finally:
        next(running, None)


def test_what_is_changed_in_the_chat_and_by_commands_is_in_the_audit_log(
    service: Service, chat: ChatService, tmp_path: Path
) -> None:
    upload(chat, tmp_path, "ed", "b.txt")
    wait_for(lambda: not chat.jobs.busy)
    [info] = chat.pipeline.documents()
    chat.documents.remove("ann", info.id)
    chat.documents.restore("ann", chat.documents.aside("ann")[0].id)
    wait_for(lambda: not chat.jobs.busy)
    chat.concepts.save("ed", "", "Polaris", aliases=(), category="", note="a boat")
    chat.concepts.remove("ed", "Polaris")
    library = str(tmp_path / "library")
    for arguments in (("grant", "rhea", "--role", "editor"), ("grant", "rhea", "--role", "none"), ("remove", "ed")):
        assert octavo("users", *arguments, "--library", library).returncode == 0
    entries = service.audit(Caller("ann", is_admin=True), 20)
    assert [(one["user"], one["action"], one["collection"], one["subject"]) for one in reversed(entries)] == [
        ("ed", "document.add", "default", "b.txt"),
        ("ann", "document.remove", "default", "b.txt"),
        ("ann", "document.add", "default", "b.txt"),
        ("ed", "concept.set", "default", "Polaris"),
        ("ed", "concept.remove", "default", "Polaris"),
        ("", "member.editor", "default", "rhea"),
        ("", "member.remove", "default", "rhea"),
        ("", "user.remove", "", "ed"),
    ]
