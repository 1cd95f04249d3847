"""The chat models and rerankers that are known, with the arguments by which vLLM serves each."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from octavo.rag.model_cards.card import ModelCard

_QWEN3_RERANKER = {
    "architectures": ["Qwen3VLForSequenceClassification"],
    "classifier_from_token": ["no", "yes"],
    "is_original_qwen3_reranker": True,
}


_SUFFIX = re.compile(r"[-_](?:fp8|int[48]|awq|gptq|nvfp4|mxfp4|w\da\d+|[48]bit|dynamic|quantized|bf16)\b.*$", re.I)


class ServedCard(BaseModel):
    """A model that is only ever served; fields as in `ModelCard`.

    `boxes` is true for a chat model that was trained to give boxes in thousandths of a picture's sides.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    licence: str
    serve: tuple[str, ...] = ()
    template: str = ""
    boxes: bool = False
    memory: float


CardT = TypeVar("CardT", ModelCard, ServedCard, ModelCard | ServedCard)


def find_card(name: str, cards: Sequence[CardT]) -> CardT | None:
    """Returns the card of a model by its name or folder; a quantized model has that of the one it was made from.

    >>> find_card("weights/Qwen3-VL-8B-Instruct-FP8", CHAT).name
    'Qwen/Qwen3-VL-8B-Instruct'
    """
    last = name.rstrip("/").rpartition("/")[2].lower()
    for candidate in dict.fromkeys((last, _SUFFIX.sub("", last))):
        for one in cards:
            if candidate == one.name.rpartition("/")[2].lower():
                return one
    return None


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
        boxes=True,
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
        boxes=True,
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
