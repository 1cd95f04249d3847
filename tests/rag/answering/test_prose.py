"""Questions to prose: yes and no with conditions, what a text is about, sections of plain text, codes, languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

RULES = """# Rules of the boathouse

Hens may be kept, but no geese.

Dogs are welcome only on a lead.

Liquid soap can be used in the dryer, except with the short programme.

Visitors must wear a vest on the pontoon.

The Brisa DH-20 dryer holds four litres and stands 30 cm from the wall.

## Food

Bring your own lunch, as the kiosk sells ice cream and nothing else.
"""
MINUTES = """Minutes of the rowing council

The regatta takes place on 22 June.

7. REPAIRS ABROAD

The double scull goes to a yard in Bruges for new riggers.

8. REVIEW

The council looks at this list again in May.
"""
LETTER = "Sehr geehrte Frau Lang, das Boot ist da und die Ruder sind bei uns im Haus. Wir freuen uns auf den Besuch."


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    files = {"rules.md": RULES, "minutes.txt": MINUTES, "brief.txt": LETTER}
    with pipeline_over(tmp_path_factory.mktemp("boats"), files) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("May hens be kept?", "Yes: “Hens may be kept"),
        ("May geese be kept?", "No: “Hens may be kept, but no geese.”"),
        ("Are dogs welcome?", "Only under a condition: “Dogs are welcome only on a lead.”"),
        ("Are dogs on a lead welcome?", "Yes: “Dogs are welcome only on a lead.”"),
        ("Can liquid soap be used with the short programme?", "No: “Liquid soap"),
        ("Can liquid soap be used in the dryer?", "Yes: “Liquid soap"),
        ("Must visitors wear a vest?", "Yes: “Visitors must wear a vest"),
        ("What do the rules say under Food?", "**Food**"),
        ("What does section 7 of the rowing council's minutes say?", "7. REPAIRS ABROAD"),
        ("Which documents are not in English?", "brief.txt"),
    ],
)
def test_the_answer_begins_with(pipeline: Pipeline, question: str, said: str) -> None:
    assert said in pipeline.ask(question, threshold=0).text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("question", "plan"),
    [
        ("What was the rowing council's meeting about?", "summary"),
        ("Sum up the rules of the boathouse", "summary"),
        ("What did the rowing council say about the double scull?", "lookup"),
    ],
)
def test_what_a_document_is_about_is_a_summary(pipeline: Pipeline, question: str, plan: str) -> None:
    assert pipeline.ask(question, threshold=0).plan == plan


def test_the_parts_of_a_code_stand_together(pipeline: Pipeline) -> None:
    assert pipeline.ask("How much does the Brisa DH-30 dryer hold?").abstained
    assert "four litres" in pipeline.ask("How much does the Brisa DH-20 dryer hold?").text
