"""Documents of several users: a name that is taken is asked about, what is removed can be restored, and who may."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.set_aside import REMOVED, TAKEN
from octavo.ingest import OctavoError
from octavo.rag import Settings
from tests.apps.chat.conftest import wait_for

OPTIONS = ChatOptions(users={"ann": "a", "ben": "b", "eve": "e"})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ChatService]:
    """A chat of three users; ann is the first."""
    with ChatService(Settings(library=tmp_path / "library", llm_url=""), OPTIONS) as opened:
        yield opened


def upload(desk: ChatService, user: str, name: str, words: str, collection: str = "Notes") -> list[str]:
    file = desk.pipeline.library.folder.parent / name
    file.write_text(words)
    refused = desk.documents.upload(user, [file], collection)
    wait_for(lambda: not desk.jobs.busy)
    return refused


def held(desk: ChatService) -> dict[str, str]:
    """The words of each document, by name."""
    pages = {info.name: desk.pipeline.library.pages(info.id) for info in desk.pipeline.documents()}
    return {name: " ".join(e.text for page in found for e in page.elements) for name, found in pages.items()}


def aside(desk: ChatService, user: str, reason: str) -> list[tuple[str, str]]:
    return [(one.id, one.name) for one in desk.documents.aside(user) if one.reason == reason]


def test_an_upload_of_a_name_that_is_taken_waits_and_replaces_or_stands_beside(desk: ChatService) -> None:
    upload(desk, "ben", "plan.txt", "The harbour has seven boats.")
    assert upload(desk, "ben", "plan.txt", "The harbour has nine cranes.") == []
    assert held(desk) == {"plan.txt": "The harbour has seven boats."}
    [(file, name)] = aside(desk, "ben", TAKEN)
    assert name == "plan.txt"
    desk.documents.choose("ben", file, replace=False)
    wait_for(lambda: not desk.jobs.busy)
    assert held(desk) == {"plan.txt": "The harbour has seven boats.", "plan (2).txt": "The harbour has nine cranes."}
    upload(desk, "ben", "plan.txt", "The harbour has one lighthouse.")
    [(file, _)] = aside(desk, "ben", TAKEN)
    desk.documents.choose("ben", file, replace=True)
    wait_for(lambda: not desk.jobs.busy)
    assert held(desk)["plan.txt"] == "The harbour has one lighthouse."
    assert aside(desk, "ben", TAKEN) == []
    [(old, _)] = aside(desk, "ben", REMOVED)  # what was replaced
    desk.documents.restore("ben", old)
    wait_for(lambda: not desk.jobs.busy)
    assert sorted(held(desk).values()) == sorted(
        f"The harbour has {what}." for what in ("seven boats", "nine cranes", "one lighthouse")
    )


def test_the_same_file_twice_is_said_and_another_may_be_dropped(desk: ChatService) -> None:
    upload(desk, "ben", "plan.txt", "The harbour has seven boats.")
    assert "in Notes already" in upload(desk, "eve", "plan.txt", "The harbour has seven boats.")[0]
    upload(desk, "eve", "plan.txt", "The harbour has nine cranes.")
    [(file, _)] = aside(desk, "eve", TAKEN)
    assert aside(desk, "ben", TAKEN) == []
    assert aside(desk, "ann", TAKEN) == [(file, "plan.txt")]
    with pytest.raises(OctavoError, match="not there any more"):
        desk.documents.choose("ben", file, replace=True)
    with pytest.raises(OctavoError, match=r"Only ben or ann can replace plan\.txt"):
        desk.documents.choose("eve", file, replace=True)
    desk.documents.discard("eve", file)
    assert desk.documents.aside("ann") == []
    assert held(desk) == {"plan.txt": "The harbour has seven boats."}


def test_owners_and_the_first_user_remove_and_the_bin_gives_it_back(desk: ChatService) -> None:
    upload(desk, "ben", "plan.txt", "The harbour has seven boats.")
    (info,) = desk.pipeline.documents()
    with pytest.raises(OctavoError, match=r"Only ben or ann can remove plan\.txt"):
        desk.documents.remove("eve", info.id)
    assert desk.documents.guarded("eve") == {info.id: "ben or ann"}
    assert desk.documents.guarded("ben") == desk.documents.guarded("ann") == {}
    for user in ("ben", "ann"):
        desk.documents.remove(user, info.id)
        assert held(desk) == {}
        assert not Path(info.paths[0]).exists()
        assert aside(desk, "eve", REMOVED) == []
        [(file, _)] = aside(desk, "ben", REMOVED)
        desk.documents.restore("ben", file)
        wait_for(lambda: not desk.jobs.busy)
        assert held(desk) == {"plan.txt": "The harbour has seven boats."}
    assert desk.documents.guarded("eve") == {info.id: "ben or ann"}


def test_a_document_that_was_not_uploaded_is_the_first_users_and_can_be_restored(
    desk: ChatService, tmp_path: Path
) -> None:
    (tmp_path / "own.txt").write_text("The mirror was polished in 2021.")
    [read] = desk.pipeline.ingest(tmp_path / "own.txt")
    with pytest.raises(OctavoError, match="Only ann can remove"):
        desk.documents.remove("ben", read.document)
    desk.documents.remove("ann", read.document)
    assert (tmp_path / "own.txt").exists()
    [(file, _)] = aside(desk, "ann", REMOVED)
    desk.documents.restore("ann", file)
    wait_for(lambda: not desk.jobs.busy)
    assert list(held(desk)) == ["own.txt"]
    assert aside(desk, "ann", REMOVED) == []


def test_the_bin_is_kept_over_a_restart_and_emptied_after_its_days(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", llm_url="")
    with ChatService(settings, OPTIONS) as desk:
        upload(desk, "ben", "plan.txt", "The harbour has seven boats.")
        upload(desk, "ben", "plan.txt", "The harbour has nine cranes.")
        desk.documents.remove("ben", desk.pipeline.documents()[0].id)
    with ChatService(settings, OPTIONS) as desk:
        assert desk.jobs.all() == []
        assert len(aside(desk, "ben", REMOVED)) == len(aside(desk, "ben", TAKEN)) == 1
    with ChatService(settings, OPTIONS.model_copy(update={"bin_days": 0})) as desk:
        assert aside(desk, "ben", REMOVED) == []
        assert len(aside(desk, "ben", TAKEN)) == 1
    files = [name for _, _, names in os.walk(tmp_path / "library" / "uploads") for name in names]
    assert files == ["plan.txt"]


def test_a_failed_upload_is_dismissed_by_its_user_into_the_bin(desk: ChatService) -> None:
    (desk.pipeline.library.folder.parent / "broken.pdf").write_bytes(b"%PDF-1.7 nothing follows")
    desk.documents.upload("ben", [desk.pipeline.library.folder.parent / "broken.pdf"], "Notes")
    wait_for(lambda: not desk.jobs.busy)
    (job,) = desk.jobs.all()
    with pytest.raises(OctavoError, match="Only ben or ann"):
        desk.dismiss("eve", job.key)
    desk.dismiss("ben", job.key)
    assert desk.jobs.all() == []
    assert [name for _, name in aside(desk, "ben", REMOVED)] == ["broken.pdf"]


def test_what_a_user_may_keep_is_bounded_for_each(tmp_path: Path) -> None:
    options = ChatOptions(users={"ann": "a", "ben": "b"}, user_bytes=100)
    with ChatService(Settings(library=tmp_path / "library", llm_url=""), options) as desk:
        assert upload(desk, "ben", "one.txt", "x" * 60) == []
        (refused,) = upload(desk, "ben", "two.txt", "y" * 60)
        assert refused.startswith("two.txt does not fit: your files take 0.0 of 0.0 MB. Remove some")
        assert upload(desk, "ann", "two.txt", "y" * 60) == []
        assert upload(desk, "ben", "three.txt", "z" * 30) == []
