"""Boxes of claims by a model behind a real HTTP server: numbered marks, and boxes of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from octavo.ingest import Box, Kind
from octavo.rag import Answer, Evidence, Settings
from octavo.rag.answering import make_answerer
from octavo.rag.settings import AnsweringOptions
from tests.rag.model_server import HEIGHT, WIDTH, MemoryPages, ModelServer, Reply, finished, serving

PAGES = MemoryPages(
    [
        (Kind.TEXT, ["The ferry to Norholm carries 240 passengers.", "It sails at 7:45."]),
        (Kind.FIGURE, ["Barges 24", "Ferries 12"]),
        (Kind.TEXT, ["Bicycles travel free of charge."]),
    ]
)
FERRY, FIGURE, BICYCLES = PAGES.pages[0].elements
STATEMENT = "<statement>"
QWEN = [{"id": "Qwen/Qwen3-VL-8B-Instruct", "max_model_len": 8192}]


def ask(
    text: str, *places: Reply | dict[str, Any], evidence: Evidence | None = None, models: Any = None, **options: Any
) -> tuple[Answer, ModelServer]:
    """The answer `text`, whose claims the model grounds by `places`, one reply after the other."""
    replies = [reply if isinstance(reply, Reply) else Reply([json.dumps(reply)]) for reply in places]
    with serving(Reply([text]), *replies, **({"models": models} if models else {})) as server:
        answering = AnsweringOptions.model_validate({"grounding": "both", "steps": 0, "notes": "never"} | options)
        settings = Settings(llm_url=server.url, llm_fallback=False, answering=answering)
        source = [evidence or PAGES.on_page(0)]
        return finished(make_answerer(settings, PAGES).stream("What about the ferry?", source))[1], server


def boxes(answer: Answer) -> list[Box]:
    return [box for citation in answer.citations for box in citation.boxes]


def test_a_claim_whose_words_fit_nothing_is_shown_to_the_model_with_numbered_regions() -> None:
    answer, server = ask("Two wheels cost nothing [1].", {"regions": [3]})
    assert boxes(answer) == [BICYCLES.box]
    assert answer.citations[0].quote == "Bicycles travel free of charge."
    assert "Two wheels cost nothing" in server.prompt()
    assert len(server.images()) == 1
    assert server.requests[-1]["response_format"]["json_schema"]["schema"]["required"] == ["regions"]


def test_a_claim_whose_words_fit_is_asked_about_only_by_the_model_setting() -> None:
    text = "The ferry to Norholm carries 240 passengers [1]."
    by_words, server = ask(text)
    assert len(server.requests) == 1
    by_model, server = ask(text, {"regions": [1]}, grounding="model")
    assert len(server.requests) == 2
    assert boxes(by_model) == boxes(by_words) == [FERRY.lines[0].box]


def test_in_a_figure_that_is_named_the_model_is_asked_for_the_line() -> None:
    answer, server = ask("Half as many ships take cars [1].", {"regions": [2]}, {"regions": [2]})
    assert boxes(answer) == [FIGURE.lines[1].box]
    assert len(server.requests) == 3


def test_the_lines_of_a_figure_that_is_the_evidence_are_asked_for_at_once() -> None:
    answer, server = ask("Ferries are 12 [1].", {"regions": [1]}, evidence=PAGES.of_element(0, 1))
    assert boxes(answer) == [FIGURE.lines[0].box]
    assert len(server.requests) == 2


@pytest.mark.parametrize("reply", [{"regions": []}, {"regions": [9, 0]}])
def test_where_the_model_names_nothing_the_region_of_the_question_is_cited(reply: dict[str, Any]) -> None:
    answer, _ = ask("Two wheels cost nothing [1].", reply)
    assert boxes(answer) == [FIGURE.box]
    assert answer.problems == ()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(["It is the third."]), "tiny named no places that can be read"),
        (Reply(status=400, message="no pictures here"), "no pictures here"),
    ],
)
def test_a_model_that_cannot_tell_is_a_problem_and_words_decide(reply: Reply, reason: str) -> None:
    answer, _ = ask("Two wheels cost nothing [1].", reply)
    assert boxes(answer) == [FIGURE.box]
    (problem,) = answer.problems
    assert problem.startswith("1 of 1 claims have the boxes of their words only")
    assert reason in problem


def thousandths(box: Box) -> list[float]:
    return [box.x0 / WIDTH * 1000, box.y0 / HEIGHT * 1000, box.x1 / WIDTH * 1000, box.y1 / HEIGHT * 1000]


def test_boxes_of_a_models_own_are_those_of_the_lines_and_regions_that_they_nearly_are() -> None:
    line, region = thousandths(FIGURE.lines[1].box), thousandths(BICYCLES.box)
    near = [line[0] + 10, line[1] + 1, line[2], line[3]]
    answer, server = ask("Two things [1].", {"boxes": [near, region]}, models=QWEN)
    assert boxes(answer) == [FIGURE.lines[1].box, BICYCLES.box]
    assert "thousandths" in server.prompt()


def test_a_box_of_a_models_own_that_is_no_region_is_cut_at_the_page_and_quotes_the_lines_in_it() -> None:
    answer, _ = ask("Two things [1].", {"boxes": [[0, 0, 1200, 1000], [5, 5, 5, 5]]}, pointing="boxes")
    assert boxes(answer) == [PAGES.pages[0].box]
    assert "Bicycles travel free of charge." in answer.citations[0].quote


def test_marks_can_be_chosen_for_a_model_with_boxes_of_its_own() -> None:
    answer, _ = ask("Two wheels cost nothing [1].", {"regions": [3]}, models=QWEN, pointing="marks")
    assert boxes(answer) == [BICYCLES.box]


def test_a_model_that_sees_no_pictures_is_not_asked() -> None:
    with serving(Reply(["Two wheels cost nothing [1]."])) as server:
        answering = AnsweringOptions(grounding="model", steps=0, notes="never")
        settings = Settings(llm_url=server.url, llm_images=0, answering=answering)
        finished(make_answerer(settings, PAGES).stream("What about the ferry?", [PAGES.on_page(0)]))
    assert not any(STATEMENT in server.prompt(n) for n in range(len(server.requests)))
