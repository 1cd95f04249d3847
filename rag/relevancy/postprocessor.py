"""Adaptive up-to-k: nothing where the best score is under the threshold, else what comes close to it, at most k."""

from __future__ import annotations

from typing import Any

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle
from pydantic import ConfigDict, Field

from octavo.rag.entry import Entry
from octavo.rag.images import picture_file
from octavo.rag.query.question import parse_query_with_picture
from octavo.rag.relevancy.base import RelevancyScorer


class RelevancyPostprocessor(BaseNodePostprocessor):
    """A LlamaIndex postprocessor that scores nodes and keeps up to `k` of them, perhaps none.

    `threshold` is a probability in [0, 1] that the best score must reach, or nothing is kept. Then the others pass with
    `share` of the best score, too; a share of 1 asks the threshold of each. The method is the adaptive up-to-k of arXiv
    2501.04695, which states no threshold and has one for both: whether there is an answer, and what else to look at.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    scorer: RelevancyScorer
    k: int = Field(5, ge=1)
    threshold: float = Field(0.0, ge=0, le=1)
    share: float = Field(1.0, ge=0, le=1)

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
        scores = self.scorer.scores(
            parse_query_with_picture(question, picture), [Entry.of(n.node) for n in nodes], found
        )
        ranked = sorted(zip(nodes, scores, strict=True), key=lambda pair: -pair[1])
        return [NodeWithScore(node=n.node, score=score) for n, score in ranked]

    def cut(self, ranked: list[NodeWithScore]) -> list[NodeWithScore]:
        """The first `k` of ranked nodes that pass: none, if the first does not reach the threshold."""
        scores = [n.score or 0.0 for n in ranked[: self.k]]
        if not scores or scores[0] < self.threshold:
            return []
        least = min(self.threshold, self.share * scores[0])
        return [n for n, score in zip(ranked, scores, strict=False) if score >= least]

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None, **_: Any
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            raise ValueError("RelevancyPostprocessor needs the question: pass query_bundle or query_str.")
        path = query_bundle.image_path
        return self.cut(self.rank(query_bundle.query_str, nodes, picture_file(path) if path else None))
