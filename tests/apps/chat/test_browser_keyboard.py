"""The chat by keys alone in a real Chromium: a question, its citations, the page, a box on it, and the documents."""

from __future__ import annotations

from octavo.apps.chat.service import ChatService
from tests.apps.chat.test_accessibility import QUESTION, reader
from tests.apps.chat.test_browser import Reader, chromium, pytestmark, shots

__all__ = ["ChatService", "chromium", "pytestmark", "reader", "shots"]
MOST_STOPS = 60


def tab_to(reader: Reader, selector: str, key: str = "Tab") -> None:
    """Goes from stop to stop until the element of a selector has the focus, and checks that it can be seen there."""
    for _ in range(MOST_STOPS):
        reader.page.keyboard.press(key)
        if reader.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            break
    else:
        raise AssertionError(f"no stop at {selector}")
    assert reader.page.evaluate(
        """() => {
          const ring = (one) => one && getComputedStyle(one).outlineStyle !== "none";
          return ring(document.activeElement) || ring(document.activeElement.closest("#question"));
        }"""
    ), selector


def test_a_question_is_asked_checked_and_followed_by_keys_alone(reader: Reader) -> None:
    reader.open()
    page = reader.page
    page.evaluate("document.activeElement.blur()")
    tab_to(reader, ".skip")
    page.keyboard.press("Enter")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    reader.answered(1)
    assert "12 eggs" in page.inner_text("#announcer")
    tab_to(reader, ".cite", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mark.cited.meant rect", state="attached")
    page.wait_for_function("document.activeElement.className === 'stage'")
    tab_to(reader, ".find", "Shift+Tab")
    page.keyboard.type("spring")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mark.hit.meant rect", state="attached")
    assert page.inner_text(".found") == "on this page"

    tab_to(reader, ".draw", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("rect.drawn", state="attached")
    assert "arrows move it" in page.inner_text("#announcer")
    frame = "(() => ['x', 'y', 'width', 'height'].map((k) => +document.querySelector('.drawn').getAttribute(k)))()"
    x, y, width, height = page.evaluate(frame)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    moved = page.evaluate(frame)
    assert (moved[0] > x, moved[1], moved[2], moved[3] > height) == (True, y, width, True)
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chips .chip img")
    page.keyboard.type("How many eggs?")
    page.keyboard.press("Enter")
    assert "12 eggs" in reader.answered(2).inner_text()


def test_documents_are_ticked_and_their_menus_used_by_keys_alone(reader: Reader) -> None:
    reader.open()
    page = reader.page
    page.evaluate("document.activeElement.blur()")
    tab_to(reader, ".document .tick")
    page.keyboard.press("Space")
    page.wait_for_selector(".document .tick[aria-checked=false]")
    tab_to(reader, ".document [data-open=menu]")
    page.keyboard.press("Enter")
    tab_to(reader, ".document .menu [data-open=menu]")
    page.keyboard.press("Enter")
    page.keyboard.type("Sea birds")
    page.keyboard.press("Enter")
    page.wait_for_selector(".document .tagged >> text=Sea birds")
