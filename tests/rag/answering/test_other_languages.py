"""Questions in another language than the documents, under an embedding that knows both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo import Pipeline
from tests.polyglot import Polyglot

TEXT = """# The island

The lighthouse keeper polishes the lamp in the evening.

# Getting there

The ferry takes a bicycle for three crowns a crossing.
"""


@pytest.fixture(scope="module")
def island(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("island")
    (folder / "island.md").write_text(TEXT)
    with Pipeline(folder / "library", embedding=Polyglot()) as pipeline:
        pipeline.ingest(folder / "island.md")
        yield pipeline


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Womit beschäftigt sich der Wärter im Leuchtturm?", "polishes the lamp"),
        ("Apa yang dikerjakan oleh penjaga mercusuar itu?", "polishes the lamp"),
        ("Welchen Betrag verlangt die Fähre für ein Fahrrad?", "three crowns"),
    ],
)
def test_what_is_like_the_question_answers_it_without_its_words(island: Pipeline, question: str, quote: str) -> None:
    answer = island.ask(question)
    assert not answer.abstained, answer.text
    assert quote in answer.text.split("\n\n")[0]


@pytest.mark.parametrize(
    "question",
    [
        "Woraus besteht der Panzer von dem Käfer?",
        "Wie viele Planeten umkreisen die Sonne?",
        "Apa yang dimakan oleh kumbang di hutan itu?",
        "Womit beschäftigte sich der Wärter im Leuchtturm 1987?",
        "灯台 の 仕事 は 何 ですか",
    ],
)
def test_another_matter_and_a_year_that_stands_nowhere_are_no_answer(island: Pipeline, question: str) -> None:
    assert island.ask(question).abstained
