"""Several windows, conversations and claims in a real Chromium: what is seen is what is asked, stopped and opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.rag import Settings
from tests.apps.chat.conftest import served, wait_for
from tests.apps.chat.test_browser import BOX, Paced, Reader, chromium, pytestmark, shots  # noqa: F401
from tests.conftest import make_pdf
from tests.rag.model_server import Reply, serving

BIRDS = (
    ("Auk", "The auk lays 12 eggs in spring."),
    ("Bittern", "The bittern lays 31 eggs in autumn."),
)
HARBOUR = (
    "The harbour office owns seven red boats.",
    "The harbour office owns two yellow cranes.",
    "The harbour office owns one green lighthouse.",
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ChatService]:
    """A fresh library of two documents."""
    make_pdf(tmp_path / "birds.pdf", BIRDS)
    make_pdf(tmp_path / "harbour.pdf", (("Harbour", "\n\n".join(HARBOUR)),))
    with ChatService(Settings(library=tmp_path / "library", llm_url=""), ChatOptions()) as opened:
        opened.pipeline.ingest(tmp_path / "birds.pdf", tmp_path / "harbour.pdf")
        yield opened


@pytest.fixture
def window(service: ChatService, chromium: Any, shots: Path) -> Iterator[Any]:  # noqa: F811
    """Opens windows on the chat."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    opened: list[Reader] = []
    with served(service) as base:

        def made() -> Reader:
            opened.append(Reader(context.new_page(), base, shots))
            opened[-1].open()
            return opened[-1]

        yield made
        for one in opened:
            one.check()
        context.close()


def begin(reader: Reader, question: str) -> None:
    reader.page.fill(BOX, question)
    reader.page.press(BOX, "Enter")
    reader.page.wait_for_selector("#live:not([data-stale]) .going")


def connect(service: ChatService, url: str) -> None:
    service.preferences = service.preferences.model_copy(update={"llm_url": url})


def test_two_windows_at_first_run_both_ask(window: Any) -> None:
    first, second = window(), window()
    assert "12" in first.ask("How many eggs does the auk lay?").inner_text()
    assert "31" in second.ask("How many eggs does the bittern lay?").inner_text()
    first.page.reload()
    first.page.wait_for_selector("#past .turn")
    first.page.click("text=Conversations")
    first.page.wait_for_function("document.querySelectorAll('#talks li').length === 2")
    first.shot("30-two-windows")


def test_new_while_the_first_answer_is_written_keeps_it(window: Any, service: ChatService) -> None:
    reader = window()
    with serving(Reply(Paced(["The auk "] + ["and so on "] * 60 + ["lays 12 eggs [1]."]))) as model:
        connect(service, model.url)
        begin(reader, "How many eggs does the auk lay?")
        reader.page.wait_for_selector("#live .answer.running")
        reader.page.click("#new")
        reader.page.wait_for_selector("#past .welcome")
        reader.shot("31-new-while-written")
        assert reader.page.locator(".turn:visible").count() == 0
        assert reader.page.locator(".turn:visible").count() == 0
        assert not reader.page.locator("#stop").is_visible()
        wait_for(lambda: all(service.runs.of(one.id) is None for one in service.history.conversations("")))
        assert reader.page.locator(".turn:visible").count() == 0
    reader.page.click("text=Conversations")
    reader.page.locator(".talk").first.click()
    reader.page.wait_for_selector("#past .turn >> text=lays 12 eggs")
    reader.shot("32-kept")


