"""The second pass: the document that comes first is searched once more by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.rag import Pipeline, Scope, Settings
from octavo.rag.entry import Entry, EntryId, Level
from octavo.rag.retrieval.candidate import ScoredEntry
from octavo.rag.retrieval.second_pass import leading_document, merged
from tests.conftest import make_pdf


def candidates(*ids: str, score: float = 0.9) -> list[ScoredEntry]:
    return [
        ScoredEntry(Entry(EntryId(i), Level.PAGE, i[0], 0, 0, None, "", "", ()), score - n / 10, "", "")
        for n, i in enumerate(ids)
    ]


@pytest.mark.parametrize(
    ("ids", "document"),
    [
        (("a/p0", "a/p1", "a/p2", "a/p3", "a/p4", "b/p1"), "a"),
        (("a/p0", "a/p1", "a/p2", "a/p3", "b/p0", "a/p4"), None),
        (("a/p0", "a/p1", "a/p2", "a/p3", "a/p4", "a/p5"), None),
        (("a/p0", "a/p1", "b/p0"), None),
        ((), None),
    ],
)
def test_a_document_leads_where_the_first_five_are_of_it(ids: tuple[str, ...], document: str | None) -> None:
    assert leading_document(candidates(*ids)) == document


def test_its_candidates_take_the_places_that_their_new_scores_give_them() -> None:
    ranked, alone = candidates("a/p0", "a/p1", "b/p0"), candidates("a/p7", "a/p0", score=0.75)
    assert [c.entry.id for c in merged(ranked, alone, "a")] == ["a/p7", "b/p0", "a/p0"]


def test_terms_of_the_whole_document_do_not_separate_its_pages(tmp_path: Path) -> None:
    """Each page of the guide says "harbour pilots"; the other document does not."""
    filler = "harbour pilots " * 6
    make_pdf(
        tmp_path / "guide.pdf",
        (
            ("Duties", f"Duties of {filler}. {filler}"),
            ("Training", f"{filler}. {filler}"),
            ("Pay", f"{filler}. A fee of {filler}"),
            ("Pilots", f"{filler}. The harbour is open."),
            ("Fees", "The fee is due monthly, and so is the harbour pilots' pension."),
        ),
    )
    make_pdf(tmp_path / "other.pdf", (("Berths", "A fee is due for each berth."), ("Note", "Nothing else.")))
    settings = Settings(library=tmp_path / "library")
    with Pipeline(settings) as pipeline:
        pipeline.ingest(tmp_path)
        question = "What fee of harbour pilots is due monthly?"
        found = pipeline.search(question, k=12)
        inside = pipeline.search(question, k=12, scope=Scope(documents="guide.pdf"))
        assert [(e.page, e.score) for e in found if e.name == "guide.pdf"] == [(e.page, e.score) for e in inside]
    with Pipeline(settings.model_copy(update={"second_pass": False})) as pipeline:
        once = pipeline.search(question, k=12)
        assert [(e.page, e.score) for e in once if e.name == "guide.pdf"] != [(e.page, e.score) for e in inside]
