"""Spans from reading to answer, as an exporter in memory gets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("opentelemetry.sdk", reason='the extra is not installed: pip install "octavo[otel]"')
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from octavo.ingest import tracing
from octavo.rag import Pipeline, Settings
from octavo.rag.answering import AnswerError
from tests.rag.model_server import Reply, serving

NOTE = "The mirror was polished in 2021. Capital expenditure in 2018 was 1,577 million crowns."
QUESTION = "What was capital expenditure in 2018?"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.enable(provider)
    yield exporter
    tracing.disable()
    provider.shutdown()


def spans(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def everything(exporter: InMemorySpanExporter) -> str:
    return " ".join(span.to_json() for span in exporter.get_finished_spans())


def test_reading_and_answering_are_spans_without_texts(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    (tmp_path / "note.txt").write_text(NOTE)
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    reply = Reply(["Capital expenditure was 1,577 million crowns [1]."], usage=(90, 10))
    with serving(reply) as model, Pipeline(Settings(library=tmp_path / "library", llm_url=model.url)) as pipeline:
        pipeline.ingest(tmp_path / "note.txt")
        read = spans(exporter)
        assert read["octavo.read"].attributes == {
            "octavo.document.id": pipeline.documents()[0].id,
            "octavo.document.pages": 1,
        }
        model_name = pipeline.index.embedding.model_name
        embedded = read[f"embeddings {model_name}"]
        assert embedded.attributes
        assert embedded.attributes["gen_ai.operation.name"] == "embeddings"
        assert embedded.parent
        assert embedded.parent.span_id == read["octavo.index"].context.span_id
        exporter.clear()
        assert pipeline.ingest(tmp_path / "bad.pdf")[0].status == "failed"
        assert spans(exporter)["octavo.read"].status.status_code is StatusCode.ERROR
        exporter.clear()
        assert pipeline.ask(QUESTION).model == "tiny"
    told = spans(exporter)
    root, chat = told["invoke_agent octavo"], told["chat tiny"]
    assert root.attributes
    assert root.attributes["octavo.citations"] == 1
    assert root.attributes["gen_ai.request.model"] == "tiny"
    for name in ("retrieval", "octavo.relevancy", "chat tiny"):
        parent = told[name].parent
        assert parent
        assert parent.span_id == root.context.span_id
    assert chat.kind is SpanKind.CLIENT
    assert chat.attributes
    assert {name: chat.attributes[f"gen_ai.usage.{name}_tokens"] for name in ("input", "output")} == {
        "input": 90,
        "output": 10,
    }
    assert chat.attributes["gen_ai.response.finish_reasons"] == ("stop",)
    assert chat.attributes["server.address"] == "127.0.0.1"
    assert told["retrieval"].attributes == {
        "gen_ai.operation.name": "retrieval",
        "octavo.level": "chunk",
        "octavo.candidates": 1,
    }
    for text in ("expenditure", "1,577", "note.txt"):
        assert text not in everything(exporter)


def test_texts_are_recorded_where_that_is_asked_for(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    (tmp_path / "note.txt").write_text(NOTE)
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.enable(provider, content=True)
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "note.txt")
        answer = pipeline.ask(QUESTION)
    told = spans(exporter)
    root = told["invoke_agent octavo"].attributes
    assert root
    assert (root["octavo.question"], root["octavo.answer"]) == (QUESTION, answer.text)
    assert "note.txt" in str((told["octavo.read"].attributes or {})["octavo.document.path"])


def test_an_error_of_a_model_is_one_of_its_span(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    with serving(Reply(status=401, message="invalid key")) as model:
        from octavo.rag.answering.endpoint import connect
        from octavo.rag.clients.messages import Message

        client = connect(Settings(library=tmp_path / "library", llm_url=model.url))
        with pytest.raises(AnswerError):
            client.complete([Message("user", ("Hello",))], max_tokens=10)
    chat = spans(exporter)["chat tiny"]
    assert chat.status.status_code is StatusCode.ERROR
    assert (chat.attributes or {})["error.type"] == "AnswerError"


def test_without_it_nothing_is_recorded(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    tracing.disable()
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ask(QUESTION)
    assert exporter.get_finished_spans() == ()
