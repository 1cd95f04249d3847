"""Pages and documents that mention one thing and another, one or another, or one but not another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.conftest import make_pdf
from tests.rag.made import pipeline_over

TEXTS = {
    "north.txt": "The northern site tests turbines. Its gearboxes come from Ashby.\n",
    "south.txt": "The southern site tests turbines only. The blades come from Larkfield.\n",
    "west.txt": "The western site repairs gearboxes.\n",
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("sites")
    pages = ("Turbines ran all day.", "Turbines and gearboxes ran.", "The gearboxes were greased.")
    make_pdf(folder / "log.pdf", tuple((f"Day {n}", text) for n, text in enumerate(pages, 1)))
    with pipeline_over(folder, TEXTS, "log.pdf") as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Which documents mention turbines but not gearboxes?", {"south.txt"}),
        ("Which documents mention both turbines and gearboxes?", {"north.txt", "log.pdf"}),
        ("Which files mention blades or Ashby?", {"north.txt", "south.txt"}),
        ("Welche Dokumente erwähnen turbines, aber nicht gearboxes?", {"south.txt"}),
        ("Quels documents mentionnent turbines mais pas gearboxes ?", {"south.txt"}),
    ],
)
def test_documents_of_a_set(pipeline: Pipeline, question: str, names: set[str]) -> None:
    answer = pipeline.ask(question)
    assert answer.plan == "page_sets"
    assert {citation.name for citation in answer.citations} == names
    assert all(f"**{name}**" in answer.text for name in names)


def test_pages_of_a_set_are_cited_each(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Which pages mention gearboxes but not turbines?")
    assert {(c.name, c.page_number) for c in answer.citations} >= {("log.pdf", 3), ("west.txt", 1)}
    assert ("log.pdf", 2) not in {(c.name, c.page_number) for c in answer.citations}
    either = pipeline.ask("On which pages do turbines or gearboxes appear?")
    assert "**log.pdf**, pages 1, 2 and 3" in either.text


def test_an_empty_set_is_said_and_other_questions_are_left_to_other_plans(pipeline: Pipeline) -> None:
    none = pipeline.ask("Which documents mention blades but not turbines?")
    assert none.abstained
    assert none.text == "No document of 4 documents says that."
    assert pipeline.ask("Which documents mention gearboxes?").plan == "which"


@pytest.mark.parametrize(
    "question",
    [
        "Which document describes the blades and parts of turbines?",
        "Which documents do I need to repair turbines or gearboxes?",
        "Which page says how to run turbines without gearboxes?",
        "Which page says what happens when gearboxes are not greased?",
        "Which documents have to be signed or sent?",
        "Welche Dokumente brauche ich für turbines oder gearboxes?",
    ],
)
def test_questions_that_describe_no_set_are_left_to_other_plans(pipeline: Pipeline, question: str) -> None:
    assert pipeline.ask(question).plan != "page_sets"


def test_words_in_capitals_and_a_verb_without_another_word_are_operators(pipeline: Pipeline) -> None:
    for question, names in (
        ("Which documents mention turbines AND gearboxes?", {"north.txt", "log.pdf"}),
        ("Which documents mention turbines NOT gearboxes?", {"south.txt"}),
        ("Which documents mention turbines without mentioning gearboxes?", {"south.txt"}),
    ):
        answer = pipeline.ask(question)
        assert (answer.plan, {citation.name for citation in answer.citations}) == ("page_sets", names)
