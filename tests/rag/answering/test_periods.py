"""Questions over several documents: a quote from each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from octavo.rag.answering.plans.periods import is_over_documents
from tests.rag.made import pipeline_over

SALES = {"spring": "4,120", "summer": "5,930", "autumn": "5,011"}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {
        f"alder-{season}.txt": f"Alder Boats, report for the {season}\n\n"
        f"Net sales of the {season} quarter were {sales} boats.\n\n"
        f"The yard in Lund was painted. Nothing else happened at the yard in the {season}."
        for season, sales in SALES.items()
    }
    texts["birch.txt"] = "Birch Canoes, report for the spring\n\nNet sales were 77 canoes."
    with pipeline_over(tmp_path_factory.mktemp("periods"), texts) as opened:
        yield opened


def test_each_report_is_quoted_with_its_name(pipeline: Pipeline) -> None:
    answer = pipeline.ask("How did the net sales of Alder develop over the reported quarters?")
    paragraphs = answer.text.split("\n\n")[:-1]
    assert [text.partition(":")[0] for text in paragraphs] == [
        "alder-autumn.txt",
        "alder-spring.txt",
        "alder-summer.txt",
    ]
    for paragraph, season in zip(paragraphs, ("autumn", "spring", "summer"), strict=True):
        assert f"“Net sales of the {season} quarter were {SALES[season]} boats.”" in paragraph
    assert {c.name for c in answer.citations} == {f"alder-{season}.txt" for season in SALES}


def test_reports_that_share_nothing_are_not_quoted_together(pipeline: Pipeline) -> None:
    answer = pipeline.ask("How have net sales of canoes developed over time?")
    assert answer.plan != "periods"


def test_a_question_about_one_of_them_is_answered_from_it(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What were the net sales of the summer quarter?")
    assert "5,930" in answer.text.split("\n\n")[0]
    assert answer.citations[0].name == "alder-summer.txt"


@pytest.mark.parametrize(
    ("question", "over"),
    [
        ("How has revenue changed over time?", True),
        ("Which legal proceedings are disclosed in these 10-Qs?", True),
        ("How does it compare to previous quarters?", True),
        ("Wie hat sich der Umsatz über die Quartale entwickelt?", True),
        ("What was revenue in the second quarter of 2023?", False),
        ("How did revenue change between 2022 and 2023?", False),
        ("What does the report say about time?", False),
    ],
)
def test_questions_over_several_documents_are_recognized(question: str, over: bool) -> None:
    assert is_over_documents(question) is over
