"""Ablation of plans: what a plan answers is answered by others, or not at all, where it is off."""

from __future__ import annotations

import json
from pathlib import Path

from octavo.eval.plans import ALL_ON, ablate, table
from octavo.rag.settings import PlanOptions

SALES = """# Mirrors

The mirrors are ground in Ashby.

| Region | Orders |
|---|---|
| Chile | 14 |
| Spain | 22 |
"""


def test_each_plan_is_missed_where_it_alone_answers(tmp_path: Path) -> None:
    (tmp_path / "sales.md").write_text(SALES, encoding="utf-8")
    rows = [
        {"id": "a", "question": "How many more orders did Spain have than Chile?", "key": {"all": ["= 22 - 14"]}},
        {"id": "b", "question": "Where are the mirrors ground?", "key": {"all": ["Ashby"]}},
    ]
    lines = [json.dumps(row | {"docs": ["sales.md"]}) for row in rows]
    (tmp_path / "queries.jsonl").write_text("\n".join(lines), encoding="utf-8")
    results = {result.off: result for result in ablate(tmp_path, library=tmp_path / "library")}
    assert list(results) == [ALL_ON, *PlanOptions.model_fields]
    assert results[ALL_ON].count("right") == 4
    assert results["compute"].answered == results["lookup"].answered == 2
    assert results["compute"].count("right") == results["lookup"].count("right") == 2
    assert results["summary"].rows == results[ALL_ON].rows
    lines = table(list(results.values())).splitlines()
    assert lines[2] == "| none |  | 4 | 0 | 0 | 0 |"
    assert "| summary | 0 | 4 | 0 | 0 | 0 |" in lines
    assert any(line.startswith("| compute | 2 | **2** |") for line in lines)
