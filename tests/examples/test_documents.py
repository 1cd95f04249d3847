"""The sample documents: what they hold, that they are drawn the same each time, and that the package ships them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image
from pptx import Presentation

from examples.documents import report
from examples.documents.__main__ import draw
from examples.documents.slides import SLIDES
from octavo.apps.samples import QUESTIONS, copy_sample, copy_samples
from octavo.ingest import ReadOptions
from octavo.ingest.ocr import read_words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the documents, freshly drawn, the deck both as PPTX and as PDF."""
    folder = tmp_path_factory.mktemp("demo")
    draw(folder)
    return folder


def page_texts(path: Path) -> list[str]:
    with pymupdf.open(path) as document:
        return [page.get_text() for page in document]


@pytest.mark.slow
def test_documents_are_the_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    for path in draw(tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", ["report.pdf", "scan.pdf", "deck.pdf", "deck.pptx"])
def test_the_samples_of_the_package_are_these_documents(folder: Path, tmp_path: Path, name: str) -> None:
    sample = copy_sample(name, tmp_path / "new")
    if name == "deck.pptx":
        assert texts(sample) == texts(folder / name)
        return
    with pymupdf.open(sample) as shipped, pymupdf.open(folder / name) as drawn:
        assert [page.get_text() for page in shipped] == [page.get_text() for page in drawn]
        for one, other in zip(shipped, drawn, strict=True):
            pixels = [np.frombuffer(page.get_pixmap(dpi=40).samples, np.uint8).astype(int) for page in (one, other)]
            assert np.abs(pixels[0] - pixels[1]).mean() < 1


def texts(path: Path) -> list[list[str]]:
    slides = Presentation(str(path)).slides
    shapes = [[*slide.shapes, *slide.notes_slide.shapes] for slide in slides]
    return [[shape.text_frame.text for shape in each if shape.has_text_frame] for each in shapes]


@pytest.mark.parametrize(("office", "name"), [("/usr/bin/soffice", "deck.pptx"), (None, "deck.pdf")])
def test_the_deck_is_a_pdf_where_no_office_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office: str | None, name: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: office)
    copied = copy_samples(tmp_path / "new" / "folder")
    assert [path.name for path in copied] == ["report.pdf", "scan.pdf", name]
    assert sorted(copied) == sorted((tmp_path / "new" / "folder").iterdir())


def test_page_counts(folder: Path) -> None:
    counts = {name: len(page_texts(folder / name)) for name in ("report.pdf", "scan.pdf", "deck.pdf")}
    assert counts == {"report.pdf": 6, "scan.pdf": 1, "deck.pdf": 5}


@pytest.mark.parametrize("name", ["report.pdf", "deck.pdf"])
def test_no_text_runs_off_its_page_or_over_other_text(folder: Path, name: str) -> None:
    with pymupdf.open(folder / name) as document:
        for page in document:
            lines = [
                (pymupdf.Rect(line["bbox"]), line["spans"][0]["size"])
                for block in page.get_text("dict")["blocks"]
                for line in block.get("lines", ())
            ]
            for box, _ in lines:
                assert page.rect.contains(box)
            for n, (box, size) in enumerate(lines):
                for other, other_size in lines[n + 1 :]:
                    shared = box & other
                    assert shared.is_empty or shared.height < 0.5 * min(size, other_size), (page.number, box, other)


def test_the_report_has_a_ruled_table_a_chart_and_a_figure_with_captions(folder: Path) -> None:
    texts = page_texts(folder / "report.pdf")
    assert "Table 1" in texts[2]
    assert "Capital expenditure\n4.9\n6.2\n11.8\n17.3\n15.8" in texts[2]
    assert all(text in texts[3] for text in ("Figure 1", "nights", "North Dome", "South Dome", "142"))
    assert all(text in texts[4] for text in ("Figure 2", "Spectrograph, kept at 12.5 °C"))
    assert all("Annual report 2018" in text for text in texts[1:])
    assert all(f"\n{mark} " in text for mark, text in (("¹", texts[2]), ("²", texts[2]), ("³", texts[5])))
    with pymupdf.open(folder / "report.pdf") as document:
        assert not any(page.get_images() for page in document)
        assert len(document[2].find_tables().tables) == 1


