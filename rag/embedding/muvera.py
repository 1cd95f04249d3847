"""MUVERA's fixed-dimensional encodings (arXiv 2405.19504): one vector for many, for the first pass of late interaction.

The dot product of a question's vector with an entry's approximates their MaxSim. Random hyperplanes cut the space into
buckets; a question is the sum of its tokens in each bucket, an entry their mean, and where an entry has no token in a
bucket, the token that is nearest to it counts. Each bucket is projected to a few dimensions by random signs, and the
whole is repeated with other hyperplanes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octavo.rag.embedding.base import Vectors, unit

SEED = 20_240_519
"""The hyperplanes and signs are the same wherever vectors are made."""


class FixedDimensionalEncoder:
    """Encodes matrices of tokens, shape (tokens, `dimension`), as vectors of `size` components.

    `bits` hyperplanes make 2^bits buckets, each projected to `projected` dimensions, `repetitions` times.

    >>> encoder = FixedDimensionalEncoder(128)
    >>> encoder.size
    2560
    """

    def __init__(self, dimension: int, bits: int = 6, projected: int = 4, repetitions: int = 10) -> None:
        source = np.random.default_rng(SEED)
        self.size = repetitions * 2**bits * projected
        self._bits, self._repetitions, self._projected = bits, repetitions, projected
        self._planes: Vectors = source.normal(size=(dimension, repetitions * bits)).astype(np.float32)
        signs = source.choice(np.array([-1, 1], np.float32), size=(dimension, repetitions * projected))
        self._signs: Vectors = (signs / np.sqrt(projected)).astype(np.float32)

    def question(self, tokens: Vectors) -> Vectors:
        """Returns the unit vector of a question's tokens: shape (size,); zeros where there are none."""
        sums, _ = self._sums(tokens)
        return unit(sums.reshape(1, -1))[0]

    def entry(self, tokens: Vectors) -> Vectors:
        """Returns the unit vector of an entry's tokens: shape (size,); zeros where there are none."""
        if not len(tokens):
            return np.zeros(self.size, np.float32)
        sums, buckets = self._sums(tokens)
        projected = self._project(tokens)
        for repetition, row in enumerate(buckets):
            counts = np.bincount(row, minlength=2**self._bits)
            sums[repetition] /= np.maximum(counts, 1)[:, None]
            empty = np.flatnonzero(counts == 0)
            distances = np.bitwise_count(empty[:, None] ^ row[None, :])
            sums[repetition, empty] = projected[repetition, distances.argmin(axis=1)]
        return unit(sums.reshape(1, -1))[0]

    def _sums(self, tokens: Vectors) -> tuple[Vectors, NDArray[np.intp]]:
        """Returns the sum of each bucket, shape (repetitions, buckets, projected), and the buckets of the tokens."""
        weights = 1 << np.arange(self._bits)
        inside = (tokens @ self._planes > 0).reshape(len(tokens), self._repetitions, self._bits)
        buckets: NDArray[np.intp] = (inside @ weights).T
        sums = np.zeros((self._repetitions, 2**self._bits, self._projected), np.float32)
        for repetition, rows in enumerate(self._project(tokens)):
            np.add.at(sums[repetition], buckets[repetition], rows)
        return sums, buckets

    def _project(self, tokens: Vectors) -> Vectors:
        """Returns the tokens as each repetition projects them: shape (repetitions, tokens, projected)."""
        return (tokens @ self._signs).reshape(len(tokens), self._repetitions, self._projected).transpose(1, 0, 2)
