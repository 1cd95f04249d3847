"""The ways to tell a claim's region that were tried: their fit, and their rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.eval.grounding import evaluate
from octavo.eval.tried import grounding
from octavo.eval.tried.commands import report_of_arguments
from tests.conftest import make_pdf
from tests.eval.test_datasets import write

TUNED = ("PWC_opportunity_of_lifetime.pdf", "reportq32015-151009093138-lva1-app6891_95.pdf")
"""Documents to tune on of the set of this name."""


def test_each_way_is_fitted_and_has_a_row(tmp_path: Path) -> None:
    folder, library = tmp_path / "mmdocir-slides", tmp_path / "library"
    rows = []
    for n, doc in enumerate((*TUNED, "other.pdf")):
        (folder / "pdfs").mkdir(parents=True, exist_ok=True)
        make_pdf(folder / "pdfs" / doc, (("Staff", f"The {n} domes employ 312 people."), ("Costs", "17 crowns.")))
        question = {"question": "How many people do the domes employ?", "doc": f"pdfs/{doc}", "gold_pages": [0]}
        layout = {"gold_layouts": [{"page": 0, "bbox": [60, 118, 535, 150], "page_size": [595, 842]}]}
        rows.append({"id": doc, "answer": "312"} | question | layout)
    write(folder, *rows)
    evaluate(folder, library=library)
    lines = report_of_arguments(["grounding", str(folder), str(library)]).splitlines()
    assert [line.split(":")[0] for line in lines[: len(grounding.WAYS)]] == list(grounding.WAYS)
    assert "mmdocir-slides, tune, 2" in lines[len(grounding.WAYS) + 1]
    assert "mmdocir-slides, report, 1" in lines[len(grounding.WAYS) + 1]
    names = [line[:32].strip() for line in lines[len(grounding.WAYS) + 2 :]]
    assert names == ["all regions", "words", *(name[:32].strip() for name in grounding.WAYS)]
    with pytest.raises(ValueError, match="usage"):
        report_of_arguments(["grounding", str(folder)])
