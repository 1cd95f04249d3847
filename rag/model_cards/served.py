"""The chat models and rerankers that are known, with the arguments by which vLLM serves each."""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict

_QWEN3_RERANKER = {
    "architectures": ["Qwen3VLForSequenceClassification"],
    "classifier_from_token": ["no", "yes"],
    "is_original_qwen3_reranker": True,
}


class ServedCard(BaseModel):
    """A model that is only ever served; fields as in `ModelCard`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    licence: str
    serve: tuple[str, ...] = ()
    template: str = ""
    memory: float


def _reranker(size: str, memory: float) -> ServedCard:
    return ServedCard(
        name=f"Qwen/Qwen3-VL-Reranker-{size}",
        licence="Apache-2.0",
        serve=("--runner", "pooling", "--max-model-len", "8192", "--hf-overrides", json.dumps(_QWEN3_RERANKER)),
        template="qwen3_vl_reranker.jinja",
        memory=memory,
    )


def _qwen(size: str, memory: float) -> ServedCard:
    return ServedCard(
        name=f"Qwen/Qwen3-VL-{size}-Instruct",
        licence="Apache-2.0",
        serve=("--max-model-len", "16384", "--limit-mm-per-prompt", '{"image": 8, "video": 0}'),
        memory=memory,
    )


CHAT = (
    _qwen("2B", 4.3),
    _qwen("4B", 8.9),
    _qwen("8B", 17.5),
    _qwen("32B", 66.0),
    ServedCard(
        name="OpenGVLab/InternVL3_5-8B",
        licence="Apache-2.0",
        serve=("--max-model-len", "16384", "--trust-remote-code"),
        memory=16.0,
    ),
    ServedCard(
        name="openbmb/MiniCPM-V-4_5",
        licence="MiniCPM Model License",
        serve=("--max-model-len", "16384", "--trust-remote-code"),
        memory=16.5,
    ),
    ServedCard(name="google/gemma-3-4b-it", licence="Gemma", serve=("--max-model-len", "16384"), memory=8.0),
    ServedCard(name="google/gemma-3-12b-it", licence="Gemma", serve=("--max-model-len", "16384"), memory=23.0),
    ServedCard(name="google/gemma-3-27b-it", licence="Gemma", serve=("--max-model-len", "16384"), memory=51.0),
)
"""Qwen's models and their sizes as published; the sizes of the others follow from their numbers of parameters. Gemma is
gated: it is fetched with HF_TOKEN."""
RERANKERS = (
    _reranker("2B", 4.3),
    _reranker("8B", 16.3),
    ServedCard(
        name="jinaai/jina-reranker-m0",
        licence="CC-BY-NC-4.0",
        serve=("--runner", "pooling", "--max-model-len", "8192"),
        memory=4.9,
    ),
)
