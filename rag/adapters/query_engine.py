"""The whole as a LlamaIndex query engine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.schema import NodeWithScore, QueryBundle

from octavo.rag.entry import Level, Scope

if TYPE_CHECKING:
    from octavo.rag.evidence import Answer
    from octavo.rag.pipeline import Pipeline


class LibraryQueryEngine(BaseQueryEngine):
    """Answers a query from a library; `source_nodes` are the evidence, `metadata["answer"]` is the whole `Answer`."""

    def __init__(self, pipeline: Pipeline, level: Level, scope: Scope) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._pipeline, self._level, self._scope = pipeline, level, scope

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response:
        answer = self._pipeline.ask(query_bundle.query_str, level=self._level, scope=self._scope)
        return Response(response=answer.text, source_nodes=self._nodes(answer), metadata={"answer": answer})

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)

    def _nodes(self, answer: Answer) -> list[NodeWithScore]:
        scores = {e.id: e.score for e in answer.evidence}
        return [NodeWithScore(node=e.node(), score=scores[e.id]) for e in self._pipeline.index.entries(list(scores))]
