"""The whole way through `Pipeline`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.postprocessor.types import BaseNodePostprocessor

from octavo.ingest import Kind, LibraryError, OctavoError
from octavo.ingest.store.library import Library
from octavo.rag import Delta, Finished, Level, Pipeline, Retrieved, Scope, Settings
from octavo.rag.embedding import StaticEmbedder, Vectors
from octavo.rag.settings import ServedEmbeddingOptions
from tests.conftest import make_pdf
from tests.rag.embedding_server import TINY, pooling


def test_an_answer_is_quoted_with_its_place(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What was capital expenditure in 2018?")
    assert not answer.abstained
    assert "1,577" in answer.text
    assert "no model wrote this" in answer.text
    first = answer.citations[0]
    assert (first.name, first.page, first.number) == ("report.pdf", 1, 1)
    assert 110 < first.box.y0 < first.box.y1 < 160
    assert "Capital expenditure" in first.quote


def test_a_question_that_nothing_answers_gets_a_reason(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Which zebra won the submarine regatta?")
    assert answer.abstained
    assert not answer.citations
    assert answer.candidates
    assert answer.candidates[0].name in answer.text


def test_streaming_shows_evidence_first_and_the_whole_last(pipeline: Pipeline) -> None:
    first, *middle, last = pipeline.stream("How many people work on the night shift?")
    assert isinstance(first, Retrieved)
    assert first.evidence
    assert isinstance(last, Finished)
    assert all(isinstance(event, Delta) for event in middle)
    assert "".join(event.text for event in middle if isinstance(event, Delta)) == last.answer.text


@pytest.mark.parametrize("level", list(Level))
def test_every_level_is_searched(pipeline: Pipeline, level: Level) -> None:
    hits = pipeline.search("night shift staff", level=level)
    assert hits[0].name == "report.pdf"
    assert {hit.level for hit in hits} == {level}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 1 for hit in hits)
    if level is not Level.DOCUMENT:
        assert 2 in {region.page for region in hits[0].regions}


def test_a_page_that_is_named_is_found(pipeline: Pipeline) -> None:
    assert pipeline.search("What does page 3 of the report say?")[0].page == 2


def test_a_search_keeps_to_its_scope(pipeline: Pipeline) -> None:
    note = pipeline.library.find("note.txt").id
    assert {hit.name for hit in pipeline.search("staff", scope=Scope(documents=(note,)))} == {"note.txt"}
    assert {hit.page for hit in pipeline.search("staff", scope=Scope(pages=(1, 1)))} <= {1}
    titles = pipeline.search(
        "finances", level="element", scope=Scope(kinds=frozenset({Kind.TITLE, Kind.SECTION_HEADER}))
    )
    assert titles
    assert {hit.kind for hit in titles} <= {Kind.TITLE, Kind.SECTION_HEADER}
    assert pipeline.search("staff", scope=Scope(documents=())) == []


def test_no_entries_are_not_the_usual_number(pipeline: Pipeline) -> None:
    with pytest.raises(OctavoError, match="k is the number of entries"):
        pipeline.search("night shift staff", k=0)


def test_the_threshold_and_k_bound_what_is_found(pipeline: Pipeline) -> None:
    question = "capital expenditure revenue"
    every = pipeline.search(question, k=10)
    assert len(pipeline.search(question, k=1)) == 1
    middle = every[1].score
    assert all(hit.score >= middle for hit in pipeline.search(question, k=10, threshold=middle))
    assert pipeline.search("zebra regatta submarine", threshold=0.9) == []


def test_the_parts_are_llama_index_parts(pipeline: Pipeline) -> None:
    retriever, postprocessor = pipeline.as_retriever(), pipeline.as_postprocessor()
    assert isinstance(retriever, BaseRetriever)
    assert isinstance(postprocessor, BaseNodePostprocessor)
    nodes = retriever.retrieve("night shift")
    kept = postprocessor.postprocess_nodes(nodes, query_str="night shift")
    assert kept[0].node.metadata["page"] == 2
    engine = pipeline.as_query_engine()
    assert isinstance(engine, BaseQueryEngine)
    response = engine.query("How many people work on the night shift?")
    assert "58" in str(response)
    assert 2 in {row[0] for row in response.source_nodes[0].node.metadata["regions"]}


def test_files_are_added_skipped_replaced_and_removed(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", (("One", "The first text is about lighthouses."),))
    with Pipeline(tmp_path / "library") as pipeline:
        assert [r.status for r in pipeline.ingest(path)] == ["added"]
        assert [r.status for r in pipeline.ingest(path)] == ["skipped"]
        make_pdf(path, (("Two", "The second text is about windmills."),))
        assert [r.status for r in pipeline.ingest(path)] == ["replaced"]
        assert len(pipeline.documents()) == 1
        assert "windmills" in pipeline.ask("What is the second text about?").text
        assert not pipeline.search("lighthouses", threshold=pipeline.settings.threshold)
        twin = tmp_path / "b.pdf"
        twin.write_bytes(path.read_bytes())
        assert "same content as a.pdf" in pipeline.ingest(twin)[0].reason
        assert len(pipeline.documents()[0].paths) == 2
        pipeline.remove("a.pdf")
        assert pipeline.documents() == []
        assert pipeline.search("windmills") == []
        with pytest.raises(LibraryError, match="holds no document"):
            pipeline.remove("a.pdf")
    assert not list((tmp_path / "library" / "pages").glob("*/*.webp"))


def test_reading_again_keeps_the_paths_and_where_it_fails_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("The mirror was polished in the spring of 2021.")
    paths = (str(tmp_path / "a.txt"), str(tmp_path / "b.txt"))
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(*paths)
        assert [r.status for r in pipeline.ingest(paths[0], force=True)] == ["replaced"]
        assert pipeline.documents()[0].paths == paths
        monkeypatch.setattr(StaticEmbedder, "embed_texts", _gone)
        (failed,) = pipeline.ingest(paths[0], force=True)
        assert (failed.status, failed.reason) == ("failed", "a.txt cannot be added: The embedding is gone.")
        monkeypatch.undo()
        assert "2021" in pipeline.ask("When was the mirror polished?").text
        assert pipeline.documents()[0].paths == paths


def _gone(self: StaticEmbedder, texts: Sequence[str]) -> Vectors:
    raise OctavoError("The embedding is gone.")


def test_a_pipeline_that_cannot_be_made_leaves_nothing_open(tmp_path: Path) -> None:
    with Library(tmp_path) as library:
        library.connection.execute("PRAGMA user_version = 999")
    with pytest.raises(LibraryError, match="made by a newer Octavo"):
        Pipeline(tmp_path)
    assert not list(tmp_path.glob("*-wal"))  # SQLite deletes it with the last connection


def test_bad_files_fail_alone(tmp_path: Path) -> None:
    make_pdf(tmp_path / "good.pdf")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 nothing follows")
    (tmp_path / "empty.pdf").touch()
    with Pipeline(tmp_path / "library") as pipeline:
        results = {r.path.name: r for r in pipeline.ingest(tmp_path)}
    assert results["good.pdf"].status == "added"
    for name in ("bad.pdf", "empty.pdf"):
        assert results[name].status == "failed"
        assert name in results[name].reason


def test_a_library_is_embedded_anew_and_goes_on_with_that(tmp_path: Path) -> None:
    make_pdf(tmp_path / "a.pdf", (("Money", "Capital expenditure in 2018 was 1,577 million dollars."),))
    with pooling() as server, Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "a.pdf")
        steps: list[tuple[int, int]] = []
        served = ServedEmbeddingOptions(url=server.url, model="tiny", card=TINY)
        assert pipeline.embed(served, lambda *step: steps.append(step)) == 1
        assert steps[-1] == (1, 1)
        assert pipeline.settings.embedding == served
        server.requests.clear()
        assert "1,577" in pipeline.ask("What was capital expenditure in 2018?").text
        assert len(server.requests) == 1
        assert pipeline.embed(served.model_copy(update={"concurrency": 2})) == 0
        with pytest.raises(LibraryError, match="made by tiny"):
            Pipeline(tmp_path / "library")


def test_an_empty_question_is_an_error(pipeline: Pipeline) -> None:
    with pytest.raises(OctavoError, match="question is empty"):
        pipeline.ask("  ")


def test_a_cited_page_is_drawn_with_its_boxes(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What was capital expenditure in 2018?")
    first = answer.citations[0]
    plain = pipeline.library.screenshot(first.document, first.page)
    drawn = pipeline.highlight(answer, first.document, first.page)
    assert drawn.size == plain.size
    scale = drawn.width / 595
    box = first.boxes[0].scaled(scale)
    inside = (round(box.x1), round((box.y0 + box.y1) / 2))
    assert drawn.getpixel(inside) != plain.getpixel(inside)
    assert drawn.getpixel((5, drawn.height - 5)) == plain.getpixel((5, plain.height - 5))


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTAVO_K", "7")
    monkeypatch.setenv("OCTAVO_READING__DPI", "100")
    settings = Settings.from_env()
    assert (settings.k, settings.reading.dpi) == (7, 100)
