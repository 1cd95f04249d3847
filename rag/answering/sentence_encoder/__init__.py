"""Vectors of sentences that are near where the sentences mean the same in other words (all-MiniLM-L6-v2).

The network is a six-layer encoder (arXiv 2002.10957) that was trained on pairs of sentences (arXiv 1908.10084), with
8-bit weights; `card.json` says where they come from, and `octavo.eval.fitting.sentence_encoder` writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octavo.rag.answering.networks import load_session, load_tokenizer
from octavo.rag.answering.reader.model import FOLDER as READER, TOKENIZER

MODEL = Path(__file__).parent / "model.int8.onnx"
DIMENSION = 384
MAX_TOKENS = 128
"""Tokens of a text that are encoded; the rest is left out."""
_CACHED = 5_000


def encode_sentences(texts: Sequence[str]) -> NDArray[np.float32]:
    """Returns the vectors of English texts, shape (texts, 384), of unit length; 2 to 4 ms of a processor for each.

    >>> asked, *others = encode_sentences(["When may I drive?", "No car for ten days.", "Take two tablets."])
    >>> bool(asked @ others[0] > asked @ others[1])
    True
    """
    return np.array([_encode(text) for text in texts], dtype=np.float32).reshape(len(texts), DIMENSION)


@lru_cache(maxsize=_CACHED)
def _encode(text: str) -> NDArray[np.float32]:
    """Returns the vector of one text: the 8-bit activations of a batch would share their scale."""
    ids = load_tokenizer(READER / TOKENIZER).encode(text).ids
    if len(ids) > MAX_TOKENS:
        ids = [*ids[: MAX_TOKENS - 1], ids[-1]]
    inputs = {"input_ids": ids, "attention_mask": [1] * len(ids)}
    vectors = load_session(MODEL).run(None, {name: np.array([ids], dtype=np.int64) for name, ids in inputs.items()})[0]
    return np.asarray(vectors[0], dtype=np.float32)
