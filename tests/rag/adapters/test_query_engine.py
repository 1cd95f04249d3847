"""The query engine of LlamaIndex over a library."""

from __future__ import annotations

import asyncio

from octavo.rag import Answer, Level, Pipeline, Scope


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
