"""Adaptive up-to-k: order by relevancy score, drop what is under the threshold, keep at most k."""

from __future__ import annotations

from typing import Any

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle
from pydantic import ConfigDict, Field

from ..entry import Entry
from ..picture import picture_file
from ..question import pictured
from .base import RelevancyScorer


class RelevancyPostprocessor(BaseNodePostprocessor):
    """A LlamaIndex postprocessor that scores nodes and keeps up to `k` of them, perhaps none.

    `threshold` is a probability in [0, 1]; nodes with a lower score are dropped. The method is the adaptive up-to-k
    of arXiv 2501.04695; the paper states no threshold, so this one is calibrated on labelled pairs instead.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    scorer: RelevancyScorer
    k: int = Field(5, ge=1)
    threshold: float = Field(0.0, ge=0, le=1)

    @classmethod
    def class_name(cls) -> str:
        return "RelevancyPostprocessor"

    def rank(self, question: str, nodes: list[NodeWithScore], picture: bytes | None = None) -> list[NodeWithScore]:
        """All nodes with their relevancy score, best first; equal scores keep their order.

        `picture` is the file of a picture that belongs to the question.
        """
        if not nodes:
            return []
        found = [n.score or 0.0 for n in nodes]
        scores = self.scorer.scores(pictured(question, picture), [Entry.of(n.node) for n in nodes], found)
        ranked = sorted(zip(nodes, scores, strict=True), key=lambda pair: -pair[1])
        return [NodeWithScore(node=n.node, score=score) for n, score in ranked]

    def cut(self, ranked: list[NodeWithScore]) -> list[NodeWithScore]:
        """The first `k` of ranked nodes whose score reaches the threshold."""
        return [n for n in ranked[: self.k] if (n.score or 0.0) >= self.threshold]

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None, **_: Any
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            raise ValueError("RelevancyPostprocessor needs the question: pass query_bundle or query_str.")
        path = query_bundle.image_path
        return self.cut(self.rank(query_bundle.query_str, nodes, picture_file(path) if path else None))
