"""Concepts in a real Chromium: added, used by the next question, changed and deleted."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from PIL import Image

from tests.apps.chat.test_accessibility import reader, serious
from tests.apps.chat.test_browser import Reader, chromium, pytestmark, shots

__all__ = ["chromium", "pytestmark", "reader", "shots"]
NOTE = "The ringers of Larkfield call it the skerry bird."
ASKED = "How many eggs does the black diver lay?"


def test_a_concept_is_added_asked_changed_and_deleted(reader: Reader, tmp_path: Path) -> None:
    page = reader.page
    reader.open()
    assert "Nothing found" in reader.ask(ASKED).inner_text()
    page.click("text=Concepts")
    page.fill("#concept-name input, #concept-name textarea", "Auk")
    page.get_by_label("Other names").fill("our bird, black diver")
    page.get_by_label("Note", exact=False).first.fill(NOTE)
    Image.new("RGB", (300, 200), "red").save(tmp_path / "bird.png")
    page.set_input_files("#concept-pictures input[type=file]", str(tmp_path / "bird.png"))
    page.wait_for_selector("#concept-pictures .file-preview")
    page.click("#keep-concept")
    page.wait_for_selector(".concept img")
    assert "also our bird, black diver" in page.locator(".concept").inner_text()
    assert page.input_value("#concept-name :is(input, textarea)") == ""
    reader.shot("concepts-1280x720")
    assert "lays 12 eggs" in reader.ask(ASKED).inner_text()
    assert "skerry bird" in reader.ask("What do the ringers call our bird?").inner_text()

    assert "your concept" in page.locator("#panel").inner_text()

    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("octavoPanel('documents')")
    page.locator("#keep-concept").scroll_into_view_if_needed()
    reader.shot("concepts-390x844")
    assert serious(page) == []
    page.set_viewport_size({"width": 1280, "height": 720})

    page.click('[aria-label="More about Auk"]')
    page.click('.concept >> text="Edit"')
    page.wait_for_function("document.querySelector('#concept-name :is(input, textarea)').value === 'Auk'")
    assert page.evaluate("document.activeElement.closest('#concept-name') !== null")
    page.fill("#concept-name :is(input, textarea)", "Cliff bird")
    page.click("#keep-concept")
    page.wait_for_selector(".concept >> text=Cliff bird")
    assert page.locator(".concept img").count() == 1

    page.click('.concept >> text="Delete"')
    page.wait_for_selector("#known >> text=There are none yet")


def test_headings_go_down_step_by_step_on_every_panel(reader: Reader) -> None:
    """A screen reader's list of headings begins with the page's own, and leaves out no level."""
    page = reader.page
    reader.open()
    reader.cite(reader.ask("How many eggs does the auk lay?"))
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for panel in ("documents", "chat", "evidence"):
            page.evaluate(f"octavoPanel('{panel}')")
            page.wait_for_timeout(200)
            levels = page.evaluate(
                "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter((one) => one.checkVisibility())"
                ".map((one) => Number(one.tagName[1]))"
            )
            assert levels[:1] == [1], (width, panel, levels)
            assert levels.count(1) == 1, (width, panel, levels)
            assert all(b - a <= 1 for a, b in pairwise(levels)), (width, panel, levels)
