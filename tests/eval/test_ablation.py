"""Ablation of the rules about questions."""

from __future__ import annotations

from pathlib import Path

from octavo.eval.ablation import ALL_ON, Ablation, ablate, table
from octavo.rag.query.rules import QueryRules
from tests.conftest import make_pdf
from tests.eval.test_datasets import write


def test_a_rule_that_finds_the_page_is_missed_where_it_is_off(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "question": "What stands on page 3?", "doc": "pdfs/a.pdf", "gold_pages": [2]}
        | {"gold_layouts": [{"page": 2, "bbox": [60, 118, 535, 150], "page_size": [595, 842]}]},
        {"id": "b", "question": "What was capital expenditure?", "doc": "pdfs/a.pdf", "gold_pages": [1]},
    ]
    write(tmp_path, *rows)
    make_pdf(tmp_path / "pdfs" / "a.pdf")
    found = ablate(tmp_path, tmp_path / "library")
    assert found.documents == ("pdfs/a.pdf",) * 2
    assert set(found.within) == set(found.across) == {ALL_ON, *QueryRules.model_fields}
    assert [recalls[0] for recalls in found.within[ALL_ON]] == [1.0, 1.0]
    assert found.within["pages"][0][0] == 0.0
    assert found.within["pages"][1] == found.within[ALL_ON][1]
    assert len(found.layout[ALL_ON]) == 1


def test_the_table_marks_what_a_rule_changes() -> None:
    same = {rule: [(1.0, 1.0, 1.0)] for rule in QueryRules.model_fields}
    within = {ALL_ON: [(1.0, 1.0, 1.0)], **same, "years": [(0.0, 0.5, 1.0)]}
    lines = table([Ablation("own", ("a.pdf",), within, {}, {})]).splitlines()
    assert lines[0].endswith("| own within |")
    assert lines[2] == "| none | 1.000 / 1.000 / 1.000 |"
    assert "| years | **.000 / .500 / 1.000** |" in lines
    assert "| names | 1.000 / 1.000 / 1.000 |" in lines
