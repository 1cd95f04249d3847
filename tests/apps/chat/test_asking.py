"""Questions by words, by a picture and by a box on a page; follow-ups, abstaining, stopping, settings."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from octavo.apps.chat import conversation as thread
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import AskedQuestion, Turn, TurnId
from octavo.ingest import Box, OctavoError, read_document
from octavo.rag import Pipeline, Settings
from octavo.rag.answering.quote import NOTICE
from octavo.rag.query.followups import TOKENS
from tests.apps.chat.conftest import wait_for
from tests.conftest import make_pdf
from tests.rag.model_server import Reply, serving
from tests.removals import each_step, put

QUESTION = "What was capital expenditure in 2018?"


def picture_of(words: str, path: Path) -> Path:
    image = Image.new("RGB", (700, 90), "white")
    ImageDraw.Draw(image).text((15, 25), words, fill="black", font=ImageFont.load_default(34))
    image.save(path)
    return path


def sent_pictures(request: dict) -> list[Image.Image]:
    urls = [part["image_url"]["url"] for part in request["messages"][-1]["content"] if "image_url" in part]
    return [Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]


def prefer(service: ChatService, **values: object) -> None:
    service.prefer("", **{**service.preferences.model_dump(), **values})


def test_a_follow_up_is_searched_for_with_what_it_means(service: ChatService, ask: Callable[..., Turn]) -> None:
    conversation = new_conversation()
    assert "312" in ask("How many people did the observatory employ in 2019?", conversation).answer.text
    turn = ask("And on the night shift?", conversation)
    assert turn.query == "And on the night shift? (people observatory employ 2019)"
    assert "58" in turn.answer.text
    assert service.history.turns("", conversation)[1] == turn


def test_a_follow_up_is_reworded_by_the_model_and_by_rules_where_it_fails(
    service: ChatService, ask: Callable[..., Turn]
) -> None:
    answer = Reply(["In the ", "report [1]."])
    rewritten = Reply(["How many people worked ", "at the observatory in 2018?"])
    with serving(answer, rewritten, answer, Reply(status=400, message="no"), answer) as model:
        prefer(service, llm_url=model.url)
        conversation = new_conversation()
        ask("How many people did the observatory employ in 2019?", conversation)
        assert len(model.requests) == 1
        turn = ask("And how many the year before?", conversation)
        assert turn.query == "How many people worked at the observatory in 2018?"
        assert turn.note == ""
        assert "In the report" in model.prompt(1)
        assert model.requests[1]["max_tokens"] == TOKENS
        assert turn.query in model.prompt(2)
        turn = ask("And in 2017?", conversation)
        assert turn.query == "How many people worked at the observatory in 2017?"
        assert "by rules" in turn.note
        assert "by rules" in thread.turn(turn, TurnId(conversation, 2))
        assert turn.answer.text


def test_a_box_on_a_page_is_searched_for_by_the_words_in_it(service: ChatService, ask: Callable[..., Turn]) -> None:
    document = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    page = service.pipeline.library.page(document, 2)
    line = next(line for e in page.elements for line in e.lines if "night shift" in line.text or "312" in line.text)
    region = service.region(document, 2, line.box)
    assert "312" in region.words
    assert "Staff" not in region.words
    turn = ask("What does this mean?", regions=(region,))
    assert region.words.split()[0] in turn.query
    assert 2 in {region.page for region in turn.answer.evidence[0].regions}
    with pytest.raises(OctavoError, match="too small"):
        service.region(document, 2, (10, 10, 11, 11))
    with pytest.raises(OctavoError, match="too small"):
        service.region(document, 2, (float("nan"), 10, 90, 90))
    with pytest.raises(OctavoError, match="holds no"):
        service.region("elsewhere", 2, (10, 10, 90, 90))


def test_a_quoted_answer_to_a_drawn_box_comes_from_its_lines_first(
    service: ChatService, ask: Callable[..., Turn], tmp_path: Path
) -> None:
    rows = ("Net revenue 17,846 16,200", "Cost of sales 7,988 7,433", "Gross profit 9,858 8,767")
    make_pdf(
        tmp_path / "statement.pdf",
        (("Statement of income", "\n\n".join(rows)), ("Notes", "Gross profit rose by 12 percent, as the notes say.")),
    )
    [read] = service.pipeline.ingest(tmp_path / "statement.pdf")
    page = service.pipeline.library.page(read.document, 0)
    lines = [line.box for e in page.elements for line in e.lines if "profit" in line.text or "sales" in line.text]
    around = Box.around(lines)
    region = service.region(read.document, 0, (around.x0 - 3, around.y0 - 3, around.x1 + 3, around.y1 + 3))
    turn = ask("What is the gross profit here?", regions=(region,))
    assert "9,858" in turn.answer.text.splitlines()[0]
    first = turn.answer.citations[0]
    assert (first.document, first.page) == (read.document, 0)
    assert all(box.coverage(region.box) > 0.5 for box in first.boxes)


def test_boxes_on_several_pages_are_asked_about_together(service: ChatService, ask: Callable[..., Turn]) -> None:
    document = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    regions = tuple(
        service.region(document, number, line.box)
        for number, word in ((1, "1,577"), (2, "312"))
        for line in next(e for e in service.pipeline.library.page(document, number).elements if word in e.text).lines
        if word in line.text
    )
    turn = ask("What do these say?", regions=regions)
    assert {"1,577", "312"} <= set(turn.query.split())
    assert {citation.page for citation in turn.answer.citations} == {1, 2}
    assert turn.asked.regions == regions


def test_a_picture_alone_is_searched_for_by_its_words(
    service: ChatService, ask: Callable[..., Turn], tmp_path: Path
) -> None:
    report = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    file = tmp_path / "shot.png"
    service.pipeline.library.crop(report, 1, Box(50, 110, 545, 150)).save(file)
    picture = service.picture("", file)
    assert not file.exists()
    turn = ask("", pictures=(picture,))
    assert "Capital expenditure" in turn.query
    assert "1,577" in turn.answer.text
    assert turn.answer.citations[0].page == 1


def test_a_follow_up_after_a_picture_is_about_the_question_and_not_the_pictures_words(
    service: ChatService, ask: Callable[..., Turn], tmp_path: Path
) -> None:
    conversation = new_conversation()
    picture = service.picture("", picture_of("Quarterly visitors to the Museum", tmp_path / "shot.png"))
    first = ask("How many people did the observatory employ in 2019?", conversation, pictures=(picture,))
    assert "Museum" in first.query
    turn = ask("And on the night shift?", conversation)
    assert turn.query == "And on the night shift? (people observatory employ 2019)"
    ask("", conversation, pictures=(picture,))
    assert ask("And in 2018?", conversation).query == "And in 2018?"


def test_an_invalid_picture_is_refused(service: ChatService, tmp_path: Path) -> None:
    for name, content in (("a.png", b"<svg onload='alert(1)'/>"), ("b.gif", b"GIF89a"), ("c.png", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(OctavoError, match="not a picture"):
            service.picture("", tmp_path / name)
        assert not (tmp_path / name).exists()
    Image.new("1", (8_000, 8_000)).save(tmp_path / "bomb.png")
    with pytest.raises(OctavoError, match="million pixels"):
        service.picture("", tmp_path / "bomb.png")


def test_a_model_sees_the_drawn_part_and_the_pictures_of_earlier_turns(
    service: ChatService, ask: Callable[..., Turn], tmp_path: Path
) -> None:
    document = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    with serving(Reply(["It is ", "the staff [1]."])) as model:
        prefer(service, llm_url=model.url)
        conversation = new_conversation()
        turn = ask("What is this?", conversation, regions=(service.region(document, 2, (50, 100, 550, 200)),))
        crop = sent_pictures(model.requests[0])[0]
        assert crop.width / crop.height == pytest.approx(5, rel=0.05)
        assert turn.answer.citations[0].page == 2
        assert turn.answer.model == "tiny"
        picture = service.picture("", picture_of("night shift", tmp_path / "shot.png"))
        ask("Who works there?", conversation, pictures=(picture,))
        assert any(p.size == (700, 90) for p in sent_pictures(model.requests[1]))
        ask("And how many were there in 2019?", conversation)
        assert any(p.size == (700, 90) for p in sent_pictures(model.requests[-1]))


def test_abstaining_shows_where_it_looked_and_can_be_answered_anyway(
    service: ChatService, ask: Callable[..., Turn]
) -> None:
    turn = ask("Which zebra won the submarine regatta?")
    assert turn.answer.abstained
    assert turn.answer.candidates
    assert "stands nowhere near what was found" in turn.answer.text
    anyway = ask(turn.asked.text, anyway=True)
    assert not anyway.answer.abstained
    assert anyway.answer.evidence
    assert anyway.asked.anyway


def test_only_the_chosen_documents_are_asked(service: ChatService, ask: Callable[..., Turn]) -> None:
    report = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    turn = ask("Who polished the telescope's mirror in 2021?", documents=(report,), anyway=True)
    assert {e.document for e in turn.answer.candidates} == {report}


def test_a_document_that_was_removed_before_the_turn_of_a_question_is_left_out(
    service: ChatService, ask: Callable[..., Turn]
) -> None:
    report, removed = sorted(service.pipeline.documents(), key=lambda info: info.name != "report.pdf")[:2]
    service.pipeline.remove(removed.id)
    turn = ask(QUESTION, documents=(removed.id, report.id))
    assert {e.document for e in turn.answer.candidates} == {report.id}
    assert "1,577" in turn.answer.text
    assert ask(QUESTION, documents=(removed.id,)).answer.abstained


@pytest.mark.slow
def test_a_document_that_is_removed_while_it_is_asked_is_left_out(
    service: ChatService, ask: Callable[..., Turn]
) -> None:
    read = read_document(b"The dome was closed in 2017, and opened in 2019.", name="dome.txt")
    [report] = [info for info in service.pipeline.documents() if info.name == "report.pdf"]
    with Pipeline(service.pipeline.settings) as writer:
        put(writer, read)
        for _ in each_step(writer, read):
            turn = ask(QUESTION, documents=(read.document.id, report.id))
            assert not turn.error
            assert "1,577" in turn.answer.text
            assert service.follow_ups("", TurnId(new_conversation(), 0), turn) is not None


def test_a_stopped_answer_is_kept_as_far_as_it_came(service: ChatService) -> None:
    with serving(Reply(["It was "] + ["more and "] * 400, silence=0.3)) as model:
        prefer(service, llm_url=model.url)
        conversation = new_conversation()
        live = service.ask("", conversation, AskedQuestion(QUESTION))
        with pytest.raises(OctavoError, match="still being answered"):
            service.ask("", conversation, AskedQuestion(QUESTION))
        live.stop()
        turn = live.wait()
        assert turn.stopped
        assert service.history.turns("", conversation) == [turn]
        wait_for(lambda: service.runs.of(conversation) is None)
        assert len(service.history.turns("", conversation)) == 1


def test_the_evidence_is_quoted_with_a_note_when_the_model_is_unreachable(
    service: ChatService, ask: Callable[..., Turn]
) -> None:
    prefer(service, llm_url="http://127.0.0.1:9/v1")
    turn = ask(QUESTION)
    assert turn.answer
    assert turn.answer.text.endswith(NOTICE)
    assert "cannot be reached" in turn.answer.problems[0]
    assert turn.error == ""


@pytest.mark.parametrize("text", ["", "   ", "x" * 4_001])
def test_a_question_that_cannot_be_asked_is_refused(service: ChatService, text: str) -> None:
    conversation = new_conversation()
    with pytest.raises(OctavoError):
        service.ask("", conversation, AskedQuestion(text))
    assert service.history.turns("", conversation) == []


def test_settings_persist_with_the_library_and_only_the_owner_sets_them(tmp_path: Path) -> None:
    settings, options = Settings(library=tmp_path / "library"), ChatOptions(users={"ann": "a", "ben": "b"})
    with ChatService(settings, options) as service:
        service.prefer("ann", k=3, threshold=0.5, level="page", llm_url="")
        with pytest.raises(OctavoError, match="Only ann"):
            service.prefer("ben", k=4)
        with pytest.raises(OctavoError, match="is a URL"):
            service.prefer("ann", llm_url="file:///etc/passwd")
    with ChatService(settings, options) as service:
        kept = service.preferences
        assert (kept.k, kept.threshold, str(kept.level)) == (3, 0.5, "page")
