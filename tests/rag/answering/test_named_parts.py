"""Parts, pages, places in an order and cells that a question names; what is nearest where a plan cannot compare."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline, Scope
from tests.rag.made import pipeline_over

COURSE = """# Course of the Orme Sailing School

Write to office@orme.example for a place.

## Unit 1: Knots and Ropes

Students tie eight knots. Unit 3 needs a life jacket.

## Unit 2: Wind

Students read the wind on the water.

## Unit 3: Rules of the Road

Students learn who gives way. The exam was held on 24th of March 2015.

## Appendix A: Words

A list of words.

## Appendix B: Maps

Two maps of the bay.
"""

SPENDING = """<html><head><title>Advertising of Orme</title></head><body><h1>Advertising of Orme</h1>
<table><tr><th>Medium</th><th>2021</th><th>2022</th><th>2023</th><th>CAGR</th></tr>
<tr><td>Radio</td><td>100</td><td>110</td><td>121</td><td>10.0%</td></tr>
<tr><td>Posters</td><td>200</td><td>190</td><td>180</td><td>-5.1%</td></tr>
<tr><td>Cinema</td><td>50</td><td>60</td><td>72</td><td>20.0%</td></tr></table>
<h2>Components</h2>
<table><tr><th colspan="3">Table of components: name the parts that the investment pays for</th></tr>
<tr><td>Component</td><td>Service domain</td><td>Service type</td></tr>
<tr><td>Leak testing</td><td>Back office</td><td>Development</td></tr>
<tr><td>Pipe storage</td><td>Supply</td><td>Logistics</td></tr></table>
<h2>Standards</h2>
<table><tr><th>Component</th><th>Service area</th><th>Service standard</th></tr>
<tr><td>Leak testing</td><td>Platform</td><td>Pressure</td></tr>
<tr><td>Leak testing</td><td>Interface</td><td>Signals</td></tr></table>
<h2>Duties of Orme Harbor Works Limited</h2>
<ul><li>Keep the quay lit</li><li>Paint the cranes</li><li>Dredge the basin</li></ul>
<p>The bankers of the firm are Tanaka and Sons.</p>
<h2>Posters</h2>
<p>The posters of Orme hang in eleven towns, at harbors and in stations.</p>
</body></html>"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {"course.md": COURSE, "spending.html": SPENDING}
    with pipeline_over(tmp_path_factory.mktemp("parts"), texts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("document", "question", "said", "plan"),
    [
        ("course.md", "What is Unit 3 called?", "“Unit 3: Rules of the Road”", "part_names"),
        ("course.md", "What are the names of Unit 1 and Unit 2?", "“Unit 1: Knots and Ropes”", "part_names"),
        ("course.md", "How many units are there?", "3: Unit 1: Knots and Ropes; Unit 2: Wind; Unit 3", "part_names"),
        ("course.md", "How many appendices does the document have?", "2: Appendix A: Words", "part_names"),
        ("course.md", "Wie heißt Unit 2?", "“Unit 2: Wind”", "part_names"),
        ("course.md", "What is the e-mail address in this document?", "office@orme.example:", "contacts"),
        ("spending.html", "Which medium had the second highest CAGR?", "Radio: 10.0% (place 2 of 3", "extremes"),
        ("spending.html", "Which medium had the 3rd highest spending in 2023?", "Cinema: 72", "extremes"),
        ("spending.html", "What is the CAGR of radio from 2021 to 2023?", "Radio, CAGR: 10.0%", "lookup"),
        (
            "spending.html",
            "What is the service type for leak testing?",
            "Leak testing, Service type: Develop",
            "lookup",
        ),
    ],
)
def test_what_is_named_is_answered(pipeline: Pipeline, document: str, question: str, said: str, plan: str) -> None:
    answer = pipeline.ask(question, scope=Scope(documents=(document,)))
    assert (answer.plan, answer.abstained) == (plan, False), answer.text
    assert said in answer.text.split("\n\n")[0]


def test_a_date_is_given_in_the_form_that_is_asked_for(pipeline: Pipeline) -> None:
    question = "When was the exam held? Format the date as DD/MM/YYYY."
    answer = pipeline.ask(question, scope=Scope(documents=("course.md",)))
    assert answer.text.startswith("24/03/2015: “")


def test_a_comparison_that_no_table_allows_gets_the_nearest_passage_and_says_so(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Which town has the biggest posters?", scope=Scope(documents=("spending.html",)))
    assert not answer.abstained
    assert answer.text.startswith("No passage compares what is asked for; the nearest is: “")


@pytest.mark.parametrize(
    ("document", "question", "missing"),
    [
        ("course.md", "What is the average salary of students?", "salary"),
        ("spending.html", "Radio popcorn zeppelin", "popcorn"),
    ],
)
def test_key_words_and_money_that_stand_nowhere_get_no_number(
    pipeline: Pipeline, document: str, question: str, missing: str
) -> None:
    answer = pipeline.ask(question, scope=Scope(documents=(document,)))
    assert answer.abstained, answer.text
    assert missing in answer.text


def test_a_heading_that_says_names_alone_announces_no_list(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Name the bankers of Orme Harbor Works Limited.", scope=Scope(documents=("spending.html",)))
    assert "Tanaka" in answer.text.split("\n\n")[0]


def test_capitals_for_emphasis_make_no_names(pipeline: Pipeline) -> None:
    answer = pipeline.ask("WHAT DO students TIE, and HOW MANY WITH a rope?", scope=Scope(documents=("course.md",)))
    assert "eight knots" in answer.text
