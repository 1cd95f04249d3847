"""The chat in a real Chromium, end to end: what a reader does and sees, at the places where they see it."""

from __future__ import annotations

import os
import shutil
import threading
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.samples import copy_samples
from octavo.ingest import ReadOptions
from octavo.ingest.ocr import read_words
from octavo.rag import Settings
from tests.apps.chat.conftest import served
from tests.rag.model_server import Reply, serving

pytest.importorskip("gradio", reason='the chat is not installed: pip install "octavo[chat]"')
sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
]
BOX = "#question textarea"
CAPEX = "What was capital expenditure in 2018?"


class Paced(list[str]):
    """Pieces that come one by one, every 50 ms."""

    def __iter__(self) -> Iterator[str]:
        for piece in super().__iter__():
            time.sleep(0.05)
            yield piece


class Withheld(list[str]):
    """Pieces of which all but the first come when `rest` is set."""

    def __init__(self, pieces: list[str]) -> None:
        super().__init__(pieces)
        self.rest = threading.Event()

    def __iter__(self) -> Iterator[str]:
        yield self[0]
        self.rest.wait(60)
        yield from self[1:]


class Reader:
    """A browser window on the chat, and what went wrong in it. All that it asks for must be the chat's own."""

    def __init__(self, page: Any, base: str, shots: Path) -> None:
        self.page, self._base, self._shots = page, base, shots
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: self._asked_for(request.url))
        page.on("dialog", lambda dialog: dialog.accept())

    def _asked_for(self, url: str) -> None:
        if not url.startswith((self._base, "data:", "blob:")):
            self.elsewhere.append(url)

    def open(self, query: str = "") -> None:
        self.page.goto(f"{self._base}/{query}")
        self.page.wait_for_selector(BOX)
        self.page.wait_for_selector("#past .turn, #past .welcome")
        self.page.wait_for_timeout(500)

    def upload(self, *files: Path, documents: int) -> set[str]:
        """Uploads and waits until so many documents are listed; returns the states that were shown."""
        states: set[str] = set()
        self.page.set_input_files("#upload input[type=file]", [str(file) for file in files])
        while self.page.locator("#shelf .document").count() < documents:
            states |= set(self.page.locator(".job .state").all_inner_texts())
            self.page.wait_for_timeout(100)
        return states

    def ask(self, question: str) -> Any:
        """Asks and waits for the end of the answer; returns the turn."""
        turns = self.page.locator(".turn:visible").count()
        self.page.fill(BOX, question)
        self.page.press(BOX, "Enter")
        return self.answered(turns + 1)

    def answered(self, turns: int) -> Any:
        self.page.wait_for_function(
            f"document.querySelectorAll('.turn').length === {turns} && !document.querySelector('.running, .working')"
        )
        self.page.wait_for_selector("#stop", state="hidden")
        assert self.page.input_value(BOX) == ""
        return self.page.locator(".turn").last

    def cite(self, turn: Any, n: int = 0) -> None:
        turn.locator(".cite").nth(n).click()
        self.page.wait_for_selector(".mark.cited.meant rect", state="attached")
        self.page.wait_for_function("document.querySelector('.sheet img').complete")

    def draw(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draws a box on the page, in shares of its width and height."""
        self.page.click(".draw")
        frame = self.page.locator(".sheet svg").bounding_box()
        self.page.mouse.move(frame["x"] + x0 * frame["width"], frame["y"] + y0 * frame["height"])
        self.page.mouse.down()
        self.page.mouse.move(frame["x"] + x1 * frame["width"], frame["y"] + y1 * frame["height"], steps=6)
        self.page.mouse.up()
        self.page.wait_for_selector("#chips .chip img")

    def marked(self) -> Image.Image:
        """What the page's picture shows where the reader sees the marks that are meant, cut out of its pixels."""
        place = self.page.evaluate(
            """() => {
              const picture = document.querySelector('.sheet img'), frame = picture.getBoundingClientRect();
              const boxes = [...document.querySelectorAll('.mark.meant rect')].map((r) => r.getBoundingClientRect());
              const scale = picture.naturalWidth / frame.width;
              const of = (f, key) => f(...boxes.map((b) => b[key]));
              const [x, y] = [frame.left, frame.top];
              return [picture.src, (of(Math.min, 'left') - x) * scale, (of(Math.min, 'top') - y) * scale,
                (of(Math.max, 'right') - x) * scale, (of(Math.max, 'bottom') - y) * scale];
            }"""
        )
        with Image.open(BytesIO(httpx.get(place[0]).content)) as picture:
            return picture.convert("RGB").crop(tuple(round(v) for v in place[1:]))

    def shot(self, name: str) -> None:
        self.page.wait_for_timeout(400)
        self.page.screenshot(path=self._shots / f"{name}.png")

    def check(self) -> None:
        """Nothing failed in the browser, and nothing left the machine."""
        assert self.errors == []
        assert self.elsewhere == []


def words_of(picture: Image.Image) -> str:
    wide = picture.resize((2 * picture.width, 2 * picture.height))
    return " ".join(word.text for word in read_words(wide, ReadOptions())).replace(" ", "")


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("OCTAVO_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The demo's report, scan and deck."""
    return copy_samples(tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatService]:
    settings = Settings(library=tmp_path_factory.mktemp("chat") / "library", llm_url="")
    with ChatService(settings, ChatOptions()) as opened:
        yield opened


@pytest.fixture(scope="module")
def base(service: ChatService) -> Iterator[str]:
    with served(service) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def reader(chromium: Any, base: str, shots: Path) -> Iterator[Reader]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    opened = Reader(context.new_page(), base, shots)
    yield opened
    context.close()
    opened.check()


def test_1_documents_are_added_and_their_progress_shown(reader: Reader, documents: list[Path], tmp_path: Path) -> None:
    reader.open()
    assert "answers are quotes" in reader.page.inner_text("body")
    reader.shot("1-empty")
    broken = tmp_path / "<img src=x onerror=alert(1)>.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing follows")
    report, scan, deck = documents
    states = reader.upload(report, scan, deck, documents=3)
    assert any(state.startswith(("opening", "reading page ", "embedding")) for state in states), states
    reader.page.set_input_files("#upload input[type=file]", [str(broken)])
    reader.page.wait_for_selector(".job.failed")
    assert reader.page.locator("#queue .job img").count() == 0
    reader.shot("2-documents")
    reader.page.click(".job .icon")
    reader.page.wait_for_selector(".job.failed", state="detached")
    names = reader.page.locator(".document .name").all_inner_texts()
    assert sorted(names) == sorted(path.name for path in documents)
    assert "6 pages" in reader.page.locator(".document", has_text="report.pdf").inner_text()
    widths = reader.page.evaluate("[...document.querySelectorAll('.thumb img')].map((image) => image.naturalWidth)")
    assert widths == [80, 80, 80]


def test_2_a_citation_opens_the_page_with_its_box_on_the_right_words(reader: Reader) -> None:
    reader.open()
    turn = reader.ask(CAPEX)
    assert "15.8" in turn.inner_text()
    reader.shot("3-answer")
    reader.cite(turn)
    assert (reader.page.input_value(".goto"), reader.page.inner_text(".where")) == ("3", "of 6")
    assert reader.page.inner_text(".viewer .title") == "report.pdf"
    said = words_of(reader.marked())
    assert "Capitalexpenditure" in said
    assert "15.8" in said
    assert "Visitors" not in said
    reader.shot("4-citation")
    for _ in range(3):
        reader.page.click('[data-do="larger"]')
    assert "Capitalexpenditure" in words_of(reader.marked())
    reader.shot("5-zoom")
    reader.page.click('[data-do="fit"]')
    reader.page.keyboard.press("ArrowRight")
    reader.page.wait_for_function("document.querySelector('.goto').value === '4'")
    assert reader.page.locator(".mark").count() == 0
    reader.page.keyboard.press("ArrowLeft")
    reader.page.wait_for_selector(".mark.cited")
    reader.page.keyboard.press("Escape")
    reader.page.wait_for_selector(".viewer.shown", state="detached")


def test_3_evidence_is_shown_with_scores_threshold_and_what_was_dropped(reader: Reader) -> None:
    reader.open()
    reader.page.wait_for_selector("#panel .chart")
    used = reader.page.locator(".chart .used").count()
    assert used == reader.page.locator(".card.used").count() >= 1
    tops = reader.page.evaluate(
        """() => [document.querySelector('.chart .threshold').getBoundingClientRect().top,
          ...[...document.querySelectorAll('.chart .used rect')].map((bar) => bar.getBoundingClientRect().top)]"""
    )
    is_under = any(top > tops[0] for top in tops[1:])
    assert reader.page.locator("#panel .hint", has_text="under the line").count() == is_under
    reader.page.click(".dropped summary")
    reader.page.locator(".card.looked").first.click()
    reader.page.wait_for_selector(".mark.evidence.meant rect", state="attached")
    reader.shot("6-dropped")


def test_4_a_follow_up_is_understood(reader: Reader) -> None:
    reader.open()
    turn = reader.ask("And in 2017?")
    assert "What was capital expenditure in 2017?" in turn.locator(".query").inner_text()
    assert "17.3" in turn.inner_text()
    reader.shot("7-follow-up")


def test_5_a_box_drawn_on_a_page_is_asked_about(reader: Reader, service: ChatService) -> None:
    reader.open()
    reader.page.locator(".thumb", has_text="report.pdf").click()
    reader.page.wait_for_selector(".viewer.shown")
    for _ in range(2):
        reader.page.keyboard.press("ArrowRight")
        reader.page.wait_for_timeout(400)
    reader.page.wait_for_function("document.querySelector('.goto').value === '3'")
    info = next(info for info in service.pipeline.documents() if info.name == "report.pdf")
    page = service.pipeline.library.page(info.id, 2)
    row = next(line.box for e in page.elements for line in e.lines if line.text.startswith("Visitors"))
    pad = 4
    x0, x1 = (row.x0 - pad) / page.width, (row.x1 + pad) / page.width
    y0, y1 = (row.y0 - pad) / page.height, (row.y1 + pad) / page.height
    reader.page.evaluate(
        f"document.querySelector('.stage').scrollTop = {y0} * document.querySelector('.sheet').clientHeight - 150"
    )
    reader.draw(x0, y0, x1, y1)
    assert "report.pdf, page 3" in reader.page.inner_text("#chips")
    reader.shot("8-drawn")
    turn = reader.ask("Where do these stand in the report?")
    assert "Visitors" in turn.locator(".query").inner_text()
    assert "Staff" not in turn.locator(".query").inner_text()
    assert turn.locator(".region img").count() == 1
    reader.cite(turn)
    assert "Visitors" in words_of(reader.marked())
    reader.shot("9-drawn-answer")
    turn.locator(".region").click()
    reader.page.wait_for_selector(".mark.asked rect", state="attached")
    assert "24,700" in words_of(reader.marked())
    assert reader.page.locator("#chips .chip").count() == 0


def test_6_a_picture_alone_is_asked(reader: Reader, service: ChatService, tmp_path: Path) -> None:
    reader.open()
    scan = next(info.id for info in service.pipeline.documents() if info.name == "scan.pdf")
    page = service.pipeline.library.page(scan, 0)
    line = next(line for e in page.elements for line in e.lines if "torque" in line.text.lower())
    service.pipeline.library.crop(scan, 0, line.box).save(tmp_path / "snippet.png")
    turns = reader.page.locator(".turn").count()
    reader.page.set_input_files("#question input[type=file]", str(tmp_path / "snippet.png"))
    reader.page.wait_for_selector("#question .thumbnail-item")
    reader.page.focus(BOX)
    reader.page.press(BOX, "Enter")
    turn = reader.answered(turns + 1)
    assert "torque" in turn.locator(".query").inner_text().lower()
    assert turn.locator(".asked img").evaluate("(image) => image.naturalWidth") > 50
    reader.shot("10-picture")


def test_7_abstaining_shows_the_nearest_pages_and_offers_an_answer_anyway(reader: Reader) -> None:
    reader.open()
    turn = reader.ask("Which zebra won the submarine regatta?")
    assert turn.locator(".near button").count() >= 3
    reader.shot("11-abstained")
    turns = reader.page.locator(".turn").count()
    turn.locator(".offer").click()
    anyway = reader.answered(turns + 1)
    assert "You asked for an answer anyway" in anyway.inner_text()
    reader.shot("12-anyway")


def test_8_the_conversation_is_kept_exported_and_can_be_left(reader: Reader, tmp_path: Path) -> None:
    reader.open()
    turns = reader.page.locator(".turn").count()
    assert turns >= 6
    reader.page.click("text=Conversations")
    reader.page.locator("#talks [data-open=menu]").first.click()
    with reader.page.expect_download() as download:
        reader.page.get_by_label("Export as Markdown").first.click()
    download.value.save_as(tmp_path / "conversation.zip")
    with zipfile.ZipFile(tmp_path / "conversation.zip") as archive:
        assert "capital expenditure" in archive.read("conversation.md").decode()
        assert sum(name.endswith(".png") for name in archive.namelist()) >= 3
    reader.page.click("#new")
    reader.page.wait_for_selector(".welcome")
    assert "15.8" in reader.ask(CAPEX).inner_text()
    reader.page.wait_for_function("document.querySelectorAll('#talks li').length === 2")
    reader.shot("13-conversations")
    latest = reader.page.url
    reader.page.locator(".talk").nth(1).click()
    reader.page.wait_for_function(f"document.querySelectorAll('.turn').length === {turns}")
    assert reader.page.url != latest
    assert "?conversation=" in reader.page.url
    reader.page.go_back()
    reader.page.wait_for_function("document.querySelectorAll('.turn').length === 1")
    assert reader.page.url == latest
    reader.page.locator("#talks [data-open=share]:visible").click()
    shared = reader.page.locator("#talks a[href^='/shared/']:visible").get_attribute("href")
    reader.page.goto(f"{latest.partition('/?')[0]}{shared}")
    assert "A shared conversation" in reader.page.inner_text("body")
    assert reader.page.locator("img").first.evaluate("one => one.naturalWidth") > 100
    reader.errors.clear()  # leaving the page ends its open request


def test_9_scope_settings_dark_and_a_phones_width(reader: Reader, chromium: Any, base: str, shots: Path) -> None:
    reader.open("?__theme=dark")
    reader.page.locator(".document", has_text="report.pdf").locator(".tick").click()
    reader.page.wait_for_selector("#chips .chip")
    turn = reader.ask("How many nights did the North Dome observe?")
    assert "report.pdf" not in reader.page.inner_text("#panel")
    reader.page.click("#chips .chip .icon")
    reader.page.click("text=Settings")
    slider = reader.page.get_by_label("Places that an answer may rest on, at most").first
    slider.fill("3")
    slider.press("Tab")
    reader.page.click("text=Save settings")
    reader.page.wait_for_selector("text=Saved with the library.")
    reader.page.check("#kind input[value=served]")
    reader.page.get_by_label("Its endpoint").fill("http://127.0.0.1:9/v1")
    reader.page.get_by_label("Its name there").fill("Qwen3-VL-Embedding-2B")
    reader.page.click("#embed")
    reader.page.wait_for_selector("text=cannot be reached")
    reader.page.locator("#embedded").scroll_into_view_if_needed()
    reader.shot("14-settings")
    reader.page.check("#kind input[value=static]")
    turn = reader.ask("How many nights did the North Dome observe?")
    reader.page.wait_for_function("[1, 2, 3].includes(document.querySelectorAll('.card.used').length)")
    reader.cite(turn)
    reader.shot("15-dark")
    context = chromium.new_context(viewport={"width": 390, "height": 780}, has_touch=True)
    phone = Reader(context.new_page(), base, shots)
    phone.open()
    phone.shot("16-phone")
    phone.cite(phone.page.locator(".turn").last)
    assert phone.page.locator(".viewer").is_visible()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone.shot("17-phone-evidence")
    phone.page.click('#tabs [data-panel="documents"]')
    assert phone.page.locator("#shelf .document").count() == 3
    phone.shot("18-phone-documents")
    context.close()
    phone.check()


def test_a_model_streams_and_can_be_stopped(reader: Reader, service: ChatService) -> None:
    with serving(Reply(["It was ", "15.8 ", "million ", "crowns [1]."])) as model:
        kept = service.preferences
        service.preferences = kept.model_copy(update={"llm_url": model.url})
        reader.open()
        reader.page.click("#new")
        reader.page.wait_for_selector(".welcome")
        assert "crowns" in reader.ask(CAPEX).inner_text()
        model.replies = [Reply(Paced(["It was "] + ["and so on "] * 400))]
        reader.page.fill(BOX, CAPEX)
        reader.page.press(BOX, "Enter")
        reader.page.wait_for_selector("#live .answer.running")
        reader.shot("19-streaming")
        reader.page.click("#stop button")
        reader.page.wait_for_selector("#live .foot:has-text('Stopped before its end')")
        service.preferences = kept


def test_the_first_words_are_shown_while_the_model_has_not_written_the_rest(
    reader: Reader, service: ChatService
) -> None:
    words = Withheld(["It was ", "15.8 million crowns [1]."])
    with serving(Reply(words)) as model:
        kept = service.preferences
        service.preferences = kept.model_copy(update={"llm_url": model.url})
        reader.open()
        reader.page.click("#new")
        reader.page.wait_for_selector(".welcome")
        reader.page.fill(BOX, CAPEX)
        reader.page.press(BOX, "Enter")
        reader.page.wait_for_selector("#live .answer >> text=It was")
        assert "15.8" not in reader.page.inner_text("#live .answer")
        words.rest.set()
        assert "15.8 million crowns" in reader.answered(1).inner_text()
        service.preferences = kept


def test_z_removing_a_document_removes_all_of_it(reader: Reader, service: ChatService) -> None:
    reader.open()
    reader.page.click("#new")
    reader.page.wait_for_selector(".welcome")
    scan = next(info for info in service.pipeline.documents() if info.name == "scan.pdf")
    Path(scan.paths[0]).unlink()
    reader.page.click('[aria-label="More about scan.pdf"]')
    reader.page.click('[aria-label="Read scan.pdf again"]')
    reader.page.wait_for_selector("text=upload it again")
    reader.errors.clear()  # the browser notes the refusal
    reader.page.click('[aria-label="Remove scan.pdf"]')
    reader.page.wait_for_function("document.querySelectorAll('#shelf .document').length === 2")
    assert "scan.pdf" not in [info.name for info in service.pipeline.documents()]
    turn = reader.ask("To what torque were the shutter bolts tightened?")
    assert "85" not in turn.inner_text()
    assert "scan.pdf" not in reader.page.inner_text("#panel")
    reader.shot("20-removed")
