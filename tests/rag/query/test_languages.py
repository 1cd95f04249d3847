"""Questions in seven languages are read as English ones are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from octavo.ingest import Kind
from octavo.ingest.store.library import Library
from octavo.rag.index import Index
from octavo.rag.query.analysis import terms
from octavo.rag.query.language import languages, languages_of_pages
from octavo.rag.query.question import parse_query
from octavo.rag.query.rules import QueryRules
from octavo.rag.relevancy import MatchScorer, Reranker
from octavo.rag.retrieval.retriever import Retriever
from tests.rag import made

CODES = ("de", "en", "es", "fr", "it", "nl", "pt")


def test_seven_languages_are_filled() -> None:
    assert tuple(languages()) == CODES
    for language in languages().values():
        assert len(language.function) > 90
        assert len(language.numbers) == 20
        assert len(language.pages.ordinals) == 10
        assert len(language.regions.captions) >= 7
        assert min(len(language.instructions.starts), len(language.document.whole)) >= 8


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("Seite 5", (5,)),
        ("Was steht auf Seite fünf?", (5,)),
        ("Vergleiche die Seiten 3 bis 5", (3, 4, 5)),
        ("Was zeigen die Folien 2, 4 und 7?", (2, 4, 7)),
        ("Wer hat die letzte Seite unterschrieben?", (-1,)),
        ("Was steht auf der vorletzten Folie?", (-2,)),
        ("Was steht auf der zweiten Seite?", (2,)),
        ("Was steht auf der 3. Seite?", (3,)),
        ("Was steht auf der zweiten Seite von hinten?", (-2,)),
        ("Welches Logo ist auf der Titelseite?", (1,)),
        ("Was steht auf der Rückseite?", (-1,)),
        ("Was steht auf Seite F-3?", ("F-3",)),
        ("Was ist der Titel des Berichts?", (1,)),
        ("page cinq", (5,)),
        ("Que dit la page cinq ?", (5,)),
        ("Compare les pages 3 à 5", (3, 4, 5)),
        ("les diapositives 2, 4 et 7", (2, 4, 7)),
        ("Qui a signé la dernière page ?", (-1,)),
        ("Que montre l'avant-dernière diapositive ?", (-2,)),
        ("la 3ème page du rapport", (3,)),
        ("la deuxième page en partant de la fin", (-2,)),
        ("le logo sur la couverture", (1,)),
        ("Quel est le titre de ce document ?", (1,)),
        ("diapositiva 3", (3,)),
        ("¿Qué dice la página cinco?", (5,)),
        ("¿Qué muestran las páginas 3 a 5?", (3, 4, 5)),
        ("la última página del informe", (-1,)),
        ("la penúltima diapositiva", (-2,)),
        ("la tercera página", (3,)),
        ("el logotipo de la portada", (1,)),
        ("¿Cuál es el título del informe?", (1,)),
        ("Che cosa dice la pagina cinque?", (5,)),
        ("Che cosa mostrano le pagine da 3 a 5?", ()),
        ("le pagine 3 e 5 della relazione", (3, 5)),
        ("l'ultima pagina della relazione", (-1,)),
        ("la seconda diapositiva", (2,)),
        ("il logo sulla copertina", (1,)),
        ("Qual è il titolo della relazione?", (1,)),
        ("Wat staat er op pagina vijf?", (5,)),
        ("Wat staat er op dia 3?", (3,)),
        ("Wat staat er op de pagina's 3 tot en met 5?", (3, 4, 5)),
        ("de laatste pagina van het rapport", (-1,)),
        ("de 2e pagina van het rapport", (2,)),
        ("het logo op de omslag", (1,)),
        ("Wat is de titel van het rapport?", (1,)),
        ("O que diz a página cinco?", (5,)),
        ("as páginas 3 a 5 do relatório", (3, 4, 5)),
        ("a última página do relatório", (-1,)),
        ("o segundo slide da apresentação", (2,)),
        ("o logotipo na capa", (1,)),
        ("Qual é o título do relatório?", (1,)),
        ("o que aconteceu no dia 5?", ()),
        ("the 21st page of the report", (21,)),
        ("the third page from the end", (-3,)),
        ("the third to last page", (-3,)),
    ],
)
def test_pages_that_a_question_names(text: str, pages: tuple[int | str, ...]) -> None:
    assert parse_query(text).pages == pages


@pytest.mark.parametrize(
    ("text", "kinds", "references"),
    [
        ("Was zeigt Abbildung 3?", {Kind.FIGURE, Kind.CHART}, (("figure", "3"),)),
        ("Was steht in Tabelle 2.1?", {Kind.TABLE}, (("table", "2.1"),)),
        ("Que montre le tableau 4 ?", {Kind.TABLE}, (("table", "4"),)),
        ("¿Qué muestra la figura 3?", {Kind.FIGURE, Kind.CHART}, (("figure", "3"),)),
        ("Che cosa mostra la tabella 2?", {Kind.TABLE}, (("table", "2"),)),
        ("Wat toont figuur 3?", {Kind.FIGURE, Kind.CHART}, (("figure", "3"),)),
        ("O que mostra a tabela 2?", {Kind.TABLE}, (("table", "2"),)),
    ],
)
def test_figures_and_tables(text: str, kinds: set[Kind], references: tuple[tuple[str, str], ...]) -> None:
    query = parse_query(text)
    assert (query.kinds, query.references) == (kinds, references)


@pytest.mark.parametrize(
    ("text", "code", "content"),
    [
        ("Wie hoch war die Bruttomarge im Jahr 2022?", "de", ("bruttomarg", "jahr", "2022")),
        ("Wie hoch war der Umsatz? Bitte antworte in Millionen.", "de", ("umsatz",)),
        ("Quelle est la marge brute en 2022 ?", "fr", ("marg", "brut", "2022")),
        ("Quel est le montant de l'abonnement ? Veuillez répondre en euros.", "fr", ("mont", "abon")),
        ("¿Cuál fue el margen bruto en 2022? Responde con un número.", "es", ("marg", "brut", "2022")),
        ("Qual è stato il margine lordo dell'azienda nel 2022?", "it", ("margin", "lord", "azi", "2022")),
        ("Wat was de brutomarge in 2022?", "nl", ("brutomarg", "2022")),
        ("Qual foi a margem bruta em 2022?", "pt", ("marg", "brut", "2022")),
    ],
)
def test_content_words_are_stemmed_and_function_words_are_none(text: str, code: str, content: tuple[str, ...]) -> None:
    query = parse_query(text)
    assert (query.language, query.terms) == (code, content)
    assert query.years == ((2022,) if "2022" in text else ())


@pytest.mark.parametrize(
    "text",
    [
        "Wie viele Tabellen enthält der Bericht?",
        "Combien de tableaux contient le rapport ?",
        "¿Cuántas tablas contiene el informe?",
        "Quante tabelle contiene la relazione?",
        "Hoeveel tabellen bevat het rapport?",
        "Quantas tabelas contém o relatório?",
    ],
)
def test_a_question_of_nothing_but_kinds(text: str) -> None:
    query = parse_query(text)
    assert query.all_of_kind
    assert query.kinds == {Kind.TABLE}
    assert not parse_query(text, QueryRules(regions=False)).all_of_kind


def test_an_apostrophe_does_not_hide_the_word_behind_it() -> None:
    assert terms("l'abonnement", language="fr") == terms("abonnement", language="fr")
    assert terms("dell’azienda", language="it") == terms("azienda", language="it")
    assert terms("aujourd'hui", language="fr") == ["aujourd"]


def test_pages_of_a_document_have_their_own_languages() -> None:
    german = "Das ist der Bericht, und er ist für die Bürger der Stadt und nicht für das Land."
    english = "This is the report, and it is for the people of the city and not for the country."
    assert languages_of_pages([german, english, "Umsatz 2022: 412"]) == ["de", "en", "en"]
    assert languages_of_pages([german, german, english, "412"]) == ["de", "de", "en", "de"]
    assert languages_of_pages(["売上高", ""]) == ["en", "en"]
    assert languages_of_pages([]) == []


GERMAN = (
    "Die Häuser der Stadt sind alt, und das Rathaus ist das älteste von ihnen.",
    "Der Fluss ist breit, und die Brücken über ihn sind für die Züge der Bahn.",
    "Es ist ein Markt auf dem Platz, und er ist an jedem Tag der Woche offen.",
)
ENGLISH = (
    "The harbour of the city is old, and the lighthouse is the oldest part of it.",
    "There is a market on the square, and it is open on each day of the week.",
    "The trains of Borealis Services are on time, and that is the news of the day.",
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Library(tmp_path / "library") as library:
        opened = Index(library, made.HashEmbedding())
        for name, texts in (("stadt.pdf", GERMAN), ("city.pdf", ENGLISH)):
            opened.add(made.document(library, name, *texts), f"/made/{name}")
        yield opened
        opened.close()


def best(index: Index, question: str) -> tuple[str, int]:
    query = parse_query(question)
    ranked = Reranker(MatchScorer(index)).rank(query, Retriever(index).retrieve(query))
    return ranked[0].name, ranked[0].entry.page


@pytest.mark.parametrize(
    ("question", "name", "page"),
    [
        ("Welche Brücke gibt es über den Fluss?", "stadt.pdf", 1),  # Brücken on the page
        ("Wie alt ist das Haus?", "stadt.pdf", 0),  # Häuser on the page
        ("How old are the lighthouses?", "city.pdf", 0),
        ("Sind die Züge von Borealis Services pünktlich?", "city.pdf", 2),  # stemmed as in English there
    ],
)
def test_the_stems_follow_question_and_page(index: Index, question: str, name: str, page: int) -> None:
    assert index.stem_languages() == ("en", "de")
    assert best(index, question) == (name, page)


def test_a_page_that_is_named_in_german(index: Index) -> None:
    assert best(index, "Was steht auf Seite 3 von stadt?")[1] == 2


def test_terms_of_entries_say_their_language(index: Index) -> None:
    document = index.library.find("stadt.pdf").id
    entry = index.terms([f"{document}/p0"])[f"{document}/p0"]
    assert entry.language == "de"
    assert "haus" in entry.text
    assert parse_query("the houses").terms_in("de") == ("hous",)