def test_controls_act_on_the_visible_conversation(window: Any, service: ChatService) -> None:
    reader = window()
    reader.ask("What does the harbour office own?")
    reader.page.click("#new")
    reader.page.wait_for_selector("#past .welcome")
    slow = Reply(Paced(["The auk lays 12 eggs [1] "] + ["and so on "] * 3000))
    with serving(slow, Reply(["It owns seven red boats [1]."])) as model:
        connect(service, model.url)
        begin(reader, "How many eggs does the auk lay?")
        reader.page.wait_for_selector("#live .cite")
        reader.page.fill(BOX, "And the bittern?")  # the box says when it must wait, and keeps what was typed
        reader.page.press(BOX, "Enter")
        reader.page.wait_for_selector("text=still being answered")
        assert reader.page.input_value(BOX) == "And the bittern?"
        reader.page.click("text=Conversations")
        reader.page.wait_for_function("document.querySelectorAll('.talk').length === 2")
        reader.page.locator(".talk", has_text="harbour").click()
        reader.page.wait_for_selector("#past .turn >> text=harbour office")
        reader.page.wait_for_timeout(600)
        assert "auk" not in reader.page.inner_text("#thread")
        assert not reader.page.locator("#stop").is_visible()
        reader.shot("33-switched-while-written")
        reader.cite(reader.page.locator("#past .turn").first)
        assert reader.page.inner_text(".viewer .title") == "harbour.pdf"
        connect(service, "")
        assert "two yellow cranes" in reader.ask("How many yellow cranes does the harbour office own?").inner_text()
        reader.page.locator(".talk", has_text="auk").click()
        reader.page.wait_for_function("document.querySelector('#live .going')?.innerText.includes('and so on')")
        assert "harbour" not in reader.page.inner_text("#thread")
        reader.page.locator("#live .cite").first.click()
        reader.page.wait_for_function("document.querySelector('.viewer .title').textContent === 'birds.pdf'")
        reader.page.click("#stop button")
        reader.page.wait_for_selector("#live .foot:has-text('Stopped before its end')")
        reader.shot("34-stopped-what-is-seen")
    reader.errors.clear()  # the browser notes the refusal


def test_claims_that_share_a_number_open_their_own_places(window: Any) -> None:
    reader = window()
    turn = reader.ask("Who owns boats, cranes and a lighthouse?")
    assert turn.locator(".cite").all_inner_texts() == ["1", "1"]
    quoted = turn.locator(".answer > p").all_inner_texts()
    shown = []
    for n in range(2):
        reader.cite(turn, n)
        reader.page.wait_for_timeout(300)
        shown.append(reader.page.inner_text(".viewer .quote"))
        assert shown[-1] in quoted[n]
        reader.shot(f"35-claim-{n + 1}")
    assert sorted(shown) == sorted(HARBOUR[:2])


def test_two_users_and_one_name(service: ChatService, chromium: Any, shots: Path, tmp_path: Path) -> None:  # noqa: F811
    service.pipeline.remove(service.pipeline.documents()[0].id)
    users = {"ann": "pass-a", "ben": "pass-b"}
    service.close()
    for user, words in (("ann", "The harbour has seven boats."), ("ben", "The harbour has nine cranes.")):
        (tmp_path / user).mkdir()
        (tmp_path / user / "report.txt").write_text(words)
    with ChatService(service.pipeline.settings, ChatOptions(users=users)) as shared, served(shared) as base:
        readers = []
        for user, password in users.items():
            context = chromium.new_context(
                viewport={"width": 1280, "height": 800}, http_credentials={"username": user, "password": password}
            )
            readers.append(Reader(context.new_page(), base, shots))
            readers[-1].open()
        ann, ben = readers
        ann.upload(tmp_path / "ann" / "report.txt", documents=2)
        ben.page.wait_for_function("document.querySelectorAll('#shelf .document').length === 2")
        ben.page.set_input_files("#upload input[type=file]", str(tmp_path / "ben" / "report.txt"))
        ben.page.wait_for_selector(".job.taken")
        ben.shot("36-name-taken")
        ben.page.click("[data-open=replace]")
        ben.page.wait_for_selector("text=Only ann can replace report.txt")
        ben.page.click("[data-open=both]")
        ben.page.wait_for_selector("#shelf .document >> text=report (2).txt")
        assert ben.page.locator('[aria-label="Remove report.txt: only ann can"]').is_disabled()
        ben.page.click('[aria-label="More about report (2).txt"]')
        ben.page.click('[aria-label="Remove report (2).txt"]')
        ben.page.wait_for_selector("#shelf .bin")
        ben.page.click("#shelf .bin summary")
        ben.shot("37-bin")
        assert ann.page.locator("#shelf .document").count() >= 2
        ben.page.click("[data-open=restore]")
        ben.page.wait_for_selector("#shelf .document >> text=report (2).txt")
        for reader in readers:
            reader.errors.clear()  # the browser notes the refusal
            reader.check()
            reader.page.context.close()
        assert sorted(info.name for info in shared.pipeline.documents())[-2:] == ["report (2).txt", "report.txt"]
