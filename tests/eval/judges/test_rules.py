"""The judge without a model."""

from __future__ import annotations

import pytest

from octavo.eval.judges import Grade, rules
from octavo.eval.judges.mmlongbench import score
from octavo.eval.judges.quantities import dates, quantities


@pytest.mark.parametrize(
    ("question", "gold", "answer", "grade"),
    [
        ("What was revenue? In USD millions.", "$1577.00", "Revenue was $1,577 million [1].", "correct"),
        ("What was revenue? In USD millions.", "$1577.00", "It was $1.577 billion.", "correct"),
        ("What was revenue? In USD millions.", "$1577.00", "It was 1577.", "correct"),
        ("What was revenue? In USD millions.", "$1577.00", "It was $1,677 million.", "incorrect"),
        ("What was revenue? In USD millions.", "$1577.00", "It was $1,577 billion.", "incorrect"),
        ("What was the dividend in USD billions?", "$0.40", "They paid $389 million.", "correct"),
        ("What is the margin?", "6.2%", "The margin is 0.062.", "correct"),
        ("What is the margin?", "6.2%", "The margin is $6.2 million.", "incorrect"),
        ("What is the change?", "-3.5%", "It fell: (3.5)% or rather -3.5 %.", "correct"),
        ("How many stores?", "12", "There are twelve stores.", "correct"),
        ("How many people work in 2019?", "312", "312 people worked there in 2019.", "correct"),
        ("Which range?", "0-375 miles", "It is 0-375.", "correct"),
        ("Which range?", "0-375 miles", "It is 0-400.", "incorrect"),
        ("What is the fax number?", "514-312-0292", "Fax: 514-312-0292", "correct"),
        ("What is the fax number?", "514-312-0292", "It is 514-312-0293.", "incorrect"),
        ("When was it signed?", "1 July 2022", "It was signed on July 1st, 2022.", "correct"),
        ("When was it signed?", "2022-07-01", "It was signed on July 2, 2022.", "incorrect"),
        ("Is it cyclical?", "Yes, like its industry.", "Yes, it is.", "correct"),
        ("Is it cyclical?", "Yes, like its industry.", "No, it is not.", "incorrect"),
        ("Has debt grown?", "No, it fell.", "The company has not increased its debt.", "correct"),
        ("Which shapes?", "['Circle', 'Rectangle']", "A rectangle and a circle [1][2].", "correct"),
        ("Which shapes?", "['Circle', 'Rectangle']", "A circle.", "incorrect"),
        ("Where was it conceived?", "Berlin School", "At the Berlin Schol of psychology", "correct"),
        ("Where was it conceived?", "Berlin School", "In Vienna.", "incorrect"),
        ("What was revenue?", "$1577.00", "The context does not include revenue.", "refusal"),
        ("What was revenue?", "$1577.00", "Not stated directly, but it was $1,577.", "correct"),
        ("What was revenue?", "$1577.00", "", "refusal"),
        ("Who won?", "Not answerable", "The document doesn't mention a winner.", "correct"),
        ("Who won?", "Not answerable", "Anna won.", "incorrect"),
    ],
)
def test_grades(question: str, gold: str, answer: str, grade: str) -> None:
    assert rules.judge(question, gold, answer).grade == grade


def test_an_abstention_is_a_refusal_whatever_its_text_says() -> None:
    assert rules.judge("How many?", "7", "Looked at 7 passages.", abstained=True).grade is Grade.REFUSAL
    assert rules.judge("How many?", "Not answerable", "Looked at 7 passages.", abstained=True).score == 1


@pytest.mark.parametrize(
    ("gold", "said", "form", "expected"),
    [
        ("7", "7.0", "Int", 1),
        ("7", "8", "Int", 0),
        ("7", "seven", "Int", 0),
        ("0.215", "21.5%", "Float", 1),
        ("100", "100.9", "Float", 1),
        ("100", "102", "Float", 0),
        ("18.29%", "18.3", "Float", 1),
        ("Less well-off", "less well-off", "Str", 1),
        ("Less well-off", "better", "Str", 0),
        ("https://w.wiki/6gb", "https://w.wiki/6gc", "Str", 0),
        ("(the) Red", "red", "Str", 1),
        ("['b', 'a']", "['a', 'b']", "List", 1),
        ("['10', '20']", "['20', '11']", "List", 0),
        ("['a', 'b']", "[broken", "List", 0),
        ("Not answerable", "Not answerable", "None", 1),
    ],
)
def test_short_answers_are_scored_as_mmlongbench_does(gold: str, said: str, form: str, expected: float) -> None:
    assert score(gold, said, form) == expected


def test_numbers_are_read_with_their_units() -> None:
    found = quantities("Sales of $2,018mn in FY2023 (FY2022: €1.5 billion), up 3.0% or (4) and –5; ids A12 and 12x")
    assert [(q.value, q.scale, q.percent, q.money) for q in found] == [
        (2018, 1e6, False, True),
        (1.5, 1e9, False, True),
        (3.0, 1, True, False),
        (4, 1, False, False),
        (-5, 1, False, False),
    ]


def test_days_are_read_in_the_usual_forms() -> None:
    assert set(dates("July 1, 2022; 1 July 2022; 1st of July 2022; 2022-07-01; 7/1/2022")) == {(2022, 7, 1)}
    assert dates("2022-13-01, version 1.2.3") == []


@pytest.mark.parametrize(
    ("answer", "grade"),
    [
        ("B", "correct"),
        ("B. blue [1]", "correct"),
        ("(B)", "correct"),
        ("The answer is B.", "correct"),
        ("It is blue.", "correct"),
        ("A", "incorrect"),
        ("A bird is red.", "incorrect"),
        ("Either red or blue.", "refusal"),
        ("I cannot tell.", "refusal"),
    ],
)
def test_a_choice_is_read_by_its_letter_or_its_words(answer: str, grade: str) -> None:
    assert rules.judge_choice(["red", "blue", "green"], "B", answer).grade == grade
