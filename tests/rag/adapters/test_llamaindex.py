"""Octavo behind LlamaIndex's interfaces, and LlamaIndex's embeddings in Octavo."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.schema import NodeWithScore, TextNode

from octavo.rag import Answer, Level, Pipeline, Scope
from tests.conftest import make_pdf


def test_it_answers_with_its_sources(pipeline: Pipeline) -> None:
    engine = pipeline.as_query_engine(level=Level.PAGE)
    response = asyncio.run(engine.aquery("How many people work on the night shift?"))
    answer = response.metadata["answer"] if response.metadata else None
    assert isinstance(answer, Answer)
    assert str(response) == answer.text
    assert [node.node.node_id for node in response.source_nodes] == [e.id for e in answer.evidence]
    assert [node.score for node in response.source_nodes] == [e.score for e in answer.evidence]


def test_it_abstains_without_sources(pipeline: Pipeline) -> None:
    response = pipeline.as_query_engine(scope=Scope(documents=())).query("How many people work on the night shift?")
    assert response.source_nodes == []
    assert "nothing that could be searched" in str(response)


def test_nodes_tell_the_name_and_the_page_from_one(pipeline: Pipeline) -> None:
    (best, *_) = pipeline.as_retriever().retrieve("night shift")
    assert (best.node.metadata["name"], best.node.metadata["page_number"]) == ("report.pdf", 3)
    response = pipeline.as_query_engine().query("How many people work on the night shift?")
    assert response.source_nodes[0].node.metadata["name"] == "report.pdf"


def test_nodes_of_any_origin_are_scored_by_their_text(pipeline: Pipeline) -> None:
    right = TextNode(text="The night shift counts 58 people.", metadata={"file": "own.txt"})
    wrong = TextNode(text="Bananas ripen in a warm room.")
    nodes = [NodeWithScore(node=wrong, score=0.2), NodeWithScore(node=right, score=0.1)]
    post = pipeline.as_postprocessor(k=2, threshold=0.0)
    kept = post.postprocess_nodes(nodes, query_str="How many people work on the night shift?")
    assert kept[0].node is right
    assert 0 <= (kept[1].score or 0) < (kept[0].score or 0) <= 1


def test_the_postprocessor_needs_the_question(pipeline: Pipeline) -> None:
    with pytest.raises(ValueError, match="question"):
        pipeline.as_postprocessor().postprocess_nodes([NodeWithScore(node=TextNode(text="Rain."))])


def test_an_embedder_is_a_llama_index_embedding(pipeline: Pipeline) -> None:
    embedding = pipeline.as_embedding()
    one = embedding.get_text_embedding("cash flow")
    assert len(one) == 256
    assert embedding.get_query_embedding("cash flow") == pytest.approx(one)
    assert asyncio.run(embedding.aget_text_embedding("cash flow")) == pytest.approx(one)


def test_a_llama_index_embedding_embeds_a_library(tmp_path: Path) -> None:
    with Pipeline(tmp_path / "library", embedding=MockEmbedding(embed_dim=8)) as pipeline:
        pipeline.ingest(make_pdf(tmp_path / "report.pdf"))
        assert pipeline.search("night shift staff", k=1)[0].page == 2
        assert pipeline.index.embedding.dimension == 8
