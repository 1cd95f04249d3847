"""Options of ranking, switched off one by one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from octavo.eval.benchmarks import ablate, cuts
from tests.conftest import make_pdf
from tests.eval.test_datasets import write


def test_tables_name_each_option_and_each_cut(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "question": "What was capital expenditure in 2018?", "doc": "pdfs/a.pdf", "gold_pages": [1]}
        | {"gold_layouts": [{"page": 1, "bbox": [60, 118, 535, 150], "page_size": [595, 842]}]},
        {"id": "b", "question": "How many people work on the night shift?", "doc": "pdfs/a.pdf", "gold_pages": [0, 2]},
    ]
    write(tmp_path, *rows)
    make_pdf(tmp_path / "pdfs" / "a.pdf")
    told = ablate.report([tmp_path], tmp_path / "libraries")
    assert "1 questions with gold boxes" in told
    assert all(f"| {name} | " in told for name in ablate.OFF)
    assert "| 3 documents, weighted | 0.750, +0.000" in told
    assert (tmp_path / "libraries" / tmp_path.name).is_dir()
    first_three = re.search(r"\| first 3 \| 3\.00 \| (\S+) \| (\S+) \| \+0% \|", told)
    assert first_three
    assert first_three.groups() == ("1.000", "3.00")


def test_a_mixture_of_alike_scores_or_of_few_keeps_them_all() -> None:
    assert cuts.mixture(np.array([1.0, 0.5]), 20) == 2
    assert cuts.mixture(np.zeros(6), 20) == 6


def test_a_single_page_has_no_gap() -> None:
    assert cuts.gap(np.array([1.0]), 10) == 1
    assert cuts.gap(np.array([3.0, 2.0, 1.0, -9.0]), 2) == 1
