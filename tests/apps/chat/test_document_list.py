"""The list of documents: those by collection with their ticks, and what is on its way before them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from octavo.apps.chat.conversation_list import conversation_list
from octavo.apps.chat.document_list import document_list, queue_list
from octavo.apps.chat.embedder import Renewal
from octavo.apps.chat.jobs import IngestJob
from octavo.apps.chat.store.history import Conversation
from octavo.apps.chat.store.set_aside import REMOVED, WAITING, SetAside
from octavo.ingest.store.documents import DocumentInfo


def info(name: str, collection: str = "Reports", pages: int = 2) -> DocumentInfo:
    return DocumentInfo(name[0], name, name, "application/pdf", pages, "", (f"/x/{collection}/{name}",))


def test_documents_stand_in_their_collections_with_ticks() -> None:
    html = document_list([info("b.pdf"), info("a.pdf", pages=1), info("c.pdf", "Slides")], ("a",))
    assert html.index("Reports") < html.index("a.pdf") < html.index("b.pdf") < html.index("Slides")
    assert 'aria-checked="mixed" aria-label="Ask all of Reports"' in html
    assert 'aria-checked="false" aria-label="Ask all of Slides"' in html
    assert "1 page<" in html
    assert "2 pages<" in html


def test_pending_files_are_listed_and_finished_ones_are_not() -> None:
    path = Path("/x/Reports/new.pdf")
    jobs = [
        IngestJob(path, "reading", 3, 10, 1),
        IngestJob(path, "failed", note="is broken"),
        IngestJob(path, "done", note="done"),
    ]
    html = queue_list(jobs, Renewal("tiny", 1, 4))
    assert html.count('class="job') == 3 + 1  # the list itself is "jobs"
    assert html.index("embedding document 2 of 4") < html.index("reading page 3 of 10, 1 by OCR")
    assert 'value="0.300"' in html
    assert html.count('data-open="dismiss"') == 1


def test_a_document_that_an_older_version_read_says_how_it_is_read_again() -> None:
    assert "outdated" not in document_list([info("a.pdf")], None)
    html = document_list([replace(info("a.pdf"), outdated=True)], None)
    assert "outdated</span>" in html
    assert "read it again to find more" in html


def test_a_name_that_is_taken_is_asked_about_and_what_was_removed_can_be_restored() -> None:
    taken = SetAside("t1", WAITING, "", "<b>.pdf", "Reports", "ann", "2026-01-02T03:04:05+00:00")
    removed = replace(taken, id="r1", reason=REMOVED, name="old.pdf")
    queue, html = queue_list([], aside=[taken, removed]), document_list([info("a.pdf")], None, aside=[taken, removed])
    for what in ("replace", "both", "discard"):
        assert f'data-open="{what}" data-file="t1"' in queue
        assert f'data-open="{what}"' not in html
    assert "<b>" not in queue
    assert "Reports holds another document" in queue
    assert "old.pdf" not in queue
    assert html.index("a.pdf") < html.index("Bin (1)") < html.index('data-open="restore" data-files="r1"')
    assert "Bin (1)" in document_list([], None, aside=[removed])


def test_a_user_who_may_not_remove_a_document_sees_who_can() -> None:
    html = document_list([info("a.pdf"), info("b.pdf")], None, guarded={"a": "ann or ben"})
    assert "only ann or ben can" in html
    assert 'data-open="remove" data-ids="b"' in html
    assert 'data-open="remove" data-ids="a"' not in html


def test_an_empty_list_says_what_to_do() -> None:
    assert "No documents yet" in document_list([], None)
    assert "No documents yet" not in document_list([], None, is_reading=True)
    assert not queue_list([])


def test_names_and_titles_are_text() -> None:
    evil = "<img src=x>.pdf"
    assert "<img src=x>" not in document_list([info(evil)], None) + queue_list([IngestJob(Path(evil))])
    assert "<b>" not in conversation_list([Conversation("id", "<b>x</b>", "")], "id")
