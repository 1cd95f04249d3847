"""The chat for who does not see it or uses no mouse: axe's rules at four sizes, and the focus on a phone."""

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
from tests.conftest import make_pdf

__all__ = ["chromium", "pytestmark", "shots"]
SIZES = ((1280, 720), (1024, 768), (1920, 1080), (390, 844))
QUESTION = "How many eggs does the auk lay?"


@pytest.fixture
def reader(chromium: Any, shots: Path, tmp_path: Path) -> Iterator[Reader]:
    make_pdf(tmp_path / "birds.pdf", (("Auk", "The auk lays 12 eggs in spring."),))
    with ChatService(Settings(library=tmp_path / "library", llm_url=""), ChatOptions()) as service:
        service.pipeline.ingest(tmp_path / "birds.pdf")
        with served(service) as base:
            context = chromium.new_context(viewport={"width": 1280, "height": 720})
            opened = Reader(context.new_page(), base, shots)
            yield opened
            context.close()
            opened.check()


def serious(page: Any) -> list[tuple[str, str]]:
    """What axe finds on a page that is serious or critical: its rule and the element. Gradio's own notes have gone."""
    page.wait_for_selector(".toast-header", state="detached")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
    return [
        (rule["id"], node["html"])
        for rule in axe.Axe().run(page).response["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def test_axe_finds_nothing_serious_at_any_size(reader: Reader) -> None:
    reader.open()
    page = reader.page
    reader.cite(reader.ask(QUESTION))
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for panel in ("documents", "chat", "evidence"):
            page.evaluate(f"octavoPanel('{panel}')")
            page.wait_for_timeout(300)
            assert serious(page) == [], (width, height, panel)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (width, height)
    page.set_viewport_size({"width": 1280, "height": 720})
    for name in ("Conversations", "Concepts", "Settings"):
        page.click(f"text={name}")
        page.wait_for_timeout(600)
        assert serious(page) == [], name


def test_on_a_phone_the_focus_follows_a_citation_and_comes_back(reader: Reader) -> None:
    page = reader.page
    page.set_viewport_size({"width": 390, "height": 844})
    reader.open()
    reader.ask(QUESTION).locator(".cite").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".mark.cited.meant rect", state="attached")
    page.wait_for_function("document.activeElement.className === 'stage'")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.className === 'cite'")
    assert page.locator("#chat-panel").is_visible()
