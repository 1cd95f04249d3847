"""Questions about what stands on a named page, how often a word stands in a document, and what a deck is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from octavo.rag import Pipeline, Scope

LETTER = [
    ["Court of Larkfield", "Exhibit P-10 was filed by the applicant on 8 February 2021.", "Exhibit P-10 is a letter."],
    [
        "Notice",
        "This notice was served on 12 March 2021 and answered on 15 March 2021.",
        "Write to clerk@larkfield.example or call 0151 4960 112.",
        "The office of Tanaka Law has the fax number 0151 4960 998.",
    ],
    ["Annex", "The reply quotes Exhibits P-10 and P-11 once more."],
    [],
    ["Receipt of the clerk", "The clerk counted the seals on 2 May 2021.", "The fee of the clerk was 40 pounds."],
]
DECK = [
    ["", "Salt Marsh Drainage", "Mira Tanaka"],
    ["Pumps", "Two pumps run at night. The term HIT stands here; a hit is no HIT."],
]


def draw(path: Path, pages: list[list[str]], sizes: tuple[int, ...] = (20, 11)) -> None:
    with pymupdf.open() as document:
        for lines in pages:
            page = document.new_page()
            for n, line in enumerate(lines):
                page.insert_text((72, 90 + 60 * n), line, fontsize=sizes[min(n, len(sizes) - 1)])
        document.save(path)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("pages")
    draw(folder / "letter.pdf", LETTER)
    draw(folder / "deck.pdf", DECK, (11,))
    with Pipeline(folder / "library") as opened:
        list(opened.ingest(folder))
        yield opened


@pytest.mark.parametrize(
    ("document", "question", "parts", "plan"),
    [
        ("letter.pdf", "Which dates are mentioned on page 2?", ["12 March 2021:", "15 March 2021:"], "page_values"),
        ("letter.pdf", "Format the date mentioned on page 1 as YYYY-MM-DD.", ["2021-02-08: “"], "page_values"),
        ("letter.pdf", "What is the email address on the second page?", ["clerk@larkfield.example:"], "page_values"),
        ("letter.pdf", "What is the fax number of Tanaka Law on page two?", ["0151 4960 998:"], "page_values"),
        ("letter.pdf", "Welches Datum steht auf Seite 1?", ["8 February 2021:"], "page_values"),
        ("letter.pdf", "What date is mentioned on page 4?", ["2 May 2021:"], "page_values"),
        ("letter.pdf", "What fee does the clerk take on page 5?", ["40 pounds"], "lookup"),
        ("letter.pdf", "What is the title of page 5?", ["“Receipt of the clerk”"], "part_names"),
        ("letter.pdf", "How many times is Exhibit P-10 mentioned?", ["3 times", "pages 1 and 3"], "occurrences"),
        ("deck.pdf", 'How many times does "HIT" appear?', ["2 times in deck.pdf, on page 2"], "occurrences"),
        ("letter.pdf", "Wie oft kommt Exhibit P-10 im Schreiben vor?", ["3 times"], "occurrences"),
        ("deck.pdf", "What is the title of the slides?", ["Salt Marsh Drainage"], "whole"),
        ("deck.pdf", "Who is the presenter of this slide?", ["Mira Tanaka"], "whole"),
    ],
)
def test_what_stands_on_pages_is_answered(
    pipeline: Pipeline, document: str, question: str, parts: list[str], plan: str
) -> None:
    answer = pipeline.ask(question, scope=Scope(documents=(document,)))
    assert (answer.plan, answer.abstained) == (plan, False), answer.text
    assert [part for part in parts if part not in answer.text] == []
    assert answer.citations[0].boxes


@pytest.mark.parametrize(
    "question",
    ["Which dates are mentioned on page 3?", "How many times is Exhibit Q-7 mentioned?", "How often does it rain?"],
)
def test_what_does_not_stand_there_is_not(pipeline: Pipeline, question: str) -> None:
    answer = pipeline.ask(question, scope=Scope(documents=("letter.pdf",)))
    assert answer.plan not in ("page_values", "occurrences")


def test_a_page_that_is_named_is_quoted_before_others_that_say_more(pipeline: Pipeline) -> None:
    answer = pipeline.ask(
        "On page 3, what does the reply quote about Exhibit P-10?", scope=Scope(documents=("letter.pdf",))
    )
    assert answer.text.startswith("“The reply quotes Exhibits P-10 and P-11 once more.”")


def test_headings_that_a_sentence_announces_are_a_list(tmp_path: Path) -> None:
    lines = [("Choir of Orme", 20), ("The choir rehearses in three groups:", 11)]
    for name in ("Matins", "Vespers", "Compline"):
        lines += [
            (name, 15),
            (f"This group of the choir meets once a week for {name.lower()} and has its own leader.", 11),
        ]
    with pymupdf.open() as document:
        page = document.new_page()
        for n, (text, size) in enumerate(lines):
            font = "hebo" if size > 11 else "helv"
            page.insert_text((72, 90 + 40 * n), text, fontsize=size, fontname=font)
        document.save(tmp_path / "choir.pdf")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "choir.pdf")
        answer = pipeline.ask("Which groups does the choir rehearse in?")
    assert answer.plan == "lists"
    assert "in three groups:\n- Matins\n- Vespers\n- Compline" in answer.text
