"""Documents of several users: a name that is taken is asked about, what is removed can be restored, and who may."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from octavo.apps.chat.document_list import MAX_LISTED, document_list, queue_list
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.set_aside import REMOVED, WAITING
from octavo.apps.chat.tags import parse_tags, search_documents
from octavo.ingest import OctavoError
from octavo.rag import Settings
from tests.apps.chat.conftest import wait_for

OPTIONS = ChatOptions(users={"ann": "a", "ben": "b", "eve": "e"})


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ChatService]:
    """A chat of three users; ann is the first."""
    with ChatService(Settings(library=tmp_path / "library", llm_url=""), OPTIONS) as opened:
        yield opened


def upload(service: ChatService, user: str, name: str, words: str, collection: str = "Notes") -> list[str]:
    file = service.pipeline.library.folder.parent / name
    file.write_text(words)
    refused = service.documents.upload(user, [file], collection)
    wait_for(lambda: not service.jobs.busy)
    return refused


def held(service: ChatService) -> dict[str, str]:
    """The words of each document, by name."""
    pages = {info.name: service.pipeline.library.pages(info.id) for info in service.pipeline.documents()}
    return {name: " ".join(e.text for page in found for e in page.elements) for name, found in pages.items()}


def aside(service: ChatService, user: str, reason: str) -> list[tuple[str, str]]:
    return [(one.id, one.name) for one in service.documents.aside(user) if one.reason == reason]


def test_an_upload_of_a_name_that_is_taken_waits_and_replaces_or_stands_beside(service: ChatService) -> None:
    upload(service, "ben", "plan.txt", "The harbour has seven boats.")
    assert upload(service, "ben", "plan.txt", "The harbour has nine cranes.") == []
    assert held(service) == {"plan.txt": "The harbour has seven boats."}
    [(file, name)] = aside(service, "ben", WAITING)
    assert name == "plan.txt"
    service.documents.choose("ben", file, replace=False)
    wait_for(lambda: not service.jobs.busy)
    assert held(service) == {"plan.txt": "The harbour has seven boats.", "plan (2).txt": "The harbour has nine cranes."}
    upload(service, "ben", "plan.txt", "The harbour has one lighthouse.")
    [(file, _)] = aside(service, "ben", WAITING)
    service.documents.choose("ben", file, replace=True)
    wait_for(lambda: not service.jobs.busy)
    assert held(service)["plan.txt"] == "The harbour has one lighthouse."
    assert aside(service, "ben", WAITING) == []
    [(old, _)] = aside(service, "ben", REMOVED)  # what was replaced
    service.documents.restore("ben", old)
    wait_for(lambda: not service.jobs.busy)
    assert sorted(held(service).values()) == sorted(
        f"The harbour has {what}." for what in ("seven boats", "nine cranes", "one lighthouse")
    )


def test_the_same_file_twice_is_said_and_another_may_be_dropped(service: ChatService) -> None:
    upload(service, "ben", "plan.txt", "The harbour has seven boats.")
    assert "in Notes already" in upload(service, "eve", "plan.txt", "The harbour has seven boats.")[0]
    upload(service, "eve", "plan.txt", "The harbour has nine cranes.")
    [(file, _)] = aside(service, "eve", WAITING)
    assert aside(service, "ben", WAITING) == []
    assert aside(service, "ann", WAITING) == [(file, "plan.txt")]
    with pytest.raises(OctavoError, match="not there any more"):
        service.documents.choose("ben", file, replace=True)
    with pytest.raises(OctavoError, match=r"Only ben or ann can replace plan\.txt"):
        service.documents.choose("eve", file, replace=True)
    service.documents.discard("eve", file)
    assert service.documents.aside("ann") == []
    assert held(service) == {"plan.txt": "The harbour has seven boats."}


def test_owners_and_the_first_user_remove_and_the_bin_gives_it_back(service: ChatService) -> None:
    upload(service, "ben", "plan.txt", "The harbour has seven boats.")
    (info,) = service.pipeline.documents()
    with pytest.raises(OctavoError, match=r"Only ben or ann can remove plan\.txt"):
        service.documents.remove("eve", info.id)
    assert service.documents.guarded("eve") == {info.id: "ben or ann"}
    assert service.documents.guarded("ben") == service.documents.guarded("ann") == {}
    for user in ("ben", "ann"):
        service.documents.remove(user, info.id)
        assert held(service) == {}
        assert not Path(info.paths[0]).exists()
        assert aside(service, "eve", REMOVED) == []
        [(file, _)] = aside(service, "ben", REMOVED)
        service.documents.restore("ben", file)
        wait_for(lambda: not service.jobs.busy)
        assert held(service) == {"plan.txt": "The harbour has seven boats."}
    assert service.documents.guarded("eve") == {info.id: "ben or ann"}


def test_a_document_that_was_not_uploaded_is_the_first_users_and_can_be_restored(
    service: ChatService, tmp_path: Path
) -> None:
    (tmp_path / "own.txt").write_text("The mirror was polished in 2021.")
    [read] = service.pipeline.ingest(tmp_path / "own.txt")
    with pytest.raises(OctavoError, match="Only ann can remove"):
        service.documents.remove("ben", read.document)
    service.documents.remove("ann", read.document)
    assert (tmp_path / "own.txt").exists()
    [(file, _)] = aside(service, "ann", REMOVED)
    service.documents.restore("ann", file)
    wait_for(lambda: not service.jobs.busy)
    assert list(held(service)) == ["own.txt"]
    assert aside(service, "ann", REMOVED) == []


def test_what_is_restored_is_as_it_was_read_and_is_not_read_again(
    service: ChatService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = pymupdf.open()
    for words in ("The harbor has seven boats.", "The harbor has nine cranes."):
        pdf.new_page().insert_text((72, 72), words)
    pdf.save(tmp_path / "secret.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="open", owner_pw="own")
    service.documents.upload("ben", [tmp_path / "secret.pdf"], "Notes")
    wait_for(lambda: not service.jobs.busy)
    service.documents.unlock("ben", service.jobs.all()[0].key, "open")
    wait_for(lambda: not service.jobs.busy)
    (info,) = service.pipeline.documents()
    service.documents.set_tags("ben", info.id, ["port"])
    library = service.pipeline.library
    before, shots = library.document(info.id), [library.screenshot(info.id, n).tobytes() for n in range(2)]

    service.documents.remove("ben", info.id)
    assert service.pipeline.search("How many cranes has the harbor?") == []
    [(file, _)] = aside(service, "ben", REMOVED)
    with monkeypatch.context() as patched:
        patched.setattr(type(service.pipeline), "ingest_each", lambda *_, **__: pytest.fail("it was read again"))
        service.documents.restore("ben", file)
        wait_for(lambda: not service.jobs.busy)
    assert library.document(info.id) == before
    assert [library.screenshot(info.id, n).tobytes() for n in range(2)] == shots
    assert library.info(info.id).metadata == {"tags": ["port"]}
    assert [hit.page for hit in service.pipeline.search("How many cranes has the harbor?", k=1)] == [1]


def test_what_is_kept_of_a_removed_document_goes_with_the_bin(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", llm_url="")
    with ChatService(settings, OPTIONS) as service:
        upload(service, "ben", "plan.txt", "The harbour has seven boats.")
        (info,) = service.pipeline.documents()
        service.documents.remove("ben", info.id)
        assert service.pipeline.library.removed.get(info.id, "plan.txt") is not None
    with ChatService(settings, OPTIONS.model_copy(update={"bin_days": 0})) as service:
        upload(service, "ben", "other.txt", "The harbour has nine cranes.")
        (info,) = service.pipeline.documents()
        service.documents.remove("ben", info.id)
        assert service.pipeline.library.removed.get(info.id, "other.txt") is None


def test_the_bin_is_kept_over_a_restart_and_emptied_after_its_days(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", llm_url="")
    with ChatService(settings, OPTIONS) as service:
        upload(service, "ben", "plan.txt", "The harbour has seven boats.")
        upload(service, "ben", "plan.txt", "The harbour has nine cranes.")
        service.documents.remove("ben", service.pipeline.documents()[0].id)
    with ChatService(settings, OPTIONS) as service:
        assert service.jobs.all() == []
        assert len(aside(service, "ben", REMOVED)) == len(aside(service, "ben", WAITING)) == 1
    with ChatService(settings, OPTIONS.model_copy(update={"bin_days": 0})) as service:
        assert aside(service, "ben", REMOVED) == []
        assert len(aside(service, "ben", WAITING)) == 1
    files = [name for _, _, names in os.walk(tmp_path / "library" / "uploads") for name in names]
    assert files == ["plan.txt"]


def test_a_failed_upload_is_dismissed_by_its_user_into_the_bin(service: ChatService) -> None:
    (service.pipeline.library.folder.parent / "broken.pdf").write_bytes(b"%PDF-1.7 nothing follows")
    service.documents.upload("ben", [service.pipeline.library.folder.parent / "broken.pdf"], "Notes")
    wait_for(lambda: not service.jobs.busy)
    (job,) = service.jobs.all()
    with pytest.raises(OctavoError, match="Only ben or ann"):
        service.dismiss("eve", job.key)
    service.dismiss("ben", job.key)
    assert service.jobs.all() == []
    assert [name for _, name in aside(service, "ben", REMOVED)] == ["broken.pdf"]


def test_storage_is_limited_for_each_user(tmp_path: Path) -> None:
    options = ChatOptions(users={"ann": "a", "ben": "b"}, user_bytes=100)
    with ChatService(Settings(library=tmp_path / "library", llm_url=""), options) as service:
        assert upload(service, "ben", "one.txt", "x" * 60) == []
        (refused,) = upload(service, "ben", "two.txt", "y" * 60)
        assert refused.startswith("two.txt does not fit: your files take 0.0 of 0.0 MB. Remove some")
        assert upload(service, "ann", "two.txt", "y" * 60) == []
        assert upload(service, "ben", "three.txt", "z" * 30) == []


def test_an_encrypted_file_is_opened_by_the_password_that_is_typed(service: ChatService) -> None:
    file = service.pipeline.library.folder.parent / "secret.pdf"
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 90), "The vault holds forty bars.")
        document.save(file, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="sesame", owner_pw="x")
    service.documents.upload("ben", [file], "Notes")
    wait_for(lambda: not service.jobs.busy)
    [job] = service.jobs.all()
    assert job.needs_password
    assert 'data-open="unlock"' in queue_list([job])
    with pytest.raises(OctavoError, match="can open"):
        service.documents.unlock("eve", job.key, "sesame")
    service.documents.unlock("ben", job.key, "wrong")
    wait_for(lambda: not service.jobs.busy)
    [job] = service.jobs.all()
    assert job.needs_password
    assert job.note == "This password does not open the file: type another."
    service.documents.unlock("ben", job.key, "sesame")
    wait_for(lambda: not service.jobs.busy)
    assert held(service) == {"secret.pdf": "The vault holds forty bars."}
    with pytest.raises(OctavoError, match="not waiting"):
        service.documents.unlock("ben", job.key, "sesame")


def test_the_sample_is_added_once(service: ChatService) -> None:
    service.documents.add_sample("ben")
    wait_for(lambda: not service.jobs.busy)
    assert [info.name for info in service.pipeline.documents()] == ["report.pdf"]
    with pytest.raises(OctavoError, match="is in Samples already"):
        service.documents.add_sample("ann")


def test_tags_are_kept_searched_and_come_back_with_a_removed_document(service: ChatService) -> None:
    upload(service, "ben", "plan.txt", "The harbour has seven boats.")
    upload(service, "ben", "note.txt", "The harbour has nine cranes.")
    ids = {info.name: info.id for info in service.pipeline.documents()}
    service.pipeline.set_metadata(ids["plan.txt"], {"year": 2018})
    service.documents.add_tags("ben", list(ids.values()), parse_tags("Annual report, #old"))
    service.documents.set_tags("ann", ids["note.txt"], ["old"])
    with pytest.raises(OctavoError, match=r"Only ben or ann can tag|Only ben"):
        service.documents.set_tags("eve", ids["plan.txt"], [])
    with pytest.raises(OctavoError, match="at most 20 tags"):
        service.documents.add_tags("ben", [ids["plan.txt"]], [str(n) for n in range(20)])

    def found(search: str) -> list[str]:
        return sorted(info.name for info in search_documents(service.pipeline.documents(), search))

    assert found("#annual-report") == ["plan.txt"]
    assert found("#OLD") == ["note.txt", "plan.txt"]
    assert found("#ol") == []
    assert found("notes annual") == ["plan.txt"]
    assert found("") == ["note.txt", "plan.txt"]
    listed = document_list(service.pipeline.documents(), (ids["plan.txt"],), "#old")
    assert 'data-text="#old" aria-pressed="true">old <small>2</small>' in listed
    assert "1 ticked:" in listed
    assert "No document has these words" in document_list(service.pipeline.documents(), None, "zebra")
    service.documents.remove("ben", ids["plan.txt"])
    [(file, _)] = aside(service, "ben", REMOVED)
    shown = document_list(service.pipeline.documents(), None, aside=service.documents.aside("ben"))
    assert f'data-open="restore" data-files="{file}">Undo' in shown
    service.documents.restore("ben", file)
    wait_for(lambda: not service.jobs.busy)
    assert service.pipeline.library.info(ids["plan.txt"]).metadata == {"tags": ["Annual report", "old"], "year": 2018}


def test_a_list_of_many_documents_names_how_many_are_not_shown(service: ChatService) -> None:
    upload(service, "ben", "plan.txt", "The harbour has seven boats.")
    [info] = service.pipeline.documents()
    shown = document_list([replace(info, id=f"d{n}") for n in range(MAX_LISTED + 3)], None)
    assert shown.count('class="document"') == MAX_LISTED
    assert "3 more are not listed" in shown
