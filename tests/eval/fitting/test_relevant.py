"""Which entries are relevant to a question of a data set."""

from __future__ import annotations

import pytest

from octavo.eval.datasets import Question
from octavo.eval.fitting.calibration import relevant
from octavo.rag import EntryId, Level, Pipeline

EVIDENCE = "Capital expenditure in 2018 was 1,577 million crowns."


@pytest.mark.parametrize("level", [Level.ELEMENT, Level.CHUNK])
def test_entries_with_the_evidence_are_relevant_and_others_are_not(pipeline: Pipeline, level: Level) -> None:
    document = next(info.id for info in pipeline.documents() if info.name == "report.pdf")
    asked = Question("a", "What was capital expenditure in 2018?", "report.pdf", gold_pages=(1,), evidence=EVIDENCE)
    found = pipeline.index.entries(sorted(relevant(pipeline, asked, document, level)))
    assert found
    assert all("1,577" in entry.text for entry in found)
    assert len(found) < len(pipeline.index.entries_on([EntryId.of_page(document, 1)], level)) or level is Level.CHUNK


def test_gold_pages_are_relevant_as_they_are(pipeline: Pipeline) -> None:
    asked = Question("a", "What?", "report.pdf", gold_pages=(0, 2))
    assert relevant(pipeline, asked, "d", Level.PAGE) == {"d/p0", "d/p2"}
