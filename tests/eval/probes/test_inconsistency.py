"""The probe of inconsistency: drawn reports, and numbers changed in the documents of a set."""

from __future__ import annotations

import json
from pathlib import Path

import pymupdf
import pytest

from octavo.eval.probes.drawn_reports import FAULT_KINDS, FaultKind, draw_report
from octavo.eval.runs.rows import read
from tests.apps.cli.command import octavo
from tests.eval.test_datasets import write

PAGE = """<html><body><h1>Mill</h1><table><tr><th>Item</th><th>2018</th></tr><tr><td>Flour sold</td><td>13,400</td></tr>
<tr><td>Bran sold</td><td>2,100</td></tr></table><p>In 2018, flour sold came to 13,400 tonnes.</p></body></html>"""


@pytest.mark.parametrize("kind", FAULT_KINDS)
@pytest.mark.parametrize("half", ["tune", "report"])
def test_a_fault_is_drawn_and_its_twin_has_none(half: str, kind: FaultKind) -> None:
    clean, faulty = draw_report(3, half, None), draw_report(3, half, kind)  # type: ignore[arg-type]
    assert clean.fault is None
    assert faulty.fault is not None
    pages = [[page.get_text() for page in pymupdf.open(stream=one.pdf)] for one in (clean, faulty)]
    assert faulty.fault.text in pages[1][faulty.fault.page]
    assert faulty.fault.against in "\n".join(pages[1])
    assert len(pages[0]) == len(pages[1]) == 3
    assert pages[0] != pages[1]
    assert draw_report(3, half, kind) == faulty  # type: ignore[arg-type]


def test_rules_find_changed_quantities(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mill.html").write_text(PAGE)
    write(tmp_path / "set", {"id": "a", "question": "How much flour was sold?", "doc": "mill.html", "gold_pages": [0]})
    (tmp_path / "probe.yaml").write_text("data: [{path: set, limit: 1}]\nout: out\nlibraries: libraries\n")
    result = octavo("eval", "probe", "inconsistency", tmp_path / "probe.yaml", "--quiet")
    assert result.returncode == 0, result.stderr
    rows = {row["key"]: row for row in read(tmp_path / "out" / "probe-inconsistency.jsonl")}
    assert len(rows) == 8
    changed = [row for key, row in rows.items() if "mill.html/" in key]
    assert [(row["from"], row["hit"]) for row in changed] == [("13,400", True)] * 3
    assert rows["set/embedded/own/mill.html"]["alarms"] == 0
    assert "own documents: recall of changed quantities" in result.stdout
    [report] = json.loads((tmp_path / "out" / "probe-inconsistency.json").read_text())
    assert report["trials"] == 8
    again = octavo("eval", "probe", "inconsistency", tmp_path / "probe.yaml", "--quiet", "--json")
    assert json.loads(again.stdout)[0]["figures"] == report["figures"]


def test_a_probe_is_named_with_its_configuration(tmp_path: Path) -> None:
    assert "inconsistency" in octavo("eval", "probe", "--list").stdout
    result = octavo("eval", "probe", "nonsense", tmp_path / "probe.yaml")
    assert result.returncode == 2
    assert "Name a probe (text-bias, needle" in result.stderr
