"""Words that mean nearly the same by the static word vectors of the embedded default, or by the sentence encoder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from octavo.rag.answering.sentence_encoder import encode_sentences
from octavo.rag.embedding.static import embed_words

LEAST = 0.45
"""The cosine from which words are near."""
LEAST_OF_NAME, MARGIN = 0.5, 0.1
"""The cosine of a word with the name of a column at least, and how much more it is than that with any other name."""
_SHORTEST, _SHORTEST_PART = 3, 4
"""Letters of a word that has near ones, and of one that others begin or end with."""
_CACHED = 20_000


def near_words(word: str, vocabulary: Collection[str]) -> list[str]:
    """Returns the words of a vocabulary, in lower case, that are near a word, the nearest first.

    Words that share a word piece are near by their spelling; they count where the word begins or ends another.

    >>> near_words("car", ["vehicle", "price", "card", "boat"]), near_words("shakes", ["stakes", "vibrates"])
    (['vehicle'], [])
    >>> near_words("planetarium", ["planet", "star"]), near_words("girls", ["boys", "children"])
    ([], [])
    """
    if len(word) < _SHORTEST:
        return []
    vector, pieces = _embedded(word)
    results = []
    for other in vocabulary:
        if len(other) < _SHORTEST or other == word:
            continue
        own, own_pieces = _embedded(other)
        cosine = float(vector @ own)
        is_part = len(word) >= _SHORTEST_PART and (other.startswith(word) or other.endswith(word))
        if cosine >= LEAST and (is_part or pieces.isdisjoint(own_pieces)):
            results.append((cosine, other))
    return [other for _, other in sorted(results, key=lambda pair: (-pair[0], pair[1]))]


def nearness(word: str, others: Collection[str]) -> float:
    """Returns the cosine of an English word with the nearest of others by the sentence encoder, 0 without any.

    >>> nearness("chickens", ["hens", "plot"]) > 0.7 > nearness("chickens", ["plot", "shed"])
    True
    """
    words = sorted(other for other in others if len(other) >= _SHORTEST)
    if not words:
        return 0.0
    own, *vectors = encode_sentences([word, *words])
    return max(float(own @ vector) for vector in vectors)


def nearest_name(word: str, names: Sequence[str]) -> str:
    """Returns the name of a column that an English word is near by the sentence encoder; empty where none stands out.

    >>> nearest_name("mileage", ["payload kg", "odometer km", "depot"]), nearest_name("colour", ["price", "weight"])
    ('odometer km', '')
    """
    if len(word) < _SHORTEST or len(names) < 2:
        return ""
    own, *vectors = encode_sentences([word, *names])
    (best, name), (second, _) = sorted(((float(own @ v), name) for v, name in zip(vectors, names, strict=True)))[:-3:-1]
    return name if best >= LEAST_OF_NAME and best - second >= MARGIN else ""


@lru_cache(maxsize=_CACHED)
def _embedded(word: str) -> tuple[NDArray[np.float32], frozenset[int]]:
    return embed_words([word])[0]
