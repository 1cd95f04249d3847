"""Handlers between the page and the service, over HTTP as the page uses them."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from octavo.apps.chat.introductions import Introduction
from octavo.apps.chat.jobs import IngestJob
from octavo.apps.chat.page_view import View
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import Turn
from octavo.apps.chat.uploads import received_in
from octavo.apps.samples import copy_sample
from octavo.ingest import OctavoError
from tests.apps.chat.conftest import served, wait_for

pytest.importorskip("gradio", reason='the chat is not installed: pip install "octavo[chat]"')
import gradio as gr

from octavo.apps.chat.asking import MOST_REGIONS
from octavo.apps.chat.components import SHOWN_TURNS
from octavo.apps.chat.events import update
from octavo.apps.chat.handlers import Handlers
from octavo.apps.chat.handlers.settings import SettingsHandlers
from tests.apps.chat.visitor import Visitor, file_data

QUESTION = "What was capital expenditure in 2018?"


@pytest.fixture
def visitor(service: ChatService) -> Iterator[Visitor]:
    with served(service) as base:
        opened = Visitor(base)
        yield opened
        opened.close()


def test_an_answer_is_streamed_and_no_copy_of_a_component_is_kept_for_it(visitor: Visitor) -> None:
    from gradio.state_holder import SessionState

    assert "1,577" in visitor.ask(QUESTION)
    before = sizes(SessionState)
    for _ in range(3):
        assert "1,577" in visitor.ask(QUESTION)
    assert sizes(SessionState) == before


def test_a_file_that_was_not_uploaded_is_refused_and_nothing_waits_for_it(
    visitor: Visitor, service: ChatService, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("The combination is 4711.")
    Image.new("RGB", (90, 60), "red").save(tmp_path / "secret.png")
    os.mkfifo(tmp_path / "pipe.txt")
    (library_file,) = [info.paths[0] for info in service.pipeline.documents() if info.name == "report.pdf"]
    for path in (
        str(tmp_path / "secret.txt"),
        str(tmp_path / "pipe.txt"),
        "/dev/zero",
        library_file,
        "http://a.example/x.txt",
    ):
        with pytest.raises(AssertionError):
            visitor.call("upload", [[file_data(path)], "Stolen"])
    for path in (str(tmp_path / "secret.png"), str(tmp_path / "pipe.txt"), "/dev/zero"):
        with pytest.raises(AssertionError):
            visitor.ask("What is this?", file_data(path))
    assert visitor.get("/state").status_code == 200
    assert not (service.pipeline.library.folder / "uploads").exists()
    visitor.upload("note.txt", b"The mirror was polished in 2021.", "Notes")
    wait_for(lambda: "note.txt" in [info.name for info in service.pipeline.documents()])


def test_only_regular_files_of_the_folder_of_received_files_are_taken(tmp_path: Path) -> None:
    received = tmp_path / "received"
    received.mkdir()
    (tmp_path / "secret.txt").write_text("The combination is 4711.")
    (received / "a.txt").write_text("Sent.")
    (received / "link.txt").symlink_to(tmp_path / "secret.txt")
    os.mkfifo(received / "pipe.txt")
    assert received_in(received, [str(received / "a.txt")]) == [received / "a.txt"]
    for name in ("link.txt", "pipe.txt", "../secret.txt", "none.txt", "."):
        with pytest.raises(OctavoError, match="not uploaded here"):
            received_in(received, [str(received / name)])


def sizes(kind: type) -> list[int]:
    import gc

    gc.collect()
    return sorted(len(one.config_values) for one in gc.get_objects() if type(one) is kind)


def test_only_the_last_turns_are_shown_and_the_rest_is_named(service: ChatService) -> None:
    from tests.apps.chat.turns import TURN

    conversation = new_conversation()
    for _ in range(SHOWN_TURNS + 3):
        service.history.begin("", conversation, TURN)
    handlers = Handlers(service, Path("received"))
    for _ in range(2):
        past = handlers.components.past("", conversation, SHOWN_TURNS + 3)
        assert past.count("<article") == SHOWN_TURNS
        assert "3 earlier answers are in the export" in past
        assert 'data-turn="3"' in past
        assert 'data-turn="2"' not in past


def test_ticks_choose_documents_and_all_of_them_is_no_choice(service: ChatService) -> None:
    handlers = Handlers(service, Path("received"))
    first, second = (info.id for info in service.pipeline.documents())
    assert handlers.documents._with_ticks(None, [first]) == (second,)
    assert handlers.documents._with_ticks((second,), [first]) is None
    assert handlers.documents._with_ticks((second,), [second]) == ()
    assert handlers.documents._with_ticks(None, [first, second]) == ()
    assert handlers.documents._with_ticks((), [first]) == (first,)


def event(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


def test_documents_are_chosen_opened_and_removed(service: ChatService) -> None:
    do = Handlers(service, Path("received"))
    first, second = (info.id for info in service.pipeline.documents())
    _, lists, scope, chips, *same = do.documents.press_document(
        None, (), None, "", event(open="scope", ids=second), gr.Request()
    )
    assert scope == (first,)
    assert "Only in" in chips["value"]
    assert 'aria-checked="mixed"' in lists["value"]
    assert same == [gr.skip(), gr.skip(), gr.skip()]
    *_, view, shown, about = do.documents.press_document(
        None, (), None, "", event(open="page", document=first, page="0"), gr.Request()
    )
    assert f"/files/{first}" in about["value"]
    assert (view.document, shown["value"]["page"], shown["value"]["drawable"]) == (first, 0, True)
    _, lists, scope, _, view, shown, _ = do.documents.press_document(
        (first,), (), view, "", event(open="remove", ids=first), gr.Request()
    )
    assert (scope, view, shown["value"]) == (None, None, None)
    assert first not in lists["value"]
    assert [info.id for info in service.pipeline.documents()] == [second]
    with pytest.raises(gr.Error, match="holds no document"):
        do.documents.press_document(None, (), None, "", event(open="remove", ids=first), gr.Request())


def test_a_step_of_reading_shows_the_queue_alone(service: ChatService) -> None:
    do, before = Handlers(service, Path("received")), service.state("ben")
    service.jobs._set(IngestJob(Path("/x/Reports/new.pdf"), "reading", 3, 10))
    begun = service.state("ben")
    service.jobs._set(IngestJob(Path("/x/Reports/new.pdf"), "reading", 4, 10))
    lists, progress = service.state("ben").split(" ")
    assert before.split(" ")[0] != begun.split(" ")[0] == lists
    assert progress != begun.split(" ")[1]
    shown = do.documents.show_progress(gr.Request())["value"]
    assert "reading page 4 of 10" in shown
    assert "report.pdf" not in shown


def test_a_citation_opens_its_page_and_the_arrows_leaf(service: ChatService, ask: Callable[..., Turn]) -> None:
    do, conversation = Handlers(service, Path("received")), new_conversation()
    turn, at = ask(QUESTION, conversation), {"conversation": conversation, "turn": "0"}
    assert turn.answer is not None
    (cited, *_) = turn.answer.citations
    panel, view, shown = do.reader.press_thread(event(open="cite", **at, number="0"), gr.Request())
    assert (view.document, view.page) == (cited.document, cited.page)
    assert [mark["label"] for mark in shown["value"]["marks"] if mark["meant"]] == ["1"]
    assert "relevancy" in panel["value"]
    last = service.pipeline.library.info(cited.document).pages - 1
    for step, page in ((1, cited.page + 1), (9, last), (-99, 0)):
        seen = {"document": view.document, "page": view.page}
        view, shown = do.reader.turn_page(view, event(**seen, step=step), gr.Request())
        assert (view.page, shown["value"]["page"]) == (page, page)
    assert do.reader.turn_page(None, event(**seen, step=1), gr.Request())[0] is None
    assert do.reader.turn_page(view, event(document="other", page=0, step=1), gr.Request()) == (gr.skip(), gr.skip())
    _, view, shown = do.reader.press_thread(event(open="evidence", **at), gr.Request())
    assert (view, shown["value"]) == (None, None)
    with pytest.raises(gr.Error, match="not there any more"):
        do.reader.press_thread(event(open="cite", conversation=conversation, turn="7", number="0"), gr.Request())
    with pytest.raises(gr.Error, match="not there any more"):
        do.reader.press_thread(event(open="cite", **at, number="0"), gr.Request(username="ben"))


def test_a_drawn_box_is_what_the_next_question_is_about_until_it_is_taken_away(service: ChatService) -> None:
    do = Handlers(service, Path("received"))
    document = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    drawn = event(document=document, page=1, box=[50, 100, 540, 200])
    regions, chips = do.reader.select_region((), None, drawn)
    assert "Capital expenditure" in regions[0].words
    assert "About this part of report.pdf, page 2" in chips["value"]
    assert do.reader.select_region(regions, None, drawn)[0] == regions
    pressed = event(open="unmark", number=0)
    regions, scope, chips, _ = do.documents.press_chip(regions, (document,), "", pressed, gr.Request())
    assert (regions, scope) == ((), (document,))
    assert "Only in report.pdf" in chips["value"]
    assert do.documents.press_chip((), scope, "", event(open="unscope"), gr.Request())[2]["value"] == ""
    with pytest.raises(gr.Error, match="too small"):
        do.reader.select_region((), None, event(document=document, page=1, box=[50, 100, 51, 101]))


def test_several_boxes_are_what_the_next_question_is_about(service: ChatService) -> None:
    do, regions = Handlers(service, Path("received")), ()
    document = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    for page, top in ((1, 100), (2, 100), (2, 200)):
        drawn = event(document=document, page=page, box=[50, top, 540, top + 100])
        regions, chips = do.reader.select_region(regions, None, drawn)
    assert [(region.page, region.box.y0) for region in regions] == [(1, 100), (2, 100), (2, 200)]
    assert chips["value"].count("report.pdf, page 3</span>") == 2
    pressed = event(open="unmark", number=1)
    left, _, chips, _ = do.documents.press_chip(regions, None, "", pressed, gr.Request())
    assert left == (regions[0], regions[2])
    _, view, _ = do.reader.press_thread(event(open="page", document=document, page=2), gr.Request())
    assert (view.page, view.marks) == (2, ())
    many = tuple(replace(regions[0], page=number) for number in range(MOST_REGIONS))
    with pytest.raises(gr.Error, match="8 parts of pages at most: take one away first"):
        do.reader.select_region(many, None, drawn)


def test_conversations_are_opened_and_deleted(service: ChatService, ask: Callable[..., Turn]) -> None:
    do, conversation = Handlers(service, Path("received")), new_conversation()
    ask(QUESTION, conversation)
    current, past, *_ = do.conversations.new("", gr.Request())
    assert current != conversation
    assert "Ask your documents" in past["value"]
    opened, past, *_ = do.conversations.press_conversation(
        current, "", event(open="conversation", conversation=conversation), gr.Request()
    )
    assert opened == conversation
    assert "1,577" in past["value"]
    current, *_ = do.conversations.press_conversation(
        conversation, "", event(open="delete", conversation=conversation), gr.Request()
    )
    assert current != conversation
    assert service.history.conversations("") == []
    with pytest.raises(gr.Error, match="not there any more"):
        do.conversations.press_conversation(
            current, "", event(open="conversation", conversation=conversation), gr.Request()
        )


def test_conversations_are_searched_and_renamed(service: ChatService, ask: Callable[..., Turn]) -> None:
    do, first, second = Handlers(service, Path("received")), new_conversation(), new_conversation()
    ask(QUESTION, first)
    ask("Who polished the telescope's mirror?", second)
    listed = [
        do.conversations.search(words, first, gr.Request())["value"]
        for words in ("MIRROR", "1,577", "100%", "mirror expenditure")
    ]
    assert [[one in html for one in (first, second)] for html in listed] == [
        [False, True],
        [True, False],
        [False, False],
        [False, False],
    ]
    assert "No conversation holds these words" in listed[2]
    talks = do.conversations.press_conversation(
        first, "", event(open="rename", conversation=second, text="  Old <b>glass</b> "), gr.Request()
    )[4]
    assert "Old &lt;b&gt;glass&lt;/b&gt;" in talks["value"]
    with pytest.raises(gr.Error, match="needs a name"):
        do.conversations.press_conversation(
            first, "", event(open="rename", conversation=second, text=" "), gr.Request()
        )
    with pytest.raises(gr.Error, match="not there any more"):
        do.conversations.press_conversation(
            first, "", event(open="rename", conversation=second, text="Mine"), gr.Request(username="ben")
        )


def test_a_document_is_searched_page_by_page(service: ChatService) -> None:
    do = Handlers(service, Path("received"))
    document = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    view = View(document, 0)
    at = {"document": document, "text": "MILLION  crowns"}
    view, shown = do.reader.find(view, event(**at, step=0), gr.Request())
    hits = [mark for mark in shown["value"]["marks"] if mark["kind"] == "hit"]
    assert (view.page, len(hits), [mark["meant"] for mark in hits]) == (1, 2, [True, False])
    assert shown["value"]["message"] == "on this page"
    view, shown = do.reader.find(view, event(document=document, text="observatory", step=1), gr.Request())
    assert (view.page, shown["value"]["message"]) == (2, "2 of 2 pages")
    view, shown = do.reader.find(view, event(document=document, text="observatory", step=1), gr.Request())
    assert (view.page, view.focus) == (0, 0)
    view, shown = do.reader.find(view, event(document=document, text="zebra", step=1), gr.Request())
    assert (view.page, view.marks, shown["value"]["message"]) == (0, (), "not found")
    assert do.reader.find(None, event(document=document, text="x"), gr.Request()) == (gr.skip(), gr.skip())


def test_a_new_conversation_suggests_questions_that_are_answered(service: ChatService, tmp_path: Path) -> None:
    do = Handlers(service, Path("received"))
    service.pipeline.ingest(copy_sample("report.pdf", tmp_path / "more"))
    for info in service.pipeline.documents():
        service.introductions.begin(info).result()
    _, past, *_ = do.conversations.new("", gr.Request())
    questions = re.findall(r'data-open="suggested" data-text="([^"]*)"', past["value"])
    assert "What was operating result in 2018?" in questions
    for question in questions:
        assert not service.pipeline.ask(question).abstained


def test_an_opened_document_shows_its_summary_when_it_is_made(service: ChatService, tmp_path: Path) -> None:
    do = Handlers(service, Path("received"))
    [read] = service.pipeline.ingest(copy_sample("scan.pdf", tmp_path / "more"))
    pressed = event(open="page", document=read.document)
    *_, about = do.documents.press_document(None, (), None, "", pressed, gr.Request())
    assert "Reading what it is about" in about["value"]
    assert "tightened to a torque of 85 Nm" in asyncio.run(do.documents.introduce(pressed))["value"]
    assert asyncio.run(do.documents.introduce(pressed)) == gr.skip()
    *_, about = do.documents.press_document(None, (), None, "", pressed, gr.Request())
    assert "tightened to a torque of 85 Nm" in about["value"]
    assert asyncio.run(do.documents.introduce(event(open="scope", ids=read.document))) == gr.skip()


def test_an_introduction_that_is_dropped_as_the_chat_ends_is_no_error(
    service: ChatService, monkeypatch: pytest.MonkeyPatch
) -> None:
    do, dropped = Handlers(service, Path("received")), Future[Introduction]()
    dropped.cancel()
    monkeypatch.setattr(service.introductions, "begin", lambda info: dropped)
    pressed = event(open="page", document=service.pipeline.documents()[0].id)
    assert asyncio.run(do.documents.introduce(pressed)) == gr.skip()


def test_document_text_in_errors_is_escaped(service: ChatService, tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>.txt"
    (tmp_path / name).write_text("The mirror was polished in 2021.")
    [read] = service.pipeline.ingest(tmp_path / name)
    (tmp_path / name).unlink()
    with pytest.raises(gr.Error) as shown:
        Handlers(service, Path("received")).documents.press_document(
            None, (), None, "", event(open="again", document=read.document), gr.Request()
        )
    assert "&lt;img" in shown.value.message
    assert "<" not in shown.value.message


def test_settings_are_shown_as_they_are(service: ChatService) -> None:
    panel = SettingsHandlers(service)
    service.prefer("", k=3, threshold=0.5, level="page", llm_url="", llm_model="")
    assert panel.values("") == ("", "", "", 3, 0.5, "page", "static", "", "", "", "")
    assert "wordllama" in panel.embedding_state("")["value"]
    assert update("x")["value"] == "x"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"open": {}},
        {"open": "cite"},
        {"open": "cite", "conversation": "x", "turn": "1e9", "number": "0"},
        {"open": "cite", "conversation": None, "turn": -1},
        {"open": "page", "document": "d", "page": "0", "box": "1,2,nan,4"},
        {"open": "page", "document": "d", "page": 10**30},
        {"open": "drawn", "document": "d", "page": 0, "box": [1, 2]},
        {"open": "remove", "ids": "none"},
        {"open": "restore", "files": "../../x"},
        {"open": "conversation", "conversation": "x"},
        {"step": "x"},
    ],
)
def test_invalid_events_are_errors_of_one_sentence(service: ChatService, data: object) -> None:
    do, got, view = Handlers(service, Path("received")), gr.EventData(None, data), View("d", 0)
    for call in (
        lambda: do.documents.press_document(None, (), None, "", got, gr.Request()),
        lambda: do.reader.press_thread(got, gr.Request()),
        lambda: do.conversations.press_conversation("", "", got, gr.Request()),
        lambda: do.documents.press_chip((), None, "", got, gr.Request()),
        lambda: do.reader.select_region((), None, got),
        lambda: do.reader.turn_page(view, got, gr.Request()),
        lambda: do.reader.find(view, got, gr.Request()),
        lambda: do.questions.stop(got, gr.Request()),
    ):
        refused = None
        try:
            call()
        except gr.Error as error:
            refused = error
        assert refused is None or refused.message.endswith(".")
