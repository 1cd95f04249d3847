"""Questions to begin with come from tables, captions and headings."""

from __future__ import annotations

from pathlib import Path

from octavo.apps.chat.suggestions import possible_questions
from octavo.rag import Pipeline


def test_headings_are_asked_for_once_and_text_alone_suggests_nothing(tmp_path: Path) -> None:
    sections = "".join(f"## {heading}\n\nWords and more words.\n\n" for heading in ("Harbour dues", "Harbour dues"))
    (tmp_path / "dues.md").write_text(f"# All dues\n\n{sections}")
    (tmp_path / "note.txt").write_text("The mirror was polished in 2021.")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "dues.md", tmp_path / "note.txt")
        dues, note = (info.id for info in pipeline.documents())
        questions = possible_questions(pipeline.library, dues)
        assert questions == ["What does the section “Harbour dues” say?"]
        assert possible_questions(pipeline.library, note) == []
