"""The methods of a pipeline that return its parts as LlamaIndex's interfaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from octavo.ingest.store.metadata import Metadata
from octavo.rag.entry import EVERYWHERE, Level, Scope

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import ChatMessage
    from llama_index.core.vector_stores.types import MetadataFilters

    from octavo.rag.adapters.chat_engine import OctavoChatEngine
    from octavo.rag.adapters.llamaindex import (
        OctavoEmbedding,
        OctavoQueryEngine,
        OctavoRetriever,
        RelevancyPostprocessor,
    )
    from octavo.rag.pipeline import Pipeline


class LlamaIndexMethods:
    """Gives a pipeline its parts for LlamaIndex programs; LlamaIndex is imported when one is asked for."""

    @property
    def _pipeline(self) -> Pipeline:
        return cast("Pipeline", self)

    def as_retriever(
        self,
        level: Level | str = Level.PAGE,
        scope: Scope = EVERYWHERE,
        filter: Metadata | MetadataFilters | None = None,
    ) -> OctavoRetriever:
        """Returns the first pass as a LlamaIndex retriever; `filter` may be LlamaIndex's `MetadataFilters`.

        >>> nodes = pipeline.as_retriever("chunk").retrieve("capital expenditure")
        >>> [(node.metadata["name"], node.metadata["page_number"]) for node in nodes]
        [('note.txt', 1)]
        """
        from octavo.rag.adapters.filters import metadata_of
        from octavo.rag.adapters.llamaindex import OctavoRetriever

        inside = self._pipeline.scope(scope, metadata_of(filter))
        return OctavoRetriever(self._pipeline.retriever(level, inside), self._pipeline.settings.query)

    def as_postprocessor(
        self, k: int | None = None, threshold: float | None = None, relative_threshold: float | None = None
    ) -> RelevancyPostprocessor:
        """Returns the second pass as a LlamaIndex postprocessor, for nodes of any origin.

        >>> nodes = pipeline.as_retriever("chunk").retrieve("capital expenditure")
        >>> best = pipeline.as_postprocessor(k=1).postprocess_nodes(nodes, query_str="capital expenditure in 2018")
        >>> [node.score > 0.8 for node in best]
        [True]
        """
        from octavo.rag.adapters.llamaindex import RelevancyPostprocessor

        reranker = self._pipeline.reranker(k, threshold, relative_threshold)
        return RelevancyPostprocessor(
            scorer=reranker.scorer,
            rules=self._pipeline.settings.query,
            k=reranker.k,
            threshold=reranker.threshold,
            relative_threshold=reranker.relative_threshold,
        )

    def as_embedding(self) -> OctavoEmbedding:
        """Returns the embedder as a LlamaIndex embedding.

        >>> len(pipeline.as_embedding().get_query_embedding("capital expenditure"))
        256
        """
        from octavo.rag.adapters.llamaindex import OctavoEmbedding

        return OctavoEmbedding(self._pipeline.index.embedding)

    def as_query_engine(
        self,
        level: Level | str = Level.CHUNK,
        scope: Scope = EVERYWHERE,
        filter: Metadata | MetadataFilters | None = None,
    ) -> OctavoQueryEngine:
        """Returns the whole as a LlamaIndex query engine; `filter` may be LlamaIndex's `MetadataFilters`.

        >>> response = pipeline.as_query_engine().query("What was capital expenditure in 2018?")
        >>> "1,577" in response.response, [node.metadata["name"] for node in response.source_nodes]
        (True, ['note.txt'])
        """
        from octavo.rag.adapters.filters import metadata_of
        from octavo.rag.adapters.llamaindex import OctavoQueryEngine

        return OctavoQueryEngine(self._pipeline, Level(level), self._pipeline.scope(scope, metadata_of(filter)))

    def as_chat_engine(
        self,
        level: Level | str = Level.CHUNK,
        scope: Scope = EVERYWHERE,
        filter: Metadata | MetadataFilters | None = None,
        chat_history: Sequence[ChatMessage] = (),
    ) -> OctavoChatEngine:
        """Returns a conversation as a LlamaIndex chat engine; `filter` may be LlamaIndex's `MetadataFilters`.

        >>> "1,577" in pipeline.as_chat_engine().chat("What was capital expenditure in 2018?").response
        True
        """
        from octavo.rag.adapters.chat_engine import OctavoChatEngine
        from octavo.rag.adapters.filters import metadata_of

        return OctavoChatEngine(
            self._pipeline, Level(level), self._pipeline.scope(scope, metadata_of(filter)), chat_history
        )
