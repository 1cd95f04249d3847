"""Questions in several languages, side by side."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from octavo.eval.datasets.translations import translations
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


def test_questions_of_published_sets_are_asked_in_the_languages_that_the_project_translates(
    report_library: Path, tmp_path: Path
) -> None:
    library = shutil.copytree(report_library, tmp_path / "library")
    make_pdf(tmp_path / "report.pdf")
    ids = {"e79deb02a0c0e87511080836c5d4347b#0": [1], "another": [2]}
    rows = [{"id": i, "question": "Who produced it?", "doc": "report.pdf", "gold_pages": p} for i, p in ids.items()]
    (tmp_path / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = octavo("eval", "languages", tmp_path, "--translated", "--library", library, "--json")
    sets = json.loads(done.stdout)["sets"]
    assert [(s["name"], s["questions"]) for s in sets] == [(n, 1) for n in ("original", "de", "es", "fr", "id")]
    (tmp_path / "queries.jsonl").write_text(json.dumps(rows[1]))
    done = octavo("eval", "languages", tmp_path, "--translated", "--library", library)
    assert done.returncode == 1
    assert "The project translates no question of these sets" in done.stderr


def test_translations_keep_the_numbers_of_questions() -> None:
    first, *others = translations().values()
    for texts in others:
        assert texts.keys() == first.keys()
        for i, text in texts.items():
            years = [sorted(set(re.findall(r"\b(?:19|20)\d\d\b", t))) for t in (text, first[i])]
            assert years[0] == years[1], i


def test_a_question_that_is_served_evenly_has_no_variance() -> None:
    assert mean_rank_variance([[2, 2], [1, 1]]) == 0
    assert mean_rank_variance([[1, 3]]) == 1
