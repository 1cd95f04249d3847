"""Concepts of the user's own, measured on cases made from a data set."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from octavo.eval.concepts import VARIANTS, evaluate, table
from octavo.ingest import OctavoError
from octavo.rag import Pipeline, Settings
from octavo.rag.images import encode_image
from tests.eval.test_datasets import write
from tests.rag.concepts.test_concepts import drawing


def make_set(folder: Path) -> None:
    """A report with a figure on each of two pages, and a question that names something of it."""
    folder.mkdir()
    with pymupdf.open() as document:
        for n, text in enumerate(("Larkfield Press costs 48,200 crowns.", "Moorend Mill costs 31,500 crowns.")):
            page = document.new_page(width=595, height=842)
            page.insert_text((60, 90), text, fontsize=12)
            page.insert_image((120, 150, 480, 510), stream=encode_image(drawing(n + 1), lossless=True))
        document.save(folder / "report.pdf")
    question = {"id": "a", "question": "What does the Larkfield Press cost?", "doc": "report.pdf", "gold_pages": [0]}
    write(folder, question)


def test_names_and_pictures(tmp_path: Path) -> None:
    make_set(tmp_path / "set")
    report = evaluate(tmp_path / "set", library=tmp_path / "library", figures=1)
    means = {name: value.mean for name, value in report.means.items()}
    assert means["names: concept recalled"] == 1
    assert means["names: another concept recalled"] == 0
    assert means["names, page recall@1: the user's name, with concepts"] == 1
    assert means["pictures: another concept recalled"] == 0
    assert means["pictures: concept recalled"] == 1
    assert len(report.cases) == 1 + 2 * len(VARIANTS)
    assert "names: concept recalled" in table(report)
    with Pipeline(Settings(library=tmp_path / "library")) as pipeline:
        assert pipeline.concepts.all() == []  # they were added to a copy


def test_places_of_a_name_are_linked_to_the_concept_that_is_meant(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "birds.html").write_text(
        "<p>The Kestrel is a bird of prey that breeds in church towers and catches mice.</p><h2>Food</h2>"
        "<p>Mice are what a Kestrel catches from its tower, as other birds of prey do.</p>"
    )
    (tmp_path / "set" / "budget.html").write_text(
        "<p>Invoices are approved by the finance department within thirty days of the quarterly budget.</p>"
    )
    question = {"id": "a", "question": "Where does the Kestrel breed?", "doc": "birds.html", "gold_pages": [0]}
    write(tmp_path / "set", question, question | {"id": "b", "question": "Who approves?", "doc": "budget.html"})
    report = evaluate(tmp_path / "set", figures=1)
    means = {name: value.mean for name, value in report.means.items() if name.startswith("links")}
    assert means == {
        "links: the concept meant before another of its name": 1,
        "links: places of the concept linked": 1,
        "links: places of no concept left out": 1,
    }
    [case] = [case for case in report.cases if "meant" in case]
    assert case["name"] == "Kestrel"


def test_a_set_without_cases(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "note.txt").write_text("Rain fell in spring.")
    write(tmp_path / "set", {"id": "a", "question": "when did it rain?", "doc": "note.txt", "gold_pages": [0]})
    with pytest.raises(OctavoError, match="neither questions with names nor figures"):
        evaluate(tmp_path / "set")
