"""Short codes that were tried: what they find on vectors that are made for it, and the report on a library."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from octavo.eval.tried import codes
from octavo.eval.tried.commands import report_of_arguments
from octavo.rag.embedding import unit
from tests.conftest import make_pdf


@pytest.fixture(scope="module")
def data() -> codes.Coded:
    """Entries that spread along 8 directions of 64, half of them with a heading: the same seen from another side."""
    source = np.random.default_rng(1)
    spread = source.normal(size=(500, 8))
    rows = unit((spread @ source.normal(size=(8, 64)) + 2).astype(np.float32)).astype(np.float64)
    texts = unit((spread @ source.normal(size=(8, 64)) + 1).astype(np.float32)).astype(np.float64)
    paired = np.arange(0, 500, 2)
    return codes.Coded(rows, paired, texts[paired], rows[:50], texts[1:100:2])


def nearest_share(data: codes.Coded, code: codes.Code) -> float:
    exact = np.argsort(-(data.queries @ data.rows.T), axis=1)[:, :10]
    queries, _, rows = code(data, 8)
    return codes._overlap(exact, np.argsort(-(queries @ rows.T), axis=1)[:, :60])


@pytest.mark.parametrize("code", [codes.iterative_quantization, codes.embedded_relations])
def test_learned_signs_find_more_than_the_first_ones(data: codes.Coded, code: codes.Code) -> None:
    assert nearest_share(data, code) > nearest_share(data, codes.first_signs) + 0.1


def test_a_heading_that_is_seen_from_another_side_finds_its_entry_by_embedded_relations(data: codes.Coded) -> None:
    own = np.arange(1, 100, 2)

    def mean_rank(code: codes.Code) -> float:
        _, questions, rows = code(data, 8)
        order = np.argsort(-(questions @ rows.T), axis=1)
        return float(np.mean([list(line).index(n) for line, n in zip(order, own, strict=True)]))

    assert mean_rank(codes.embedded_relations) < 60
    assert mean_rank(codes.iterative_quantization) > 150


def test_the_report_has_a_row_for_each_code(report_library: Path, tmp_path: Path) -> None:
    make_pdf(tmp_path / "report.pdf")
    row = {"id": 1, "question": "Who works on the night shift?", "doc": "report.pdf", "gold_pages": [2]}
    (tmp_path / "queries.jsonl").write_text(json.dumps(row))
    lines = report_of_arguments(["codes", str(report_library), str(tmp_path)]).splitlines()
    assert "1 questions" in lines[0]
    assert lines[1].endswith("page recall@5 1.000")
    bits = [bits for bits in codes.BITS if bits <= 256]
    assert [line.split()[1] for line in lines[2:]] == [code.__name__ for _ in bits for code in codes.CODES]
    assert len(report_of_arguments(["codes", str(report_library)]).splitlines()) == 1 + len(bits) * len(codes.CODES)
