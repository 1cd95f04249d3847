"""The rarity of words in English text."""

from __future__ import annotations

import math
from functools import lru_cache

from octavo.rag.answering.networks import load_tokenizer
from octavo.rag.answering.reader.model import FOLDER, TOKENIZER

_COMMON, _PIECES = 2_000, 30_522
"""Where the words begin in the reader's vocabulary, whose order is about that of their frequency, and its size."""


@lru_cache(maxsize=5_000)
def rarity(word: str) -> float:
    """Returns how rare a word is in English text, in [0, 1]: 1 for those of several word pieces.

    >>> [round(rarity(word), 1) for word in ("the", "study", "wheel", "motorcycle", "tiramisu")]
    [0.0, 0.1, 0.4, 0.6, 1.0]
    """
    ids = load_tokenizer(FOLDER / TOKENIZER).encode(word, add_special_tokens=False).ids
    if len(ids) != 1:
        return 1.0
    return max(0.0, math.log(ids[0] / _COMMON) / math.log(_PIECES / _COMMON))
