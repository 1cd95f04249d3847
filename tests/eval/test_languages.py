"""Questions in several languages, side by side."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from octavo.eval.metrics import mean_rank_variance
from tests.apps.cli.command import octavo
from tests.conftest import make_pdf

QUESTIONS = {
    "en": {"capital": "What was capital expenditure in 2018?", "staff": "How many people were employed in 2019?"},
    "de": {"capital": "Wie hoch war die capital expenditure 2018?", "staff": "Wo liegt der Fischmarkt?"},
}
PAGES = {"capital": 1, "staff": 2}


def test_sets_are_compared_by_the_ids_that_they_share(report_library: Path, tmp_path: Path) -> None:
    for language, questions in QUESTIONS.items():
        folder = tmp_path / language
        folder.mkdir()
        make_pdf(folder / "report.pdf")
        rows = [{"id": i, "question": q, "doc": "report.pdf", "gold_pages": [PAGES[i]]} for i, q in questions.items()]
        rows.append({"id": f"only-{language}", "question": "?", "doc": "report.pdf", "gold_pages": [0]})
        (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    shutil.copytree(report_library, tmp_path / "library")
    done = octavo("eval", "languages", tmp_path / "en", tmp_path / "de", "--library", tmp_path / "library", "--json")
    english, german = json.loads(done.stdout)["sets"]
    assert (english["questions"], english["recall"], english["abstained"]) == (2, [1.0, 1.0], 0.0)
    assert (german["recall"][1], german["abstained"], german["more_abstained"]["mean"]) == (1.0, 0.5, 0.5)
    assert (
        "mean rank variance" in octavo("eval", "languages", tmp_path / "en", "--library", tmp_path / "library").stdout
    )


def test_a_question_that_is_served_evenly_has_no_variance() -> None:
    assert mean_rank_variance([[2, 2], [1, 1]]) == 0
    assert mean_rank_variance([[1, 3]]) == 1
