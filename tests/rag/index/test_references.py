"""Documents that a question names: found first, where there are many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from octavo.rag import Pipeline
from octavo.rag.index.references import agreements
from octavo.rag.query.question import parse_query
from tests.conftest import make_pdf

WORDS = ("savings", "current", "trading", "pension", "escrow", "joint")
COMPANIES = ("Northlight Observatory", "Brightwater Harbour", "Quillfeather Press")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """Annual reports that differ in the company's name and a few figures."""
    folder = tmp_path_factory.mktemp("reports")
    for n, name in enumerate(COMPANIES):
        pages = (
            ("Overview", f"{name} had a good year. The board thanks the staff of {name} for their work."),
            ("Revenue", f"Revenue rose to {n + 3},210 million crowns. {name} sold more in every region."),
            ("Dividend", f"The dividend is {n + 2} crowns a share. {COMPANIES[n - 1]} is mentioned here once."),
        )
        make_pdf(folder / f"{n}.pdf", pages)
    with Pipeline(folder / "library") as pipeline:
        pipeline.ingest(folder)
        yield pipeline


@pytest.mark.parametrize(("n", "name"), list(enumerate(COMPANIES)))
def test_pages_of_the_document_that_is_named_come_first(reports: Pipeline, n: int, name: str) -> None:
    found = reports.search(f"How much revenue did {name} have?", k=9)
    assert (found[0].name, found[0].page) == (f"{n}.pdf", 1)
    assert len({hit.name for hit in found}) == 3  # the others are still looked at


def test_a_document_is_about_the_names_that_run_through_it(reports: Pipeline) -> None:
    found = reports.index.affinities(["northlight"])
    names = {info.id: info.name for info in reports.documents()}
    assert {names[document]: share for document, share in found.items()} == {
        "0.pdf": 1.0,
        "1.pdf": pytest.approx(2 / 3),
    }
    assert reports.index.affinities(["unheard"]) == reports.index.affinities([]) == {}


def test_a_page_number_is_looked_up_in_every_document(reports: Pipeline) -> None:
    found = reports.search("What is the dividend on page 3?", k=3)
    assert {hit.page for hit in found} == {2}


def test_a_page_is_found_by_what_is_printed_on_it(tmp_path: Path) -> None:
    notes = [(f"Note {n}", f"This note tells of the {word} account.") for n, word in enumerate(WORDS)]
    file = make_pdf(tmp_path / "filing.pdf", tuple(notes))
    with pymupdf.open(file) as document:
        for page, label in zip(document, ("iii", "iv", "v", "F-1", "F-2", "F-3"), strict=True):
            page.insert_text((290, 300), label)
        document.save(tmp_path / "numbered.pdf")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "numbered.pdf")
        for page_name, number in (("iv", 1), ("F-2", 4), ("6", 5)):
            assert pipeline.search(f"Which account does page {page_name} tell of?", k=1)[0].page == number


def test_words_of_the_query_language_in_a_name_are_only_words(reports: Pipeline) -> None:
    assert reports.search('What did "NEAR OR NOT" (Northlight*) AND Harbour sell?', k=1)


def test_the_report_of_the_year_comes_first(tmp_path: Path) -> None:
    """Each report repeats the figures of the two years before its own."""
    for year in range(2018, 2023):
        said = [
            f"In {y} Northlight Observatory had revenue of {y - 2000} million crowns."
            for y in range(year - 2, year + 1)
        ]
        make_pdf(
            tmp_path / f"{year}.pdf", (("Results", " ".join(said)), ("Outlook", f"{year} was good for Northlight."))
        )
    make_pdf(tmp_path / "other.pdf", (("Results", "In 2020 Quillfeather Press had revenue of 7 million crowns."),))
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path)
        for year in (2019, 2020, 2021):
            found = pipeline.search(f"What revenue did Northlight Observatory have in FY{year}?", k=3)
            assert (found[0].name, found[0].page) == (f"{year}.pdf", 0)


def test_certainty_of_pages_that_a_question_names(tmp_path: Path) -> None:
    """By number it means a page more surely than by a statement or by the regions that it holds."""
    rows = "2022 2021\nNet income 60 49\nDepreciation 20 19\nCapital expenditures (31) (28)"
    make_pdf(tmp_path / "filing.pdf", (("Talk", "Nothing."), ("Consolidated Statements of Cash Flows", rows)))
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "filing.pdf")
        document = pipeline.library.find("filing.pdf").id
        for question, named in (
            ("What was the free cash flow?", {f"{document}/p1": 1.0}),
            ("What is on page 1?", {f"{document}/p0": 2.0}),
            ("What was the free cash flow on page 1?", {f"{document}/p1": 1.0, f"{document}/p0": 2.0}),
            ("Who?", {}),
        ):
            assert pipeline.index.named_entries(parse_query(question), [document]) == named


LABELS = {
    "q1": "2023 Q1 ACME.pdf",
    "q3": "ACME_2022Q3_10Q.pdf Third Quarter 2022",
    "year": "annual.pdf Annual report 2022",
    "other": "2023 Q3 BOREALIS.pdf",
    "undated": "notes.pdf Notes",
}
ABOUT = {"q1": 0.9, "q3": 1.0, "year": 0.8, "other": 0.1}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Acme earn in Q1 2023?", {"q1": 1.0, "q3": 0.0, "year": 0.0, "other": 0.5}),
        ("What did Acme earn in FY2022?", {"q1": 0.0, "q3": 1.0, "year": 1.0, "other": 0.0}),
        ("Was Q3 2022 above Q1 2023?", {"q1": 1.0, "q3": 1.0, "year": 0.5, "other": 0.5}),
        ("What is in the latest 10-Q of Acme?", {"q1": 1.0, "q3": 0.0, "year": 0.0, "other": 0.5}),
        ("The latest 10-Q against previous ones?", {}),
        ("What did Acme earn?", {}),
    ],
)
def test_periods_of_documents_agree_with_that_of_the_question(question: str, expected: dict[str, float]) -> None:
    assert agreements(LABELS, parse_query(question), ABOUT) == expected
    assert agreements({"undated": "notes.pdf"}, parse_query(question), ABOUT) == {}


def test_the_filing_of_the_period_comes_first(tmp_path: Path) -> None:
    """Each filing says the same but for a figure, and names the other periods."""
    for period in ("2022 Q4", "2023 Q1", "2023 Q2"):
        text = f"Net sales of Northlight Observatory grew to {period[3:]} million crowns, as in 2022 and 2023."
        make_pdf(tmp_path / f"{period} NLO.pdf", (("Net sales", text), ("Outlook", "Northlight expects more.")))
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path)
        for asked, name in (
            ("in Q1 2023", "2023 Q1 NLO.pdf"),
            ("in the second quarter of 2023", "2023 Q2 NLO.pdf"),
            ("in the fourth quarter of fiscal 2022", "2022 Q4 NLO.pdf"),
            ("according to the latest report", "2023 Q2 NLO.pdf"),
        ):
            assert pipeline.search(f"What were net sales of Northlight Observatory {asked}?", k=1)[0].name == name
