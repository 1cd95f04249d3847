"""Conversations outside the chat: as HTML and PDF, and under a link."""

from __future__ import annotations

import base64
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from octavo.apps.chat.exports import markdown
from octavo.apps.chat.exports.page import to_html
from octavo.apps.chat.exports.pdf import to_pdf
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import Turn
from tests.apps.chat.test_text import EVIL, check_harmless
from tests.apps.chat.turns import TURN

pytest.importorskip("gradio", reason='the chat is not installed: pip install "octavo[chat]"')
import gradio as gr
from starlette.testclient import TestClient

from octavo.apps.chat.handlers import Handlers
from octavo.apps.chat.server import application

LOCAL = "http://127.0.0.1:7860"
QUESTION = "What was capital expenditure in 2018?"


@pytest.fixture
def client(service: ChatService) -> Iterator[TestClient]:
    with TestClient(application(service), LOCAL) as opened:
        yield opened


def event(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


def basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def test_a_page_holds_its_pictures_and_a_pdf_its_text(
    client: TestClient, service: ChatService, ask: Callable[..., Turn], tmp_path: Path
) -> None:
    Image.new("RGB", (90, 60), "red").save(tmp_path / "p.png")
    conversation = new_conversation()
    report = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    ask(QUESTION + " <b>", conversation)
    ask("What is this?", conversation, regions=(service.region(report, 2, (50, 60, 550, 200)),))
    ask("Which zebra won the regatta?", conversation, pictures=(service.picture("", tmp_path / "p.png"),))
    page = client.get(f"/export/{conversation}.html")
    assert page.headers["content-disposition"].startswith("attachment; filename*=UTF-8''What%20was%20capital")
    assert "1,577" in page.text
    assert "2018? &lt;b&gt;" in page.text
    assert re.search(r'class="cite" href="#t1-p1">1<', page.text)
    assert 'id="t1-p1"' in page.text
    addresses = re.findall(r'src="([^"]*)"', page.text)
    assert len(addresses) >= 3
    assert all(address.startswith("data:image/webp;base64,") for address in addresses)
    file = client.get(f"/export/{conversation}.pdf")
    with pymupdf.open("pdf", file.content) as written:
        text = "".join(sheet.get_text() for sheet in written)
        pictures = {image[2:4] for sheet in written for image in sheet.get_images()}
    assert "1,577" in text
    assert "capital expenditure in 2018? <b>" in text
    assert (90, 60) in pictures


def test_exports_say_what_the_answer_was_warned_of_and_show_headings_of_answers_apart(service: ChatService) -> None:
    problem = "Not found in the text of the evidence: “12”. Check this on the pages."
    answer = replace(TURN.answer, text="## How it grew\n\nIt grew.", model="m", problems=(problem,))
    asked = replace(TURN.asked, pictures=(), regions=())
    turn, pages = replace(TURN, asked=asked, answer=answer), service.pages("")
    page = to_html([turn], "title", pages)
    assert re.findall(r"<h2[^>]*>", page) == ['<h2 class="question">', "<h2>"]
    assert problem in page
    markdown.write([turn], "title", pages, out := BytesIO())
    with zipfile.ZipFile(out) as archive:
        assert problem in archive.read("conversation.md").decode()


def test_a_pdf_shows_formulas_as_they_are_read(service: ChatService) -> None:
    answer = replace(TURN.answer, text=r"It grew by $\frac{4{,}210 - 4{,}000}{4{,}000} \approx 5.25\%$.")
    file = to_pdf(
        [replace(TURN, asked=replace(TURN.asked, pictures=(), regions=()), answer=answer)], "t", service.pages("")
    )
    with pymupdf.open("pdf", file) as written:
        text = " ".join("".join(sheet.get_text() for sheet in written).split())
    assert "It grew by (4,210 − 4,000)/4,000 ≈ 5.25%." in text


@pytest.mark.parametrize("evil", EVIL)
def test_exports_are_text(service: ChatService, evil: str) -> None:
    asked = replace(TURN.asked, text=evil, pictures=(), regions=())
    page = to_html([replace(TURN, asked=asked, answer=replace(TURN.answer, text=evil))], evil, service.pages(""))
    check_harmless(page.partition("<main>")[2])


def test_a_link_shows_one_conversation_until_it_is_taken_back(service: ChatService, ask: Callable[..., Turn]) -> None:
    service.options = ChatOptions(users={"ann": "a", "ben": "b"})
    do, shared, other = Handlers(service, Path("received")), new_conversation(), new_conversation()
    ask(QUESTION, shared, "ann")
    ask("Who polished the telescope's mirror?", other, "ann")
    with TestClient(application(service), LOCAL) as client:
        assert service.history.conversations("ann")[1].token == ""
        ann, ben = gr.Request(username="ann"), gr.Request(username="ben")
        with pytest.raises(gr.Error, match="not there any more"):
            do.conversations.press_conversation("", "", event(open="share", conversation=shared), ben)
        listed = do.conversations.press_conversation("", "", event(open="share", conversation=shared), ann)[4]
        [address] = re.findall(r'href="(/shared/[\w-]{32})"', listed["value"])
        do.conversations.press_conversation("", "", event(open="share", conversation=shared), ann)
        assert client.get(address).status_code == 401
        page = client.get(address, headers=basic("ben:b"))
        assert "1,577" in page.text
        assert "polished" not in page.text
        assert "default-src 'none'" in page.headers.get_list("content-security-policy")[0]
        assert "content-disposition" not in page.headers
        for path in (f"/export/{shared}.html", f"/export/{shared}.pdf", address[:-1]):
            assert client.get(path, headers=basic("ben:b")).status_code == 404
        assert "ask who gave it to you" in client.get(address[:-1], headers=basic("ben:b")).text
        with pytest.raises(gr.Error, match="not there any more"):
            do.conversations.press_conversation("", "", event(open="unshare", conversation=shared), ben)
        do.conversations.press_conversation("", "", event(open="unshare", conversation=shared), ann)
        assert client.get(address, headers=basic("ben:b")).status_code == 404
        do.conversations.press_conversation("", "", event(open="share", conversation=shared), ann)
        assert client.get(address, headers=basic("ben:b")).status_code == 404
        service.delete("ann", shared)
        assert service.history.shares.find(address.rpartition("/")[2]) is None


def test_an_address_opens_the_conversation_of_its_owner_only(service: ChatService, ask: Callable[..., Turn]) -> None:
    do, older, latest = Handlers(service, Path("received")), new_conversation(), new_conversation()
    ask(QUESTION, older, "ann")
    ask("Who polished the telescope's mirror?", latest, "ann")
    assert do.load("", gr.Request(username="ann"))[0] == latest
    opened, past, *_ = do.load(older, gr.Request(username="ann"))
    assert opened == older
    assert "1,577" in past["value"]
    opened, past, *_ = do.load(older, gr.Request(username="ben"))
    assert opened not in (older, latest)
    assert "1,577" not in past["value"]
