"""Cards made of a model's own files: `config.json`, and what sentence-transformers writes beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from octavo.ingest import OctavoError
from octavo.rag.model_cards.card import ModelCard

_TWO_TOWERS = frozenset({"align", "clip", "siglip", "siglip2", "chinese_clip", "altclip"})
"""Kinds of models with a tower for texts and one for pictures, whose outputs lie in one space."""
_REFUSED = {
    "lxmert": "takes regions that another network found in a picture, and has no vector for a text alone",
}
"""Kinds of models that cannot be asked for the vector of a text or of a picture, and why."""
_POOLING: dict[str, Literal["mean", "cls", "last"]] = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "last",
    "mean": "mean",
    "cls": "cls",
    "lasttoken": "last",
}
"""Pooling by the names of sentence-transformers: as switches up to its version 5, then as the value of one field."""
_PASSAGE = ("passage", "document", "corpus")


def card_of_weights(folder: Path) -> ModelCard | None:
    """Returns the card that a folder of weights tells; `None` where pooling or dimension stand nowhere.

    Raises `OctavoError` for a model that gives no vectors of texts and pictures.
    """
    config = _json(folder / "config.json")
    kind = str(config.get("model_type", ""))
    if kind in _REFUSED:
        raise OctavoError(f"{folder} is no embedding model: {kind.upper()} {_REFUSED[kind]}. Set another model.")
    if kind == "bridgetower":
        return _picture_card(folder, int(config.get("contrastive_hidden_size", 512)), blank=True)
    if kind in _TWO_TOWERS:
        text = config.get("text_config", {})
        dimension = config.get("projection_dim") or text.get("projection_size") or text.get("hidden_size")
        return _picture_card(folder, int(dimension)) if dimension else None
    pooling = _json(folder / "1_Pooling" / "config.json")
    chosen = [
        mode for name, mode in _POOLING.items() if pooling.get(name) is True or pooling.get("pooling_mode") == name
    ]
    dimension = (
        pooling.get("embedding_dimension") or pooling.get("word_embedding_dimension") or config.get("hidden_size")
    )
    if len(chosen) != 1 or not dimension:
        return None
    prompts = _json(folder / "config_sentence_transformers.json").get("prompts") or {}
    return ModelCard(
        name=folder.resolve().name,
        dimension=int(dimension),
        licence="unknown",
        pooling=chosen[0],
        question=prompts.get("query", "") + "{text}",
        passage=next((prompts[name] for name in _PASSAGE if prompts.get(name)), "") + "{text}",
        sees=False,
        max_tokens=int(_json(folder / "sentence_bert_config.json").get("max_seq_length") or 0),
    )


def _picture_card(folder: Path, dimension: int, *, blank: bool = False) -> ModelCard:
    return ModelCard(
        name=folder.resolve().name,
        dimension=dimension,
        licence="unknown",
        pooling="own",
        together=False,
        blank=56 if blank else 0,
        padding="right",
        served=False,
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
