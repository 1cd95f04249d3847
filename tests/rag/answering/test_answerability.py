"""Answerability: the terms that an answer must cover, and the questions that are refused without them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from octavo.rag.answering.question_analysis import analyze_question
from octavo.rag.answering.question_nouns import head_nouns
from octavo.rag.answering.required_terms import required_terms
from octavo.rag.answering.units import units_asked_for
from tests.rag.made import pipeline_over

KETTLE = """# Kettle Brava 2

The kettle holds 1.7 litres and boils in four minutes. Its top speed setting is 3.

Milk must not be heated in the kettle.

| Property | Value |
|---|---|
| Power | 2,200 W |
| Weight | 1.3 kg |
| Noise | 61 dB |
| Price | €49 |
"""
LETTER = """Stadtwerke Ahrweiler

Das Guthaben überweisen wir bis zum 31. Januar 2025 auf Ihr Konto. Der Abschlag beträgt 86 Euro.
"""


@pytest.fixture(scope="module")
def minutes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline_over(tmp_path_factory.mktemp("minutes"), {"compte-rendu.md": MINUTES}) as opened:
        yield opened


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline_over(tmp_path_factory.mktemp("demands"), {"kettle.md": KETTLE, "abrechnung.txt": LETTER}) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("What is the weight of the kettle in pounds sterling?", "pounds sterling"),
        ("How much does the kettle Brava 3 weigh?", "Brava 3"),
        ("What is the price of the kettle Bravissima?", "Bravissima"),
        ("How many filters does the kettle hold?", "filters"),
        ("How many gallons does the kettle hold?", "gallons"),
    ],
)
def test_a_question_with_an_absent_required_term_is_refused(pipeline: Pipeline, question: str, missing: str) -> None:
    answer = pipeline.ask(question)
    assert answer.abstained
    assert f"“{missing}”" in answer.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How loud is the kettle?", "61 dB"),
        ("How many litres does the kettle hold?", "1.7 litres"),
        ("Can I heat the milk or the cocoa in the kettle?", "Milk must not be heated"),
        ("What is the weight of the kettle in kilograms?", "1.3 kg"),
        ("Wann wird das Guthaben überwiesen?", "bis zum 31. Januar 2025"),
        ("Wie hoch ist der neue Abschlag im Jahr 2025?", "86 Euro"),
    ],
)
def test_synonyms_and_other_spellings_satisfy_a_required_term(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert said in answer.text


def test_a_noun_is_the_last_word_before_of_or_a_verb() -> None:
    assert [
        word for word, _ in head_nouns(analyze_question("How many child trailers were on the new blue cart of May?"))
    ] == [
        "trailers",
        "cart",
    ]
    assert [word for word, _ in head_nouns(analyze_question("Combien coûte le parking gratuit ?"))] == ["parking"]


def test_proper_names_are_required_terms() -> None:
    assert list(required_terms(analyze_question("How much does the Aquila Max cost?"))) == [
        ("Aquila", False),
        ("Max", False),
    ]


@pytest.mark.parametrize(
    ("unit", "text", "stands"),
    [
        ("in metres", "a hall of 40 m", True),
        ("in metres", "I'm tall", False),
        ("in percent", "it is 64% of all", True),
        ("in kilometres", "12 miles", False),
        ("in square metres", "78 m² in all", True),
    ],
)
def test_units_by_words_and_signs(unit: str, text: str, stands: bool) -> None:
    assert units_asked_for(f"How long is it {unit}?")[0].stands_in(text) is stands


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is the new instalment of the Stadtwerke in Ahrweiler?", "86 Euro"),
        ("Wie schwer ist der Brava 2?", "1.3 kg"),
        ("Combien coûte la Brava 2 ?", "€49"),
        ("When is the credit transferred?", "bis zum 31. Januar 2025"),
    ],
)
def test_a_question_in_another_language_than_the_document(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert said in answer.text


def test_a_plain_denial_is_a_no(pipeline: Pipeline) -> None:
    said = pipeline.ask("Can I heat milk in the kettle?").text
    assert said.startswith("No: “Milk must not be heated in the kettle.”"), said


def test_another_language_needs_more_of_the_question(pipeline: Pipeline) -> None:
    assert pipeline.ask("What is the fee for the sauna in Ahrweiler?").abstained


MINUTES = """Compte rendu de la réunion du club

Les travaux de la salle commenceront le 3 mars et dureront dix semaines. La prochaine réunion aura lieu le 14 janvier.

En 2023, l'entretien coûtait 310 euros.
"""


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Combien de temps dureront les travaux ?", "dix semaines"),
        ("Quand a lieu la prochaine réunion ?", "14 janvier"),
        ("Combien a coûté l'entretien en 2023 ?", "310 euros"),
        ("When is the next reunion of the club?", "14 janvier"),
    ],
)
def test_words_are_compared_by_the_stems_and_idioms_of_their_language(
    minutes: Pipeline, question: str, said: str
) -> None:
    answer = minutes.ask(question)
    assert not answer.abstained, answer.text
    assert said in answer.text


def test_a_question_in_capitals_names_nothing() -> None:
    assert list(required_terms(analyze_question("WHICH COLUMN OF THE REGISTER IS LAST?"))) == []


def test_a_quarter_stands_apart_from_its_year_and_superlatives_and_currencies_are_no_names() -> None:
    asked = analyze_question("Which region had the Highest revenue in USD in FY2023Q1?")
    assert list(required_terms(asked)) == [("Q1", True), ("2023", True)]


FAIR = """# Parish fair, 1 to 3 June 2024

Held by the society of Alder Cross. The drawback of the new field is its distance from the road.

| Day | Visitors | Rain (mm) |
|---|---|---|
| Sat 1 | 310 | 0 |
| Sun 2 | 280 | 11 |

Rejected entries are shown in the tent, since the judges wanted people to see them.
Score = 100 × W / T where W is the weight of the fleece in kg, and T the time of the shearer in minutes.

SSD (sheep and sheepdogs) takes place in the lower field. A yearling is a sheep of one year.

Payment due: 20 May 2024
"""


@pytest.fixture(scope="module")
def fair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline_over(tmp_path_factory.mktemp("fair"), {"fair.md": FAIR}) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("How many visitors came on 14 June 2024?", "14 June 2024"),
        ("Who runs the society of Alder Bridge?", "Bridge"),
        ("What is the price of the lower field?", "price"),
    ],
)
def test_a_day_and_a_name_and_a_price_are_demanded(fair: Pipeline, question: str, missing: str) -> None:
    answer = fair.ask(question)
    assert answer.abstained
    assert missing in answer.text


@pytest.mark.parametrize(
    ("question", "said", "plan"),
    [
        ("How many people came on 2 June 2024?", "280", ""),
        ("What is the disadvantage of the new field?", "distance from the road", ""),
        ("What does SSD stand for?", "sheep and sheepdogs", "definitions"),
        ("What is meant by yearling?", "a sheep of one year", "definitions"),
        ("What does T mean in the formula for the score?", "T the time of the shearer", "definitions"),
        ("Does the hypothesis hold that the drawback of the new field is its distance?", "from the road", ""),
        ("By when do we have to pay for the parish fair?", "20 May 2024", ""),
        ("Why are turned down entries shown?", "wanted people to see them", ""),
    ],
)
def test_other_words_and_definitions_are_found(fair: Pipeline, question: str, said: str, plan: str) -> None:
    answer = fair.ask(question)
    assert said in answer.text
    assert plan in ("", answer.plan)
