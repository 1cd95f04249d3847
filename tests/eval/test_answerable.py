"""Whether a question can be answered, told by the kind of question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from octavo.eval.answerable import AnswerabilityCase, QuestionKind, evaluate, figures, near_miss, table
from octavo.ingest import OctavoError
from tests.conftest import make_pdf
from tests.eval.test_datasets import write


def case(kind: QuestionKind, chance: float) -> AnswerabilityCase:
    return AnswerabilityCase("?", kind, "a.pdf", chance, answered=chance > 0.4)


def test_questions_of_each_kind_are_asked(tmp_path: Path) -> None:
    asked = (
        ("What was capital expenditure in 2018?", "a", 1),
        ("How many people does the observatory employ?", "a", 2),
        ("When was the lamp of the Skerry lighthouse cleaned?", "b", 1),
    )
    rows = [{"id": q, "question": q, "doc": f"pdfs/{doc}.pdf", "gold_pages": [page]} for q, doc, page in asked]
    absent = {"id": "x", "question": "Which harbour has a crane?", "doc": "pdfs/a.pdf", "answerable": False}
    write(tmp_path, *rows, absent | {"gold_pages": []})
    (tmp_path / "offtopic.jsonl").write_text(json.dumps({"question": "Who wrote the oldest known recipe for bread?"}))
    make_pdf(tmp_path / "pdfs" / "a.pdf")
    pages = (("Skerry lighthouse", "The tower was painted white."), ("Lamp", "The lamp was cleaned in May."))
    make_pdf(tmp_path / "pdfs" / "b.pdf", pages)
    result = evaluate(tmp_path, library=tmp_path / "library")
    assert {separation.kind: separation.questions for separation in result.separations} == {
        QuestionKind.UNANSWERABLE: 1,
        QuestionKind.NEAR_MISS: 1,
        QuestionKind.FOREIGN: 3,
        QuestionKind.OFF_TOPIC: 1,
        None: 6,
    }
    assert (result.questions, result.given_up) == (3, 0)
    assert result.separations[-1].answered == 0


def test_figures_by_kind() -> None:
    found = [case(QuestionKind.ANSWERABLE, 0.9), case(QuestionKind.ANSWERABLE, 0.3)]
    found += [case(QuestionKind.FOREIGN, 0.1), case(QuestionKind.UNANSWERABLE, 0.8)]
    result = figures("set", found)
    assert result.given_up == 0.5
    assert [(separation.kind, separation.answered, separation.auroc) for separation in result.separations] == [
        (QuestionKind.UNANSWERABLE, 1.0, 0.5),
        (QuestionKind.FOREIGN, 0.0, 1.0),
        (None, 0.5, 0.75),
    ]
    assert result.separations[-1].risk == (0.0, 0.5, pytest.approx(1 / 3), 0.5)
    text = table([result])
    assert "| set | answerable | 2 | 50% | | | |" in text
    assert "| set | all of these | 2 | 50% | 0.750 | 0.00, 0.50, 0.33, 0.50 | 0.333 |" in text


def test_one_kind_of_questions_has_no_separation() -> None:
    with pytest.raises(OctavoError, match="set needs questions that have an answer, and some that have none"):
        figures("set", [case(QuestionKind.ANSWERABLE, 0.9)])


def test_a_near_miss_has_a_year_or_name_that_stands_nowhere() -> None:
    text = "In 2010 to 2018, Marlow and Ostrava were rebuilt."
    year = near_miss("When was Marlow rebuilt after 2012?", text, ["Pavia"])
    assert year.startswith("When was Marlow rebuilt after ")
    assert year[-5:-1] not in text
    assert near_miss("When was the town of Marlow rebuilt?", text, ["Pavia", "Ostrava"]) == (
        "When was the town of Pavia rebuilt?"
    )
    assert near_miss("When was the town rebuilt?", text, ["Pavia"]) == ""
