"""In which order a model is shown pictures, evidence and the question, and the picture that belongs to a question."""

from __future__ import annotations

import base64
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from octavo.ingest import Kind, OctavoError
from octavo.rag import Pipeline, Settings
from octavo.rag.answering import make_answerer
from octavo.rag.images import encode_image
from tests.rag.model_server import MemoryPages, ModelServer, Reply, finished, serving

PAGES = MemoryPages([(Kind.TEXT, ["Capital expenditure was 1,577."])], [(Kind.FIGURE, [])])
EVIDENCE = [PAGES.on_page(0), PAGES.of_element(1, 0)]
TEXT, IMAGE, SAID, ASK = "evidence", "picture", "caption", "question"


def parts(server: ModelServer) -> list[str]:
    """What the parts of the last request's user message are."""
    return [_kind(part) for part in server.requests[-1]["messages"][-1]["content"]]


def _kind(part: dict[str, Any]) -> str:
    if part["type"] != "text":
        return IMAGE
    text = part["text"]
    return TEXT if text.startswith("<evidence") else ASK if "Question: " in text else SAID


@pytest.mark.parametrize(
    ("images", "question", "order"),
    [
        ("beside", "last", [TEXT, SAID, IMAGE, TEXT, SAID, IMAGE, ASK]),
        ("first", "last", [SAID, IMAGE, SAID, IMAGE, TEXT, TEXT, ASK]),
        ("last", "last", [TEXT, TEXT, SAID, IMAGE, SAID, IMAGE, ASK]),
        ("beside", "first", [ASK, TEXT, SAID, IMAGE, TEXT, SAID, IMAGE]),
        ("first", "first", [ASK, SAID, IMAGE, SAID, IMAGE, TEXT, TEXT]),
        ("last", "first", [ASK, TEXT, TEXT, SAID, IMAGE, SAID, IMAGE]),
    ],
)
def test_the_order_is_the_settings(images: Any, question: Any, order: list[str]) -> None:
    with serving() as server:
        settings = Settings(llm_url=server.url, llm_context=16_000, llm_image_order=images, llm_question_order=question)
        finished(make_answerer(settings, PAGES).stream("What was it?", EVIDENCE))
        assert parts(server) == order
        settings = settings.model_copy(update={"llm_images": 0})
        finished(make_answerer(settings, PAGES).stream("What was it?", EVIDENCE))
        text = server.requests[-1]["messages"][-1]["content"]
    assert (text.index("Question:") < text.index("<evidence")) == (question == "first"), "text alone has the order too"


@pytest.mark.parametrize(
    ("order", "numbers"), [("best-first", [1, 2, 3]), ("best-last", [3, 2, 1]), ("walk", [1, 3, 2])]
)
def test_evidence_keeps_its_numbers_in_any_order(order: Any, numbers: list[int]) -> None:
    pages = MemoryPages(*([(Kind.TEXT, [text])] for text in ("Ferry times", "Cheese prices", "Ferry times and fares")))
    with serving() as server:
        settings = Settings(llm_url=server.url, llm_images=0, llm_evidence_order=order)
        finished(make_answerer(settings, pages).stream("When?", [pages.on_page(n) for n in range(3)]))
        assert [int(n) for n in re.findall(r"<evidence number=\"(\d)", server.prompt())] == numbers


def drawn(text: str = "", color: str = "white") -> bytes:
    image = Image.new("RGB", (700, 120), color)
    ImageDraw.Draw(image).text((20, 40), text, fill="black", font=ImageFont.load_default(32))
    return encode_image(image, lossless=True)


def test_a_picture_goes_with_the_question() -> None:
    with serving() as server:
        settings = Settings(llm_url=server.url, llm_context=16_000, llm_image_side=300)
        finished(make_answerer(settings, PAGES).stream("Where is this?", EVIDENCE, drawn(color="red")))
        assert parts(server) == [TEXT, SAID, IMAGE, TEXT, SAID, IMAGE, SAID, IMAGE, ASK]
        with Image.open(BytesIO(base64.b64decode(server.images()[-1].split(",")[1]))) as image:
            assert image.width == 300
            red, green, _ = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
            assert red > 200 > green
        finished(make_answerer(settings, PAGES).stream("", EVIDENCE, drawn(color="red")))
        assert "Question: What does the evidence say about what the picture shows?" in server.prompt()
        settings = settings.model_copy(update={"llm_images": 1})
        finished(make_answerer(settings, PAGES).stream("Where is this?", EVIDENCE, drawn(color="red")))
        assert parts(server) == [TEXT, SAID, IMAGE, ASK], "it goes before the evidence's"


def test_a_model_that_sees_nothing_is_told_the_words_of_the_picture() -> None:
    refuses = Reply(status=400, message="not a multimodal model")
    with serving(refuses, Reply(["It was 1,577 [1]."])) as server:
        settings = Settings(llm_url=server.url, llm_context=16_000)
        _, answer = finished(make_answerer(settings, PAGES).stream("Which?", EVIDENCE, drawn("Capital expenditure")))
        assert "the words in it are: Capital expenditure" in server.prompt()
        assert not server.images()
    assert answer.text == "It was 1,577 [1]."


def test_a_picture_alone_finds_the_page_that_it_was_taken_of(report_library: Path, tmp_path: Path) -> None:
    picture = tmp_path / "shot.png"
    picture.write_bytes(drawn("312 people on the night shift"))
    with Pipeline(report_library) as pipeline:
        assert pipeline.search("", picture=picture, k=1)[0].page == 2
        answer = pipeline.ask("", picture=picture, threshold=0.1)
        assert (answer.question, answer.abstained) == ("", False)
        assert answer.citations[0].page == 2
        with pytest.raises(OctavoError, match="ask for something in words"):
            pipeline.ask(" ")
        with pytest.raises(OctavoError, match=r"There is no picture .*none\.png"):
            pipeline.ask("who?", picture=tmp_path / "none.png")
        empty = tmp_path / "empty.png"
        empty.write_bytes(drawn())
        with pytest.raises(OctavoError, match="holds no words"):
            pipeline.ask("", picture=empty)
        words = "What was capital expenditure in 2018?"
        assert pipeline.ask(words, picture=empty).text == pipeline.ask(words).text


def test_the_command_shows_the_model_the_picture(report_library: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from octavo.apps.cli.main import app

    picture = tmp_path / "shot.png"
    picture.write_bytes(drawn("Capital expenditure in 2018"))
    with serving(Reply(["1,577 million crowns [1]."])) as server:
        asked = ["ask", "--picture", str(picture), "--library", str(report_library), "--llm-url", server.url]
        done = CliRunner().invoke(app, asked, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert "1,577 million crowns [1]." in done.output
        assert len(server.images()) >= 2
    assert CliRunner().invoke(app, ["ask", "--library", str(report_library)]).exit_code != 0
