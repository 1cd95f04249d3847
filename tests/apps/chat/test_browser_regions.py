"""Several parts of pages marked for one question in a real Chromium: by the mouse, with Shift, and by keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from octavo.apps.chat.service import ChatService
from octavo.ingest import Box
from tests.apps.chat.conftest import served
from tests.apps.chat.test_browser import Reader, chromium, pytestmark, shots

__all__ = ["chromium", "pytestmark", "shots"]


@pytest.fixture
def reader(chromium: Any, shots: Path, service: ChatService) -> Iterator[Reader]:
    with served(service) as base:
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        opened = Reader(context.new_page(), base, shots)
        yield opened
        context.close()
        opened.check()


def open_page(reader: Reader, number: int) -> None:
    reader.page.fill(".goto", str(number))
    reader.page.press(".goto", "Enter")
    reader.page.wait_for_function(f"document.querySelector('.sheet img').alt.endsWith('page {number}')")


def mark_line(reader: Reader, service: ChatService, page: int, words: str) -> None:
    """Draws around the line of the report that holds some words."""
    document = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    read = service.pipeline.library.page(document, page - 1)
    line = next(line.box for e in read.elements for line in e.lines if words in line.text)
    box = Box(line.x0 - 3, line.y0 - 3, line.x1 + 3, line.y1 + 3)
    reader.page.evaluate(
        f"document.querySelector('.stage').scrollTop = {box.y0 / read.height} * "
        "document.querySelector('.sheet').clientHeight - 150"
    )
    reader.draw(box.x0 / read.width, box.y0 / read.height, box.x1 / read.width, box.y1 / read.height)


def labels(reader: Reader) -> list[str]:
    return reader.page.locator(".mark.chosen text").all_text_contents()


def wait_for_chips(reader: Reader, count: int) -> None:
    reader.page.wait_for_function(f"document.querySelectorAll('#chips .chip').length === {count}")


def test_parts_of_two_pages_are_marked_seen_removed_and_asked_about(reader: Reader, service: ChatService) -> None:
    reader.open()
    page = reader.page
    page.locator(".thumb", has_text="report.pdf").click()
    page.wait_for_selector(".viewer.shown")
    page.wait_for_selector("#panel .questions")
    open_page(reader, 2)
    mark_line(reader, service, 2, "1,577 million")
    assert page.inner_text(".draw") == "▭ Mark another part"
    assert page.locator(".mark.chosen rect").count() == 1
    open_page(reader, 3)
    assert page.locator(".mark.chosen").count() == 0
    mark_line(reader, service, 3, "312 people")
    wait_for_chips(reader, 2)
    page.keyboard.down("Shift")
    mark_line(reader, service, 3, "Staff")
    page.keyboard.up("Shift")
    wait_for_chips(reader, 3)
    assert page.locator(".draw").get_attribute("aria-pressed") == "true"
    page.click(".draw")
    page.wait_for_function("document.querySelectorAll('.mark.chosen').length === 2")
    assert labels(reader) == ["2", "3"]
    reader.shot("g1-parts")

    page.click("#chips .chip >> nth=0 >> .part")
    page.wait_for_function("document.querySelector('.goto').value === '2'")
    assert labels(reader) == ["1"]
    page.click("#chips .chip >> nth=2 >> .icon")
    wait_for_chips(reader, 2)
    page.click("#chips .chip >> nth=1 >> .part")
    page.wait_for_function("document.querySelector('.goto').value === '3'")
    assert labels(reader) == ["2"]

    turn = reader.ask("What do these say?")
    assert page.locator("#chips .chip").count() == 0
    assert page.locator(".mark.chosen").count() == 0
    assert turn.locator(".region img").count() == 2
    assert all(words in turn.locator(".answer").inner_text() for words in ("1,577", "312"))
    reader.shot("g2-asked")


def test_parts_are_marked_by_keys(reader: Reader) -> None:
    reader.open()
    page = reader.page
    page.locator(".thumb", has_text="report.pdf").click()
    page.wait_for_selector(".viewer.shown")
    page.focus(".draw")
    page.keyboard.press("Enter")
    page.wait_for_selector("rect.drawn", state="attached")
    page.keyboard.press("Shift+Enter")
    wait_for_chips(reader, 1)
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for_chips(reader, 2)
    assert labels(reader) == ["1", "2"]
    assert page.locator("rect.drawn").count() == 0
    assert page.evaluate("document.activeElement.matches('#question textarea')")
