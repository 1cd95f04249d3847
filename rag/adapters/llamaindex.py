"""Octavo's parts as LlamaIndex's interfaces, and LlamaIndex's embeddings as Octavo's embedder."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding, Embedding
from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.embeddings import MultiModalEmbedding
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import ImageType, NodeWithScore, QueryBundle
from pydantic import ConfigDict, Field

from octavo.ingest import OctavoError
from octavo.rag.adapters.nodes import entry_of, evidence_node, scored_node
from octavo.rag.embedding import Embedder, Vectors, unit
from octavo.rag.entry import Level, Scope
from octavo.rag.images import ImageInput, picture_file
from octavo.rag.query.question import Query, parse_query_with_picture
from octavo.rag.query.rules import ALL_RULES, QueryRules
from octavo.rag.relevancy.base import RelevancyScorer
from octavo.rag.relevancy.reranker import Reranker
from octavo.rag.retrieval.candidate import ScoredEntry
from octavo.rag.retrieval.retriever import Retriever

if TYPE_CHECKING:
    from octavo.rag.pipeline import Pipeline


class OctavoRetriever(BaseRetriever):
    """The first pass as a LlamaIndex retriever: nodes with `name`, `title`, `page_number` and boxes in `metadata`."""

    def __init__(self, retriever: Retriever, rules: QueryRules = ALL_RULES, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._retriever, self._rules = retriever, rules

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [scored_node(candidate) for candidate in self._retriever.retrieve(_query_of(query_bundle, self._rules))]


class RelevancyPostprocessor(BaseNodePostprocessor):
    """The second pass as a LlamaIndex postprocessor: it scores nodes of any origin and keeps up to `k` of them.

    `k`, `threshold` and `relative_threshold` are those of `Reranker`. Foreign nodes are scored by their text.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    scorer: RelevancyScorer
    rules: QueryRules = ALL_RULES
    k: int = Field(5, ge=1)
    threshold: float = Field(0.0, ge=0, le=1)
    relative_threshold: float = Field(1.0, ge=0, le=1)

    @classmethod
    def class_name(cls) -> str:
        return "RelevancyPostprocessor"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None, **_: Any
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            raise ValueError("RelevancyPostprocessor needs the question: pass query_bundle or query_str.")
        reranker = Reranker(self.scorer, self.k, self.threshold, self.relative_threshold)
        by_id = {node.node.node_id: node.node for node in nodes}
        candidates = [ScoredEntry(entry_of(node.node), node.score or 0.0, "", "") for node in nodes]
        selected = reranker.select(reranker.rank(_query_of(query_bundle, self.rules), candidates))
        return [NodeWithScore(node=by_id[c.entry.id], score=c.score) for c in selected]


class OctavoQueryEngine(BaseQueryEngine):
    """Answers a query from a library; `source_nodes` are the evidence, `metadata["answer"]` is the whole `Answer`."""

    def __init__(self, pipeline: Pipeline, level: Level, scope: Scope) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._pipeline, self._level, self._scope = pipeline, level, scope

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response:
        answer = self._pipeline.ask(
            query_bundle.query_str, level=self._level, scope=self._scope, picture=query_bundle.image_path
        )
        nodes = [evidence_node(evidence) for evidence in answer.evidence]
        return Response(response=answer.text, source_nodes=nodes, metadata={"answer": answer})

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)


class OctavoEmbedding(MultiModalEmbedding):
    """An Octavo embedder as a LlamaIndex embedding."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    embedder: Embedder

    def __init__(self, embedder: Embedder) -> None:
        fields: dict[str, Any] = {"embedder": embedder}
        super().__init__(model_name=embedder.model_name, **fields)

    def _get_text_embedding(self, text: str) -> Embedding:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        rows: list[Embedding] = self.embedder.embed_texts(texts).tolist()
        return rows

    def _get_query_embedding(self, query: str) -> Embedding:
        return [float(x) for x in self.embedder.embed_question(query)]

    def _get_image_embedding(self, img_file_path: ImageType) -> Embedding:
        return [float(x) for x in self.embedder.embed_image(picture_file(img_file_path))]

    async def _aget_query_embedding(self, query: str) -> Embedding:
        return await asyncio.to_thread(self._get_query_embedding, query)

    async def _aget_text_embedding(self, text: str) -> Embedding:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_image_embedding(self, img_file_path: ImageType) -> Embedding:
        return await asyncio.to_thread(self._get_image_embedding, img_file_path)


class LlamaIndexEmbedder(Embedder):
    """Any LlamaIndex embedding as an embedder: entries by their text, pictures where the embedding takes them."""

    embedding: BaseEmbedding

    def __init__(self, embedding: BaseEmbedding) -> None:
        dimension = len(embedding.get_text_embedding("dimension"))
        fields: dict[str, Any] = {"embedding": embedding}
        super().__init__(model_name=embedding.model_name, dimension=dimension, **fields)

    @property
    def supports_images(self) -> bool:
        return isinstance(self.embedding, MultiModalEmbedding)

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        filled = [n for n, text in enumerate(texts) if text.strip()]
        if filled:
            rows[filled] = self.embedding.get_text_embedding_batch([texts[n] for n in filled])
        return unit(rows)

    def embed_query(self, text: str, image: ImageInput | None = None) -> Vectors:
        if image is not None:
            return super().embed_query(text, image)
        return unit(np.asarray(self.embedding.get_query_embedding(text), dtype=np.float32))

    def embed_image(self, image: ImageInput) -> Vectors:
        if not isinstance(self.embedding, MultiModalEmbedding):
            raise OctavoError(f"{self.model_name} takes no pictures: ask in words, or pass an embedding that does.")
        from io import BytesIO

        row = self.embedding.get_image_embedding(BytesIO(picture_file(image)))
        return unit(np.asarray(row, dtype=np.float32))


def _query_of(bundle: QueryBundle, rules: QueryRules) -> Query:
    path = bundle.image_path
    return parse_query_with_picture(bundle.query_str, picture_file(path) if path else None, rules)
