"""What users say about answers, as a data set that `octavo eval` reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.apps.feedback import write_dataset
from octavo.apps.service import Service, ServiceOptions
from octavo.apps.service.http.shapes import FeedbackIn
from octavo.apps.service.rights import LOCAL
from octavo.eval.datasets import load
from octavo.eval.judges import labels
from octavo.ingest import OctavoError
from octavo.rag import Settings
from tests.apps.cli.command import octavo
from tests.apps.service.conftest import NOTE, add


def test_feedback_becomes_a_data_set(tmp_path: Path) -> None:
    given = [
        FeedbackIn(question="When?", answer="2021 [1]", rating="up", document="note.txt", pages=[1]),
        FeedbackIn(question="How much?", answer="12", rating="down", expected="1,577", document="note.txt", pages=[1]),
        FeedbackIn(question="Who?", answer="Nobody", rating="down"),
        FeedbackIn(question="Where?", rating="down", document="gone.txt", pages=[2]),
    ]
    with Service(Settings(library=tmp_path / "library"), ServiceOptions(chat=False)) as service:
        add(service, "default", tmp_path, "note.txt", NOTE)
        for one in given:
            service.keep_feedback(LOCAL, "default", one.model_dump())
    done = octavo("feedback", tmp_path / "set", "--library", tmp_path / "library")
    assert done.stdout == f"wrote 2 questions and 2 graded answers to {tmp_path / 'set'}\n"
    data = load(tmp_path / "set")
    assert [(one.question, one.answer, one.gold_pages) for one in data.questions] == [
        ("When?", "2021 [1]", (0,)),
        ("How much?", "1,577", (0,)),
    ]
    assert (tmp_path / "set" / data.questions[0].doc).read_text() == NOTE
    graded, _ = labels.load(tmp_path / "set")
    assert [(one.question, one.gold, one.answer, str(one.grade)) for one in graded] == [
        ("When?", "2021 [1]", "2021 [1]", str(labels.Grade.CORRECT)),
        ("How much?", "1,577", "12", str(labels.Grade.INCORRECT)),
    ]
    with (
        Service(Settings(library=tmp_path / "library"), ServiceOptions(chat=False)) as service,
        service.collections.opened("default") as pipeline,
        pytest.raises(OctavoError, match="is not empty"),
    ):
        write_dataset([], pipeline, tmp_path / "set")
