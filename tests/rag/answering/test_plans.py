"""Plans: what is answered, from which places, without a model; and what is not answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from octavo.ingest import Page
from octavo.ingest.store.library import Library
from octavo.rag import Answer, Pipeline
from octavo.rag.answering.plans import PLANS
from octavo.rag.settings import AnsweringOptions, PlanOptions
from tests.rag.made import pipeline_over

REPORT = """<html><head><title>Larkfield Optics annual report 2023</title></head><body>
<h1>Larkfield Optics annual report 2023</h1>
<p>Larkfield Optics grinds mirrors for observatories in eleven countries and employs 412 people.</p>
<h2>1 Management</h2>
<p>Mira Tanaka has been chief executive since March 2019. The head office is in Ashby.</p>
<h2>2 Risks</h2>
<p>The board sees these risks:</p>
<ul><li>Glass: one supplier only</li><li>Energy: furnaces cannot pause</li><li>People: grinders are scarce</li></ul>
<h2>3 Income statement</h2>
<p>In millions of dollars</p>
<table><tr><th></th><th>2023</th><th>2022</th></tr>
<tr><td>Revenue</td><td>250.0</td><td>200.0</td></tr>
<tr><td>Cost of sales</td><td>(150.0)</td><td>(130.0)</td></tr>
<tr><td>Gross profit</td><td>100.0</td><td>70.0</td></tr></table>
<h2>4 Sales by region</h2>
<table><tr><th>Region</th><th>Orders</th><th>Mirrors</th></tr>
<tr><td>Chile</td><td>14</td><td>31</td></tr>
<tr><td>Spain</td><td>22</td><td>28</td></tr>
<tr><td>Hawaii</td><td>9</td><td>44</td></tr></table>
</body></html>"""

MANUAL = """# Manual of the dome drive

The dome drive turns the dome by two motors of 400 watts. Grease the rail every six weeks with lithium grease.

## Errors

- E1: the motor is too hot
- E2: the brake is closed
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {"larkfield-2023.html": REPORT, "dome-drive.md": MANUAL}
    with pipeline_over(tmp_path_factory.mktemp("plans"), texts) as opened:
        yield opened


def first(answer: Answer) -> str:
    assert not answer.abstained, answer.text
    return answer.text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What was Larkfield's revenue in 2022?", "Revenue, 2022: $200.0 million"),
        ("What was the turnover of Larkfield in 2023?", "Revenue, 2023: $250.0 million"),
        ("What was the gross margin of Larkfield in 2023?", "Gross margin, 2023: 40.0% = 100.0 ÷ 250.0"),
        ("By what percentage did Larkfield's revenue grow in 2023?", "25.0% = (250.0 - 200.0) ÷ 200.0"),
        ("By how much did Larkfield's gross profit rise from 2022 to 2023?", "$30.0 million = 100.0 - 70.0"),
        ("Which region has the most mirrors?", "Hawaii: 44 (highest of 3"),
        ("Which region had the fewest orders?", "Hawaii: 9 (lowest of 3"),
        ("How many more orders did Spain have than Chile?", "8 = 22 - 14"),
        ("Who is the chief executive of Larkfield?", "“Mira Tanaka has been chief executive since March 2019.”"),
        ("How often must the rail be greased?", "“Grease the rail every six weeks with lithium grease.”"),
        ("What does the error E2 of the dome drive mean?", "E2: the brake is closed"),
        ("How many pages does the annual report of Larkfield have?", "larkfield-2023.html has"),
        ("Which documents mention lithium grease?", "- **dome-drive.md**"),
        (
            "How many orders did all regions have together?",
            "45 = 14 + 22 + 9. From Chile, Orders: 14; Spain",
        ),
        ("What is the average number of mirrors of the regions?", "34.3 = (31 + 28 + 44) ÷ 3"),
        ("How many regions have 22 orders?", "1: Spain."),
        ("What is the second risk of Larkfield?", "“• Energy: furnaces cannot pause”"),
    ],
)
def test_the_answer_comes_first(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert said in first(answer)
    assert all(citation.boxes for citation in answer.citations)


def test_both_numbers_of_a_formula_are_cited_on_their_rows(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What was the gross margin of Larkfield in 2023?")
    quotes = "\n".join(citation.quote for citation in answer.citations)
    assert "Gross profit | 100.0 | 70.0" in quotes
    assert "Revenue | 250.0 | 200.0" in quotes


def test_a_list_is_whole(pipeline: Pipeline) -> None:
    text = pipeline.ask("What are the risks of Larkfield?").text
    assert all(word in text for word in ("Glass", "Energy", "People"))


def test_a_section_is_quoted_below_its_heading(pipeline: Pipeline) -> None:
    text = pipeline.ask("What does section 1 of the Larkfield report say?").text
    assert "Mira Tanaka" in text
    assert "Glass" not in text


def test_a_summary_has_the_outline_and_sentences(pipeline: Pipeline) -> None:
    text = pipeline.ask("Summarize the annual report of Larkfield.").text
    assert "1 Management; 2 Risks; 3 Income statement; 4 Sales by region" in text
    assert "eleven countries" in text


def test_a_collection_is_told_document_by_document(pipeline: Pipeline) -> None:
    text = pipeline.ask("What are these documents about?").text
    assert text.startswith("2 documents.")
    assert "larkfield-2023.html" in text
    assert "dome-drive.md" in text


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("What was Larkfield's revenue in 2017?", "2017"),
        ("How many mirrors were sold to Japan?", "Japan"),
        ("What does section 9 of the Larkfield report say?", "no section 9"),
        ("What is the capital of France?", "France"),
        ("Was ist die Hauptstadt von Frankreich?", "hauptstadt"),
        ("What does the error E7 of the dome drive mean?", "E7"),
        ("What is the weight of the telescope?", "telescope"),
        ("How much is 17 times 23?", "Nothing found"),
        ("Wer hat den Faust geschrieben?", "Nothing found"),
        ("What is the total of invoice 2023-0417?", "2023-0417"),
    ],
)
def test_an_absent_term_prevents_an_answer_and_is_named(pipeline: Pipeline, question: str, why: str) -> None:
    answer = pipeline.ask(question)
    assert answer.abstained, answer.text
    assert why in answer.text


