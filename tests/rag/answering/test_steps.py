"""Steps of a model before its answer, against a server that replies by a script."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from octavo.ingest import Kind
from octavo.rag import Evidence, Finished, Level, Retrieved, Settings, Step
from octavo.rag.answering import Lookup, answer_events, make_answerer
from octavo.rag.settings import AnsweringOptions
from tests.rag.model_server import MemoryPages, ModelServer, Reply, serving as served

PAGES = MemoryPages(
    [(Kind.TEXT, ["Capital expenditure in 2018 was 1,577 million crowns."])],
    [(Kind.TEXT, ["Capital expenditure in 2017 was 1,373 million crowns."])],
    [(Kind.CAPTION, ["Table 1. Offices"]), (Kind.TABLE, ["City | Staff", "Oslo | 58", "Bergen | 31"])],
)
QUESTION = "By how much did capital expenditure grow in 2018?"
ANSWER = Reply(["It grew from 1,373 [2] to 1,577 million crowns [1]."])
ENOUGH = Reply(calls=[("answer", {})])


def serving(*replies: Reply) -> AbstractContextManager[ModelServer]:
    """A server whose script has decisions, too."""
    return served(*replies, decides=False)


class Searches:
    """A search that finds page 2 and notes its words."""

    def __init__(self, *found: Evidence) -> None:
        self.words: list[str] = []
        self.found = found

    def __call__(self, words: str) -> Sequence[Evidence]:
        self.words.append(words)
        return self.found


def run(
    server: ModelServer,
    search: Searches | None = None,
    evidence: Sequence[Evidence] = (PAGES.on_page(0),),
    pages: tuple[int, int] | None = None,
    images: int = 0,
    context: int = 16_000,
    **options: Any,
) -> tuple[list[Any], Finished]:
    settings = Settings(
        llm_url=server.url,
        llm_fallback=False,
        llm_images=images,
        llm_context=context,
        answering=AnsweringOptions(**options),
    )
    lookup = Lookup(search or Searches(PAGES.on_page(1)), pages)
    events = list(
        answer_events(
            make_answerer(settings, PAGES), QUESTION, evidence, tuple(evidence), lambda: "Nothing.", lookup=lookup
        )
    )
    assert isinstance(events[0], Retrieved)
    assert isinstance(events[-1], Finished)
    steps = [event for event in events if isinstance(event, Step)]
    assert events[-1].answer.steps == tuple(steps)
    return steps, events[-1]


def kinds(steps: Sequence[Step]) -> list[str]:
    return [step.kind for step in steps]


def test_a_search_in_other_words_adds_to_the_evidence_and_is_told() -> None:
    search = Searches(PAGES.on_page(1))
    with serving(Reply(calls=[("search", {"query": "capital expenditure 2017"})]), ENOUGH, ANSWER) as server:
        steps, last = run(server, search)
        tools = [tool["function"]["name"] for tool in server.requests[0]["tools"]]
        assert server.requests[0]["tool_choice"] == "required"
        assert "Capital expenditure in 2017" in server.prompt(1)
    assert tools == ["answer", "search", "open_page"]
    assert search.words == ["capital expenditure 2017"]
    assert kinds(steps) == ["judge", "search", "judge"]
    assert (steps[1].query, [(p.name, p.page_number) for p in steps[1].pages]) == (
        "capital expenditure 2017",
        [("report.pdf", 2)],
    )
    assert [e.page for e in last.answer.evidence] == [0, 1]
    assert [(c.number, c.page) for c in last.answer.citations] == [(1, 0), (2, 1)]


def test_evidence_of_a_step_fits_into_a_short_context() -> None:
    evidence = [replace(PAGES.on_page(n), text=f"{word} " * 1_400) for n, word in ((0, "first"), (2, "second"))]
    with serving(Reply(calls=[("search", {"query": "2017"})]), ENOUGH, ANSWER) as server:
        run(server, evidence=evidence, context=4_096)
        assert "Capital expenditure in 2017" in server.prompt(1)
        assert "Capital expenditure in 2017" in server.prompt(-1)
        assert server.prompt(-1).count("first") == 1_400


def test_a_context_without_room_for_more_evidence_is_answered_from_at_once() -> None:
    with serving(ANSWER) as server:
        steps, _ = run(server, context=4_095)
        assert len(server.requests) == 1
    assert steps == []


def test_evidence_that_suffices_is_answered_from_without_a_step() -> None:
    with serving(ENOUGH, Reply(["It was 1,577 [1]."])) as server:
        steps, last = run(server)
        assert len(server.requests) == 2
        assert "tools" not in server.requests[1]
        judged, answered = (request["messages"][1]["content"] for request in server.requests)
        assert judged.partition("</evidence>")[0] == answered.partition("</evidence>")[0], "a server's cache fits"
    assert kinds(steps) == ["judge"]
    assert last.answer.text == "It was 1,577 [1]."


@pytest.mark.parametrize("steps", [0, 1])
def test_one_pass_asks_once(steps: int) -> None:
    with serving(Reply(["It was 1,577 [1]."])) as server:
        assert run(server, steps=steps)[0] == []
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "said",
    [
        '{"missing": "2017", "steps": [{"tool": "search", "query": "2017"}]}',
        '```json\n{"missing": "2017", "steps": [{"tool": "search", "query": "2017"}]}\n```',
        '<think>2017?</think><tool_call>{"name": "search", "arguments": {"query": "2017"}}</tool_call>',
        '[{"name": "search", "parameters": {"query": "2017"}}]',
    ],
)
def test_json_is_asked_for_where_functions_are_refused_and_that_is_kept(said: str) -> None:
    refused = Reply(status=400, message='"auto" tool choice requires --enable-auto-tool-choice')
    with serving(refused, Reply([said]), Reply(['{"missing": "", "steps": []}']), ANSWER) as server:
        steps, _ = run(server)
        assert [("tools" in r, "response_format" in r) for r in server.requests] == [
            (True, False), (False, True), (False, True), (False, False),
        ]  # fmt: skip
    assert kinds(steps) == ["judge", "search", "judge"]
    assert steps[1].query == "2017"


def test_json_is_asked_for_where_functions_are_ignored() -> None:
    with serving(Reply(["I need the year before."]), Reply(['{"missing": "", "steps": []}']), ANSWER) as server:
        steps, _ = run(server)
        assert ["tools" in request for request in server.requests] == [True, False, False]
    assert [step.problem for step in steps] == [""]


def test_how_steps_are_asked_for_can_be_set() -> None:
    with serving(Reply(['{"missing": "", "steps": []}']), ANSWER) as server:
        run(server, tools="json")
        assert ["tools" in request for request in server.requests] == [False, False]


@pytest.mark.parametrize(
    ("judge", "problem"),
    [
        (Reply(["Let me think about it."]), "no decision that can be read"),
        (Reply(status=500, message="out of memory"), "out of memory"),
        (Reply(raw=b"<html>"), "can be read"),
    ],
)
def test_a_judgment_that_fails_leaves_one_pass(judge: Reply, problem: str) -> None:
    with serving(judge, *([judge] * (2 if judge.status == 500 else 0)), ANSWER) as server:
        steps, last = run(server, tools="json")
    assert kinds(steps) == ["judge"]
    assert problem in steps[0].problem
    assert last.answer.text.startswith("It grew")


def test_a_model_whose_decisions_cannot_be_read_twice_is_not_asked_for_more() -> None:
    with serving(Reply(["It was 1,577 [1]."])) as server:
        settings = Settings(llm_url=server.url, llm_fallback=False, llm_images=0)
        answerer = make_answerer(settings, PAGES)
        lookup = Lookup(Searches())
        problems = [[step.problem for step in answerer.gather(QUESTION, [PAGES.on_page(0)], lookup)] for _ in range(4)]
        assert [len(told) for told in problems] == [1, 1, 0, 0]
        assert len(server.requests) == 3, "by functions and by JSON, then by JSON"


def test_a_step_that_fails_is_told_and_the_others_go_on() -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("open_page", {"evidence": 7, "page": 2}),
        ("open_page", {"evidence": 1, "page": "two"}),
        ("open_page", {"evidence": 1, "page": 3}),
    ]
    with serving(Reply(calls=calls), ENOUGH, ANSWER) as server:
        steps, last = run(server)
    assert [(s.kind, s.problem) for s in steps[1:3]] == [("open", "There is no evidence [7]."), ("open", "")]
    assert [(e.level, e.page) for e in last.answer.evidence] == [(Level.PAGE, 0), (Level.PAGE, 2)]


def test_pages_outside_of_those_asked_about_stay_closed() -> None:
    with serving(Reply(calls=[("open_page", {"evidence": 1, "page": 2})]), ANSWER) as server:
        steps, last = run(server, pages=(0, 0))
    assert "outside of the pages" in steps[1].problem
    assert [e.page for e in last.answer.evidence] == [0]


def test_a_table_is_read_cell_by_cell_under_its_names() -> None:
    with serving(Reply(calls=[("read_table", {"evidence": 1})]), ENOUGH, Reply(["58 [2]."])) as server:
        steps, last = run(server, evidence=[PAGES.on_page(2)])
        assert "Oslo | Staff: 58" in server.prompt(-1)
    assert (steps[1].kind, steps[1].pages[0].page) == ("table", 2)
    assert [c.page for c in last.answer.citations] == [2]


def test_a_table_is_asked_in_sql_and_cites_the_cells() -> None:
    ask = {"evidence": 1, "column": "staff", "where": "Staff < 50", "operation": "sum"}
    with serving(Reply(calls=[("query_table", ask)]), ENOUGH, Reply(["31 people [2]."])) as server:
        steps, last = run(server, evidence=[PAGES.on_page(2)])
        assert "sum of Staff where Staff < 50: 31" in server.prompt(-1)
    assert (steps[1].kind, steps[1].query) == ("table", "sum of staff where Staff < 50")
    cells = last.answer.evidence[1]
    assert cells.text.splitlines()[1:] == ["Bergen | Staff: 31"]
    assert len(cells.regions) == 1
    for wrong, problem in (
        ({"column": "Wages"}, "The table has no column 'Wages'; columns: City, Staff."),
        ({"where": "Stuff > 1"}, "no such column: Stuff"),
        ({"where": "1; DROP TABLE cells"}, "cannot be evaluated"),
        ({"where": "load_extension('x')"}, "cannot be evaluated"),
        ({"column": "City"}, "hold no numbers, so they have no sum"),
    ):
        with serving(Reply(calls=[("query_table", ask | wrong)]), Reply(["Oslo [1]."])) as server:
            steps, _ = run(server, evidence=[PAGES.on_page(2)])
        assert problem in steps[1].problem


def test_a_region_is_shown_larger_and_first() -> None:
    zoom = Reply(calls=[("zoom", {"evidence": 1, "region": [0, 0, 50, 25]})])
    with serving(zoom, ENOUGH, Reply(["1,577 [1]."])) as server:
        steps, last = run(server, images=1)
        assert "zoom" in [tool["function"]["name"] for tool in server.requests[0]["tools"]]
        assert "a part of page 1 of report.pdf" in server.prompt(-1)
    assert steps[1].query == "region 0 %, 0 %, 50 %, 25 %"
    box = last.answer.evidence[0].regions[0].box
    assert (box.x0, box.y0, box.x1, box.y1) == (0, 0, 300, 200)


def test_the_same_step_is_taken_once_and_a_round_without_news_is_the_last() -> None:
    again = Reply(calls=[("search", {"query": "2017"}), ("search", {"query": "2017"})])
    search = Searches(PAGES.on_page(1))
    with serving(again, again, ANSWER) as server:
        steps, _ = run(server, search, steps=9)
        assert len(server.requests) == 3
    assert search.words == ["2017"]
    assert kinds(steps) == ["judge", "search", "judge"]


@pytest.mark.parametrize(("options", "judged"), [({"step_seconds": 0}, 0), ({"step_tokens": 1}, 1), ({"steps": 2}, 1)])
def test_steps_keep_to_their_budget(options: dict[str, Any], judged: int) -> None:
    with serving(*[Reply(calls=[("search", {"query": "2017"})])] * judged, ANSWER) as server:
        steps, last = run(server, **options)
    assert kinds(steps).count("judge") == judged
    assert last.answer.text.startswith("It grew")


def test_without_evidence_other_words_are_searched_for_before_it_is_given_up() -> None:
    with serving(Reply(calls=[("search", {"query": "investments 2017"})]), ENOUGH, Reply(["1,373 [1]."])) as server:
        steps, last = run(server, evidence=())
        assert [tool["function"]["name"] for tool in server.requests[0]["tools"]] == ["answer", "search"]
    assert kinds(steps) == ["judge", "search", "judge"]
    assert last.answer.text == "1,373 [1]."
    with serving(Reply(calls=[("search", {"query": "investments 2017"})])) as server:
        _, last = run(server, Searches(), evidence=())
    assert (last.answer.abstained, last.answer.text) == (True, "Nothing.")


def test_an_abstention_after_steps_gives_way_to_one_pass() -> None:
    search = Reply(calls=[("search", {"query": "2017"})])
    with serving(search, ENOUGH, Reply(["NOT FOUND"]), Reply(["It was 1,577 [1]."])) as server:
        _, last = run(server)
    assert (last.answer.text, len(last.answer.evidence), last.answer.abstained) == ("It was 1,577 [1].", 1, False)


def test_pictures_that_a_server_does_not_take_are_noted_first() -> None:
    refused = Reply(status=400, message="At most 1 image(s) may be provided in one prompt.")
    evidence = [PAGES.on_page(0), PAGES.on_page(1)]
    note = Reply(["In 2017 it was 1,373 million."])
    with serving(refused, ENOUGH, note, ANSWER) as server:
        steps, last = run(server, evidence=evidence, images=2)
        assert [len(server.images(n)) for n in range(4)] == [2, 1, 1, 1]
        assert "Notes on its picture: In 2017 it was 1,373 million." in server.prompt(3)
    assert [(s.kind, s.query, s.pages[0].page) for s in steps[1:]] == [("note", "In 2017 it was 1,373 million.", 1)]
    assert any("took 1 of 2 pictures" in problem for problem in last.answer.problems)


def test_notes_can_be_asked_for_and_one_that_fails_is_told() -> None:
    broken = Reply(status=400, message="broken")
    with serving(Reply(["NOTHING"]), broken, ANSWER) as server:
        steps, last = run(server, evidence=[PAGES.on_page(0), PAGES.on_page(1)], images=2, steps=1, notes="always")
    assert [(s.kind, s.query, bool(s.problem)) for s in steps] == [("note", "", False), ("note", "", True)]
    assert last.answer.text.startswith("It grew")
