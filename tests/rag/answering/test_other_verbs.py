"""Questions that say with another verb what the text says, in the seven languages, and what stays unanswered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

TEXTS = {
    "en.md": """# Almond Lane Allotments, spring letter

The old pavilion was refurbished by Harlow Joinery in March.
The committee laid off the gardener, Piers Nolan, in April.
""",
    "de.md": """# Ruderverein Seebach, Mitteilungen

Die Boote wurden von der Werft Ahlers vermietet.
Beschädigte Ruder werden den Mitgliedern mit 40 Euro entschädigt.
""",
    "fr.md": """# Comité des fêtes de Marnay

La fanfare a été embauchée par le comité en février.
Le chapiteau est loué à la société Tarroux pour 310 euros.
""",
    "es.md": """# Cooperativa de Villanueva, boletín

El tejado fue reparado en mayo por la empresa Cubiertas Lorca.
La asamblea nombró gerente a Inés Robledo.
""",
    "it.md": """# Consorzio delle mele di Arsio

Per la fioritura sono state affittate 90 arnie dall'apicoltore Duilio Conti.
Il magazzino è stato ristrutturato nel 2019 dall'impresa Zeni.
""",
    "nl.md": """# Zeilclub De Kreek, nieuwsbrief

De steiger is in maart hersteld door aannemer Bakker.
Bij schade wordt 75 euro vergoed aan de eigenaar.
""",
    "pt.md": """# Rancho de Vilar, notícias

O palco foi alugado à empresa Sonorte por 280 euros.
A sede foi remodelada em 2021 pela construtora Lemos.
""",
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline_over(tmp_path_factory.mktemp("verbs"), TEXTS) as pipeline:
        yield pipeline


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who renovated the old pavilion?", "Harlow Joinery"),
        ("Which gardener did the committee dismiss?", "Piers Nolan"),
        ("Von wem wurden die Boote verliehen?", "Ahlers"),
        ("Wie viel Entschädigung gibt es für beschädigte Ruder?", "40 Euro"),
        ("Qui a recruté la fanfare ?", "comité"),
        ("À quel prix le chapiteau a-t-il été donné en location ?", "310 euros"),
        ("¿Quién arregló el tejado?", "Lorca"),
        ("¿A quién designaron gerente?", "Robledo"),
        ("Da chi sono state noleggiate le arnie?", "Duilio Conti"),
        ("Chi ha restaurato il magazzino?", "Zeni"),
        ("Wie heeft de steiger gerepareerd?", "Bakker"),
        ("Wie repareert de steiger?", "Bakker"),
        ("Hoeveel schadevergoeding krijgt de eigenaar bij schade?", "75 euro"),
        ("A quem foi arrendado o palco?", "Sonorte"),
        ("Quem renovou a sede?", "Lemos"),
    ],
)
def test_another_verb_finds_what_the_text_says(pipeline: Pipeline, question: str, said: str) -> None:
    assert said in pipeline.ask(question).text


@pytest.mark.parametrize(
    "question",
    [
        "Wer hat die Boote gestrichen?",
        "Qui a photographié la fanfare ?",
        "¿Quién vendió el tejado?",
        "Chi ha venduto le arnie?",
        "Wie heeft de steiger geschilderd?",
        "Quem desenhou o palco?",
        "Who discovered penicillin?",
        "Wann wurde die Mondlandung übertragen?",
        "Quem ganhou a corrida de camelos?",
    ],
)
def test_a_verb_of_another_meaning_answers_nothing(pipeline: Pipeline, question: str) -> None:
    assert pipeline.ask(question).abstained, pipeline.ask(question).text
