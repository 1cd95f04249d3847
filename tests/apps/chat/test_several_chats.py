"""Files of users (`files`) where several processes, or machines that share documents, serve one chat."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.set_aside import REMOVED, WAITING
from octavo.apps.chat.uploads import Uploads
from octavo.ingest import OctavoError
from octavo.rag import Settings
from tests.apps.chat.conftest import wait_for
from tests.postgres import empty_schema, server


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as uri:
        yield uri


@pytest.fixture(params=["processes", pytest.param("machines", marks=pytest.mark.slow)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Settings, Settings]:
    """Those of two chats: over one library, as processes have them, or over shared documents, as machines do."""
    if request.param == "processes":
        one = Settings(library=tmp_path / "library", llm_url="")
        return one, one
    uri = empty_schema(request.getfixturevalue("address"))
    one, other = (
        Settings(library=tmp_path / name, documents_uri=uri, images=f"file://{tmp_path}/images", llm_url="")
        for name in ("one", "other")
    )
    return one, other


@pytest.fixture
def options(tmp_path: Path) -> ChatOptions:
    return ChatOptions(users={"ann": "a", "ben": "b"}, files=tmp_path / "files", user_bytes=100)


@pytest.fixture
def two(settings: tuple[Settings, Settings], options: ChatOptions) -> Iterator[tuple[ChatService, ChatService]]:
    with ChatService(settings[0], options) as one, ChatService(settings[1], options) as other:
        yield one, other


def sent(tmp_path: Path, name: str, words: str) -> Path:
    folder = tmp_path / f"sent{len(list(tmp_path.glob('sent*')))}"
    folder.mkdir()
    (folder / name).write_text(words)
    return folder / name


def upload(service: ChatService, tmp_path: Path, name: str, words: str) -> list[str]:
    refused = service.documents.upload("ben", [sent(tmp_path, name, words)], "Notes")
    wait_for(lambda: not service.jobs.busy)
    return refused


def held(service: ChatService) -> dict[str, str]:
    """The words of each document's file, by its path below the folder of files."""
    paths = [Path(path) for info in service.pipeline.documents() for path in info.paths]
    return {str(path.relative_to(service.options.files or "")): path.read_text() for path in paths}


def test_what_one_takes_the_other_removes_and_restores(two: tuple[ChatService, ChatService], tmp_path: Path) -> None:
    one, other = two
    upload(one, tmp_path, "plan.txt", "The harbour has seven boats.")
    assert held(other) == {"uploads/Notes/plan.txt": "The harbour has seven boats."}
    other.documents.remove("ben", other.pipeline.documents()[0].id)
    assert held(one) == {}
    [put] = one.documents.aside("ben")
    assert (put.name, put.reason) == ("plan.txt", REMOVED)
    one.documents.restore("ben", put.id)
    wait_for(lambda: not one.jobs.busy)
    assert held(other) == {"uploads/Notes/plan.txt": "The harbour has seven boats."}


def test_room_is_counted_together(two: tuple[ChatService, ChatService], tmp_path: Path) -> None:
    one, other = two
    assert upload(one, tmp_path, "one.txt", "x" * 60) == []
    [refused] = upload(other, tmp_path, "two.txt", "y" * 60)
    assert refused.startswith("two.txt does not fit")


def test_two_files_of_one_name_at_once_are_both_kept(
    two: tuple[ChatService, ChatService], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    move, begun = Uploads.move, list[Future[list[str]]]()
    with ThreadPoolExecutor(1) as pool:

        def move_late(self: Uploads, file: Path, target: Path) -> None:
            if not begun:  # the first is about to move its file: the second comes
                begun.append(pool.submit(upload, other, tmp_path, "plan.txt", "The harbour has nine cranes."))
                with suppress(TimeoutError):
                    begun[0].result(timeout=0.3)
            move(self, file, target)

        monkeypatch.setattr(Uploads, "move", move_late)
        assert upload(one, tmp_path, "plan.txt", "The harbour has seven boats.") == begun[0].result() == []
    assert held(one) == {"uploads/Notes/plan.txt": "The harbour has seven boats."}
    [put] = one.documents.aside("ben")
    assert (put.name, put.reason) == ("plan.txt", WAITING)
    other.documents.choose("ben", put.id, replace=False)
    wait_for(lambda: not other.jobs.busy)
    assert held(one)["uploads/Notes/plan (2).txt"] == "The harbour has nine cranes."


def test_a_file_that_a_killed_chat_left_is_read_by_the_next(
    settings: tuple[Settings, Settings], options: ChatOptions, tmp_path: Path
) -> None:
    assert options.files is not None
    Uploads(options.files).move(
        sent(tmp_path, "plan.txt", "The harbour has seven boats."), options.files / "uploads" / "Notes" / "plan.txt"
    )
    with ChatService(settings[0], options) as one, ChatService(settings[1], options) as other:
        wait_for(lambda: not (one.jobs.busy or other.jobs.busy))
        assert held(one) == held(other) == {"uploads/Notes/plan.txt": "The harbour has seven boats."}
        assert len(one.pipeline.documents()) == 1


@pytest.mark.slow
def test_a_machine_without_the_folder_takes_no_files(tmp_path: Path, address: str) -> None:
    settings = Settings(
        library=tmp_path / "one", documents_uri=empty_schema(address), images=f"file://{tmp_path}/images", llm_url=""
    )
    with (
        ChatService(settings, ChatOptions()) as service,
        pytest.raises(OctavoError, match="one folder for users' files that all of them see: set files"),
    ):
        service.documents.upload("", [sent(tmp_path, "plan.txt", "The harbour has seven boats.")], "Notes")
