"""Octavo behind LlamaIndex's interfaces, and LlamaIndex's embeddings in Octavo."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.schema import NodeWithScore, TextNode
from llama_index.core.vector_stores.types import (
    ExactMatchFilter,
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
)

from octavo.ingest import OctavoError
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


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The same report of two years, each noted with its year."""
    folder = tmp_path_factory.mktemp("years")
    with Pipeline(folder / "library") as opened:
        for year, staff in ((2018, 58), (2019, 64)):
            text = f"In {year} the night shift counted {staff} people, who watch the furnace."
            opened.ingest(make_pdf(folder / f"{year}.pdf", (("Staff", text),)), metadata={"year": year})
        yield opened


def test_metadata_filters_bound_what_is_found(years: Pipeline) -> None:
    one = MetadataFilters(filters=[MetadataFilter(key="year", value=2019)])
    assert {n.node.metadata["name"] for n in years.as_retriever(filter=one).retrieve("night shift")} == {"2019.pdf"}
    both = MetadataFilters(filters=[MetadataFilter(key="year", value=[2018, 2019], operator=FilterOperator.IN)])
    assert len(years.as_retriever(filter=both).retrieve("night shift")) == 2
    assert "64" in str(years.as_query_engine(filter=one).query("How many people does the night shift count?"))
    assert "58" in str(
        years.as_query_engine(filter={"year": 2018}).query("How many people does the night shift count?")
    )


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ([MetadataFilter(key="year", value=2019, operator=FilterOperator.GT)], r"year > 2019 is not known"),
        (
            [MetadataFilter(key="year", value=2018), MetadataFilter(key="year", value=2019)],
            "Two filters ask for 'year'",
        ),
    ],
)
def test_a_filter_that_is_not_known_is_not_ignored(
    years: Pipeline, filters: list[MetadataFilter | ExactMatchFilter | MetadataFilters], reason: str
) -> None:
    with pytest.raises(OctavoError, match=reason):
        years.as_retriever(filter=MetadataFilters(filters=filters))
    either = MetadataFilters(filters=[*filters, MetadataFilter(key="a", value="b")], condition=FilterCondition.OR)
    with pytest.raises(OctavoError, match="joined by 'and', not 'or'"):
        years.as_query_engine(filter=either)


def test_a_conversation_keeps_what_was_asked(years: Pipeline) -> None:
    engine = years.as_chat_engine(level=Level.PAGE)
    first = engine.chat("How many people did the night shift count in 2018?")
    assert "58" in first.response
    answer = (first.metadata or {})["answer"]
    assert [n.node.node_id for n in first.source_nodes] == [e.id for e in answer.evidence]
    stream = engine.stream_chat("And in 2019?")
    assert "64" in "".join(stream.response_gen)
    assert stream.source_nodes[0].node.metadata["name"] == "2019.pdf"
    assert [(m.role.value, m.content) for m in engine.chat_history][2] == ("user", "And in 2019?")
    assert "64" in (engine.chat_history[3].content or "")
    engine.reset()
    assert engine.chat_history == []


def test_a_conversation_may_be_passed_and_does_not_block(years: Pipeline) -> None:
    engine = years.as_chat_engine()
    before = [ChatMessage(role=MessageRole.USER, content="How many people did the night shift count in 2018?")]

    async def ask() -> tuple[str, str]:
        whole = await engine.achat("And in 2019?", before)
        stream = await engine.astream_chat("And in 2018?")
        return whole.response, "".join([piece async for piece in stream.async_response_gen()])

    whole, streamed = asyncio.run(ask())
    assert "64" in whole
    assert "58" in streamed
    assert len(engine.chat_history) == 5
