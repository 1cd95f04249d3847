"""Ways to ask a library of one model by another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from octavo.eval.tried.commands import report_of_arguments
from octavo.eval.tried.projections import WAYS
from octavo.rag.embedding import unit
from tests.conftest import make_pdf
from tests.eval.test_datasets import write


@pytest.mark.parametrize("name", WAYS)
def test_each_way_finds_what_another_basis_of_the_same_space_means(name: str) -> None:
    source = np.random.default_rng(0)
    turn = np.linalg.qr(source.normal(size=(16, 16)))[0]
    old = unit((source.normal(size=(400, 16)) + 0.5).astype(np.float32))
    new = (old @ turn).astype(np.float32)
    mapped = unit(WAYS[name](new[:300], old[:300])(new[300:]).astype(np.float32))
    nearest = (mapped @ (old[300:] - old.mean(axis=0)).T).argmax(axis=1)
    assert np.mean(nearest == np.arange(100)) > 0.9


def test_each_way_has_a_row_below_the_library_that_is_embedded_anew(report_library: Path, tmp_path: Path) -> None:
    write(tmp_path, {"id": "q", "question": "Who works on the night shift?", "doc": "report.pdf", "gold_pages": [2]})
    make_pdf(tmp_path / "report.pdf")
    lines = report_of_arguments(["projections", str(tmp_path), str(report_library), str(report_library)]).splitlines()
    assert "1 questions" in lines[0]
    assert lines[1].startswith("embedded anew")
    assert len(lines) == 2 + len(WAYS)
