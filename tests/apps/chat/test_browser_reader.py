"""The first minute and the reader in a real Chromium: a sample, its questions, its pages, four sizes, the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.rag import Settings
from tests.apps.chat.conftest import served
from tests.apps.chat.test_browser import Reader, chromium, pytestmark, shots

__all__ = ["chromium", "pytestmark", "shots"]
SIZES = ((1280, 720), (1440, 900), (1024, 768), (900, 700))


@pytest.fixture
def reader(chromium: Any, shots: Path, tmp_path: Path) -> Iterator[Reader]:
    with (
        ChatService(Settings(library=tmp_path / "library", llm_url=""), ChatOptions()) as service,
        served(service) as base,
    ):
        context = chromium.new_context(viewport={"width": 1280, "height": 720})
        opened = Reader(context.new_page(), base, shots)
        yield opened
        context.close()
        opened.check()


def focused(reader: Reader) -> str:
    return str(reader.page.evaluate("document.activeElement.className || document.activeElement.tagName"))


def at_page(reader: Reader, number: int) -> None:
    reader.page.wait_for_function(f"document.querySelector('.goto').value === '{number}'")


def test_from_nothing_to_a_page_of_the_sample(reader: Reader) -> None:
    reader.open()
    page = reader.page
    page.click("#past [data-open=sample]")
    page.wait_for_selector("#past .questions button", timeout=120_000)
    assert page.locator("#past .questions button").count() == 3
    reader.shot("r1-sample")
    page.click("#past .questions button >> nth=0")
    turn = reader.answered(1)
    assert "8.1" in turn.inner_text()
    assert "8.1" in page.inner_text("#announcer")

    turn.locator("[data-open=edit]").click()
    assert page.input_value("#question textarea") == "What was operating result in 2018?"
    page.fill("#question textarea", "")

    turn.locator(".cite").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".mark.cited.meant rect", state="attached")
    assert focused(reader) == "stage"
    width, height = page.evaluate("(s => [s.clientWidth, s.clientHeight])(document.querySelector('.stage'))")
    assert (width > 434, height > 440) == (True, True)
    assert "Capital expenditure" in page.inner_text(".sheet .text")

    page.fill(".find", "spectrograph")
    page.press(".find", "Enter")
    page.wait_for_selector(".mark.hit.meant rect", state="attached")
    assert "page" in page.inner_text(".found")
    reader.shot("r2-found")
    page.fill(".goto", "2")
    page.press(".goto", "Enter")
    at_page(reader, 2)
    page.click("[data-do=thumbs]")
    page.click(".thumbs button >> nth=3")
    at_page(reader, 4)

    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("octavoPanel('evidence')")
        reader.shot(f"r3-{width}")
        assert page.evaluate("document.querySelector('#chat-panel').clientWidth") > 400
        assert page.evaluate("document.querySelector('.stage').clientHeight") > 400
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.click("[data-do=full]")
    assert page.evaluate("document.querySelector('.viewer').offsetWidth") == SIZES[-1][0]
    page.keyboard.press("Escape")
    page.wait_for_selector(".viewer.full", state="detached")
    page.keyboard.press("Escape")
    page.wait_for_selector(".viewer.shown", state="detached")
    assert focused(reader) == "cite"


def test_the_question_is_one_key_away_and_panels_have_names(reader: Reader) -> None:
    reader.open()
    page = reader.page
    first = page.evaluate("document.querySelector('a[href], button, input, textarea, [tabindex=\"0\"]').className")
    assert first == "skip"
    page.focus(".skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('#question') !== null")
    regions = page.evaluate("[...document.querySelectorAll('[role=region]')].map((r) => r.ariaLabel)")
    assert {"Documents", "Conversation", "Evidence"} <= set(regions)
    assert page.get_attribute("#thread", "role") == "log"
    assert page.get_attribute("#announcer", "aria-live") == "polite"
