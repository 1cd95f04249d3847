"""The chat on a phone in a real Chromium, and what is done to documents and answers there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.verdicts import feedback_of
from octavo.apps.samples import copy_sample
from octavo.rag import Settings
from tests.apps.chat.conftest import served, wait_for
from tests.apps.chat.test_browser import Reader, chromium, pytestmark, shots
from tests.rag.model_server import Reply, serving

__all__ = ["chromium", "pytestmark", "shots"]
TABLE = "| Year | Crowns |\n|---|---|\n| 2018 | 15.8, less [1] |"
ANSWER = f"It was **15.8** [1], so $x^2$ grew.\n\n{TABLE}\n\n```\na = 1\n```\n"
SWIPE = """([dx, selector]) => {
  const on = document.querySelector(selector);
  const at = (x) => new Touch({ identifier: 1, target: on, clientX: x, clientY: 300 });
  on.dispatchEvent(new TouchEvent("touchstart", { touches: [at(200)], changedTouches: [at(200)], bubbles: true }));
  on.dispatchEvent(new TouchEvent("touchend", { touches: [], changedTouches: [at(200 + dx)], bubbles: true }));
}"""
SMALL = """() => [...document.querySelectorAll("button, summary, a, input, select, textarea")]
  .filter((one) => one.checkVisibility() && !one.matches(".skip, .cite, [type=checkbox], [type=file], .region button"))
  .filter((one) => !one.closest("#question, .toast-wrap") && one.id !== "")
  .concat([...document.querySelectorAll("#shelf button, #talks button, #talks a, .actions button, #bar button")])
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 40)
  .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ChatService]:
    with (
        serving(Reply([ANSWER])) as model,
        ChatService(Settings(library=tmp_path / "library", llm_url=model.url), ChatOptions()) as opened,
    ):
        opened.documents.upload("", [copy_sample("report.pdf", tmp_path / "sent")], "Samples")
        wait_for(lambda: not opened.jobs.busy)
        yield opened


@pytest.fixture
def reader(chromium: Any, service: ChatService, shots: Path) -> Iterator[Reader]:
    with served(service) as base:
        context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
        opened = Reader(context.new_page(), base, shots)
        opened.page.add_init_script(
            "window.copied = []; navigator.clipboard.writeText = async (text) => { copied.push(text); }"
        )
        opened.open()
        yield opened
        context.close()
        opened.check()


def panel(reader: Reader) -> str:
    return str(reader.page.evaluate("document.body.dataset.panel"))


def test_a_swipe_goes_between_panels_and_pages_and_new_shows_the_chat(reader: Reader) -> None:
    page = reader.page
    for dx, on, shown in ((150, "#past", "documents"), (150, "#documents-panel", "documents")):
        page.evaluate(SWIPE, [dx, on])
        assert panel(reader) == shown
    page.locator("#shelf .icon[data-open=menu]").click()
    assert page.evaluate(SMALL) == []
    reader.shot("p1-documents")
    page.click("#bar .new")
    assert panel(reader) == "chat"
    page.wait_for_selector(".welcome")
    turn = reader.ask("What was capital expenditure in 2018?")
    assert page.evaluate(SMALL) == []
    reader.cite(turn)
    assert panel(reader) == "evidence"
    page.evaluate(SWIPE, [-150, ".stage img"])
    page.wait_for_function("document.querySelector('.goto').value === '4'")
    reader.shot("p2-page")
    page.evaluate(SWIPE, [150, ".viewer .tools"])
    assert panel(reader) == "chat"


def test_an_answer_is_drawn_copied_and_rated(reader: Reader, service: ChatService) -> None:
    page = reader.page
    turn = reader.ask("What was capital expenditure in 2018?")
    assert turn.locator("math msup").count() == 1
    turn.locator("[data-open=csv]").click()
    turn.locator("[data-open=code]").click()
    turn.locator("[data-open=copy]").click()
    csv, code, whole = page.evaluate("copied")
    assert csv == 'Year,Crowns\r\n2018,"15.8, less"'
    assert code.strip() == "a = 1"
    assert "so $x^2$ grew" in whole
    assert "2018\t15.8, less" in whole
    turn.get_by_label("Bad answer").click()
    turn.get_by_label("The right answer").fill("15.8 million")
    turn.get_by_label("A box marks the wrong place").check()
    reader.shot("p3-feedback")
    turn.get_by_text("Send", exact=True).click()
    wait_for(lambda: any(one["wrong_box"] for one in feedback_of(service.pipeline.library.folder)))
    [kept] = feedback_of(service.pipeline.library.folder)
    assert (kept["rating"], kept["expected"]) == ("down", "15.8 million")


def test_a_document_is_tagged_found_removed_and_brought_back(reader: Reader) -> None:
    page = reader.page
    page.click("#tabs [data-panel=documents]")
    page.get_by_label("More about report.pdf").click()
    page.get_by_role("button", name="Tags", exact=True).click()
    page.get_by_label("Tags of report.pdf").fill("Annual report, 2018")
    page.keyboard.press("Enter")
    page.locator(".tag", has_text="2018").click()
    assert page.get_by_label("Search documents").input_value() == "#2018"
    page.wait_for_selector(".tag[aria-pressed=true]")
    page.get_by_label("Search documents").fill("zebra")
    page.wait_for_selector("text=No document has these words")
    page.get_by_label("Search documents").fill("")
    page.get_by_label("Remove report.pdf").click()
    page.locator(".undo .link").click()
    page.wait_for_selector(".document .tagged >> text=Annual report", timeout=120_000)
