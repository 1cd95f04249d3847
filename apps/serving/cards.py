"""Arguments of vLLM for a model: from its card, or from its name and folder where it has none."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from octavo.ingest import OctavoError
from octavo.rag.model_cards import CHAT, EMBEDDERS, RERANKERS, ModelCard, ServedCard, find_card

_GIB = 2.0**30
_LONGEST_CONTEXT = 16_384
"""Tokens of context that a model without a card is served with, at most."""
_PARAMETERS = re.compile(r"(?<![A-Za-z\d.])(\d+(?:\.\d+)?)[Bb](?![A-Za-z\d])")
_QUANTIZED = (
    (re.compile(r"(?:nvfp4|mxfp4|awq|gptq|int4|w4a16|4bit)", re.I), 0.65),
    (re.compile(r"(?:fp8|int8|w8a8|w8a16|8bit)", re.I), 1.15),
)
"""Ways to store weights in fewer bits, and bytes a parameter with what stays as it was."""
_BYTES = 2.0


def card(role: str, name: str, weights: float = 0.0) -> ModelCard | ServedCard:
    """Returns the card of a model by name or folder.

    A quantized model has that of the model that it was made from. A model without a card is served by its size:
    `weights` in GiB, else that of its folder, else what its name tells. Raises `OctavoError` where nothing does.
    """
    known_card = _known_card(role, name)
    size = weights or _size(name)
    if known_card is not None:
        quantized = _QUANTIZED_NAME.search(name) and not size
        if quantized:
            size = known_card.memory / _BYTES * _bytes(name)
        return known_card.model_copy(update={"memory": size}) if size else known_card
    size = size or _size_in_name(name)
    if not size:
        raise OctavoError(
            f"Octavo knows how to serve {name} only where it is told its size: give the GiB of its weights by "
            f"--weights {role}=GIB."
        )
    serve = ("--max-model-len", str(_context(name))) if role == "chat" else ("--runner", "pooling")
    return ServedCard(name=name, licence="licence unknown", serve=serve, memory=round(size, 1))


_QUANTIZED_NAME = re.compile("|".join(pattern.pattern for pattern, _ in _QUANTIZED), re.I)


def _known_card(role: str, name: str) -> ModelCard | ServedCard | None:
    cards: dict[str, Sequence[ModelCard | ServedCard]] = {"chat": CHAT, "embedding": EMBEDDERS, "reranker": RERANKERS}
    return find_card(name, cards[role])


def _size(name: str) -> float:
    """Returns GiB of the weights in a folder, 0 where there is none."""
    folder = Path(name).expanduser()
    if not folder.is_dir():
        return 0.0
    files = [*folder.glob("*.safetensors")] or [*folder.glob("*.bin")]
    return sum(file.stat().st_size for file in files) / _GIB


def _size_in_name(name: str) -> float:
    """Returns GiB of weights by a name, such as `some/Model-9B-FP8`: the largest number of parameters in it.

    >>> [round(_size_in_name(f"some/{name}"), 1) for name in ("Model-9B", "Model-30B-A3B-FP8", "thing")]
    [16.8, 32.1, 0.0]
    """
    results = [float(n) for n in _PARAMETERS.findall(name.replace("_", "-"))]
    return max(results, default=0.0) * 1e9 * _bytes(name) / _GIB


def _bytes(name: str) -> float:
    return next((each for pattern, each in _QUANTIZED if pattern.search(name)), _BYTES)


def _context(name: str) -> int:
    """Returns tokens of context: what the folder's configuration tells, at most `_LONGEST_CONTEXT`."""
    try:
        config = json.loads((Path(name).expanduser() / "config.json").read_text(encoding="utf-8"))
        configured = {**config, **(config.get("text_config") or {})}.get("max_position_embeddings")
    except (OSError, ValueError, AttributeError, TypeError):
        configured = None
    return min(_LONGEST_CONTEXT, configured) if isinstance(configured, int) and configured > 0 else _LONGEST_CONTEXT