def test_a_paragraph_of_the_report_goes_on_across_a_page_break(folder: Path) -> None:
    texts = page_texts(folder / "report.pdf")
    body = texts[5].split("6\n", 1)[1]
    assert not texts[4].rstrip().endswith(".")
    assert body[0].islower()


def test_the_figures_of_the_report_add_up() -> None:
    table = {name: [float(cell.replace(",", "")) for cell in row] for name, *row in report.FIGURES[1:]}
    parts = zip(table["of which observing time"], table["of which grants"], strict=True)
    assert table["Revenue"] == [pytest.approx(a + b) for a, b in parts]
    results = zip(table["Revenue"], table["Operating cost"], strict=True)
    assert table["Operating result"] == [pytest.approx(a - b) for a, b in results]
    loans = [0.0, 0.0, 12.0, 0.0]
    for n, (before, after) in enumerate(pairwise(table["Cash at year end²"])):
        flow = table["Operating result"][n + 1] - table["Capital expenditure"][n + 1] + loans[n]
        assert after == pytest.approx(before + flow)


def test_the_budget_of_the_deck_adds_up_and_begins_where_the_report_ends() -> None:
    [(head, *rows, total)] = [slide.table for slide in SLIDES if slide.table]
    for column in range(1, len(head)):
        assert float(total[column]) == pytest.approx(sum(float(row[column]) for row in rows))
    assert total[1] == {name: row for name, *row in report.FIGURES}["Operating cost"][-1]


@pytest.mark.slow
def test_the_scan_is_a_picture_without_text_that_can_be_read(folder: Path) -> None:
    with pymupdf.open(folder / "scan.pdf") as document:
        page = document[0]
        assert page.get_text().strip() == ""
        assert len(page.get_images()) == 1
        pixels = page.get_pixmap(dpi=110)
        image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    said = " ".join(word.text for word in read_words(image, ReadOptions())).replace(" ", "").lower()
    assert "torqueof85nm" in said
    assert "inspectionrecord" in said


def test_the_deck_is_wide_and_has_a_native_table_and_chart_notes_and_one_hidden_slide(folder: Path) -> None:
    presentation = Presentation(str(folder / "deck.pptx"))
    slides = list(presentation.slides)
    assert len(slides) == 6
    assert presentation.slide_width / presentation.slide_height == pytest.approx(16 / 9)
    shapes = [shape for slide in slides for shape in slide.shapes]
    assert sum(shape.has_table for shape in shapes) == 1
    assert sum(shape.has_chart for shape in shapes) == 1
    assert all(slide.notes_slide.notes_text_frame.text for slide in slides)
    assert [slide.element.get("show") for slide in slides] == [None] * 5 + ["0"]


def test_the_deck_as_a_pdf_says_the_same_without_the_hidden_slide(folder: Path) -> None:
    said = " ".join(" ".join(page_texts(folder / "deck.pdf")).split())
    for slide in SLIDES:
        assert (slide.title in said) is not slide.hidden
        assert (slide.notes in said) is not slide.hidden


def test_importing_the_samples_loads_nothing_heavy() -> None:
    heavy = {"pymupdf", "pptx", "PIL", "octavo.rag", "octavo.ingest"}
    code = f"import sys, octavo.apps.samples; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["deck.pptx", "deck.pdf"])
def test_the_questions_come_out_as_they_should(folder: Path, tmp_path: Path, name: str) -> None:
    from octavo.rag import Pipeline

    if name == "deck.pptx" and shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    with Pipeline(tmp_path / "library") as pipeline:
        done = pipeline.ingest(folder / "report.pdf", folder / "scan.pdf", folder / name)
        assert [one.status for one in done] == ["added"] * 3
        for question, expected in QUESTIONS:
            answer = pipeline.ask(question)
            assert answer.abstained if expected is None else expected in answer.text, question
