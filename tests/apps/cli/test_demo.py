"""`octavo demo`: documents, five questions, drawn pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from octavo.apps import samples
from octavo.apps.cli import demo
from octavo.apps.samples import QUESTIONS
from tests.apps.cli.command import octavo
from tests.conftest import REPORT, make_pdf

SHOWN = """\
1 added: 1 page in … s, … pages/s

What was capital expenditure in 2018?
“Capital expenditure in 2018 was 1,577 million crowns. Revenue rose to 4,210 million crowns.” [1]

Quoted from the documents; no model wrote this.

  [1] report.pdf, page 1, box 60 120 512 135
  cited page: FOLDER/answer-1.png

How many visitors came to the planetarium?
Nothing found that answers this: “visitors”, “planetarium” stands nowhere near what was found. Looked at 1 passages; \
the nearest is report.pdf, page 1.
  0.48  report.pdf, page 1

2 of 2 came out as they should; one of them has no answer in the documents.

What to try next
  look at a cited page      FOLDER/answer-1.png
  ask a question            octavo ask "How much is the loan's rate of interest?" --library FOLDER/library
  read your own documents   octavo ingest PATH --library FOLDER/library
  open the chat             octavo chat --library FOLDER/library
"""


def test_a_document_is_read_asked_and_its_cited_page_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = (
        ("What was capital expenditure in 2018?", "1,577"),
        ("How many visitors came to the planetarium?", None),
    )
    folder = tmp_path / "demo"
    folder.mkdir()
    monkeypatch.setattr(demo, "copy_samples", lambda into: [make_pdf(folder / "report.pdf", REPORT[1:2])])
    for module in (demo, samples):
        monkeypatch.setattr(module, "QUESTIONS", questions)
    done = octavo("demo", folder, COLUMNS="200")
    shown = re.sub(r"\d+\.\d (s|pages)", r"… \1", done.stdout).replace(str(folder), "FOLDER")
    assert shown == SHOWN, done.stderr
    with Image.open(folder / "answer-1.png") as page:
        assert min(page.size) > 500


@pytest.mark.slow
def test_the_demo_comes_out_as_it_should(tmp_path: Path) -> None:
    done = octavo("demo", tmp_path / "demo")
    assert done.returncode == 0, done.stderr
    assert "5 of 5 came out as they should" in done.stdout
    for question, expected in QUESTIONS:
        assert question in done.stdout
        assert expected is None or expected in done.stdout
    assert f"octavo chat --library {tmp_path / 'demo' / 'library'}" in " ".join(done.stdout.split())
    drawn = sorted((tmp_path / "demo").glob("answer-*.png"))
    assert len(drawn) == 4
    for path in drawn:
        with Image.open(path) as page:
            assert min(page.size) > 500