def test_each_plan_has_a_switch_and_one_that_is_off_leaves_its_questions_to_others(pipeline: Pipeline) -> None:
    assert tuple(PLANS) == tuple(PlanOptions.model_fields)
    question = "Which region has the most mirrors?"
    settings = pipeline.settings.model_copy(update={"answering": AnsweringOptions(plans=PlanOptions(extremes=False))})
    with Pipeline(settings) as other:
        assert (pipeline.ask(question).plan, other.ask(question).plan) == ("extremes", "lookup")


def test_with_a_threshold_of_0_the_nearest_is_quoted_all_the_same(pipeline: Pipeline) -> None:
    assert not pipeline.ask("What was Larkfield's revenue in 2017?", threshold=0).abstained


def test_the_cheapest_of_a_kind_is_compared_with_its_kind(tmp_path: Path) -> None:
    rows = "| oak door | piece | 240 € |\n| pine door | piece | 180 € |\n| hinge | pair | 12 € |\n"
    (tmp_path / "list.md").write_text(f"# Price list\n\n| item | unit | price |\n|---|---|---|\n{rows}")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "list.md")
        answer = pipeline.ask("What is the price of the cheapest door in the price list?")
    assert first(answer).startswith("pine door: 180 € (lowest of 2; next: oak door 240 €)")


@pytest.mark.parametrize(
    "question", ["By what percent did revenue grow from 2022 to 2023?", "What is the same in Chile and Spain?"]
)
def test_which_documents_a_question_is_about_is_known_without_loading_them(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    loaded: list[str] = []
    whole = Library.pages

    def pages(library: Library, document: str) -> tuple[Page, ...]:
        loaded.append(document)
        return whole(library, document)

    monkeypatch.setattr(Library, "pages", pages)
    pipeline.ask(question)
    assert loaded == []


def test_an_explanation_goes_on_with_the_sentences_after_it_and_a_name_does_not(pipeline: Pipeline) -> None:
    text = first(pipeline.ask("What does the dome drive do?"))
    assert "by two motors of 400 watts. Grease the rail every six weeks" in text
    assert "Ashby" not in first(pipeline.ask("Who is the chief executive of Larkfield?"))
