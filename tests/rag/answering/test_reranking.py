"""Reranking: passages that answer in other words than the question's come first, headings and footers never."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from octavo.rag.answering.sentence_encoder import encode_sentences
from tests.rag.made import pipeline_over

CLINIC = """# After the operation

Do not drive a car for ten days. You may shower after two days.

Your stitches dissolve by themselves, so nobody has to remove them.

People with heavy jobs go back to their job after six weeks, all others after two.

## Getting help

Call the ward if the wound bleeds. The ward has a nurse at night.
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline_over(tmp_path_factory.mktemp("clinic"), {"clinic.md": CLINIC}) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("When may I get behind the wheel again?", "Do not drive a car for ten days."),
        ("Does someone have to take the stitches out?", "Your stitches dissolve by themselves"),
        ("How long should someone who lifts sacks stay off work?", "heavy jobs go back to their job after six weeks"),
    ],
)
def test_a_question_in_other_words_is_answered(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question, threshold=0)
    assert said in answer.text.split("\n\n")[0]


def test_sentences_are_near_by_their_meaning() -> None:
    vectors = encode_sentences(["Who paid for it?", "The town financed the bridge.", "It rained in Oslo.", ""])
    assert vectors.shape == (4, 384)
    assert [round(float(vectors[0] @ other), 2) for other in vectors[1:3]] == pytest.approx([0.40, 0.17], abs=0.03)
    assert encode_sentences([]).shape == (0, 384)
