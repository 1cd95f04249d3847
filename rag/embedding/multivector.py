"""Late interaction: an embedding that has a vector for each token, and one that stands for them in the first pass."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from octavo.rag.embedding.base import Embedder, Vectors, unit
from octavo.rag.embedding.muvera import FixedDimensionalEncoder
from octavo.rag.entry import Entry
from octavo.rag.image_source import ImageSource
from octavo.rag.images import ImageInput
from octavo.rag.settings import SingleVector


class MultiVectorEmbedder(Embedder):
    """An embedder with one vector per token, as ColPali (arXiv 2407.01449) and ColBERT (2004.12832).

    The vector for the first pass is the mean of the tokens' vectors, at unit length, or with `single_vector` `muvera`
    MUVERA's encoding of them (arXiv 2405.19504), which is nearer to late interaction and several times as long.
    """

    single_vector: SingleVector = "mean"

    @abstractmethod
    def token_matrices(self, entries: Sequence[Entry], images: ImageSource | None = None) -> list[Vectors]:
        """Returns a matrix of unit rows for each entry, shape (tokens, dimension); no rows where it says nothing."""

    def matrix_each(self, entries: Sequence[Entry], images: ImageSource | None = None) -> Iterator[Vectors]:
        """Yields the same matrices one by one, in order, as they are made."""
        yield from self.token_matrices(entries, images)

    @abstractmethod
    def question_tokens(self, text: str, image: ImageInput | None = None) -> Vectors:
        """Returns the matrix of a question, shape (tokens, dimension), unit rows."""

    def embed_entries(self, entries: Sequence[Entry], images: ImageSource | None = None) -> Vectors:
        return self.entry_vectors(self.token_matrices(entries, images))

    def embed_query(self, text: str, image: ImageInput | None = None) -> Vectors:
        return self.question_vector(self.question_tokens(text, image))

    def entry_vectors(self, matrices: Sequence[Vectors]) -> Vectors:
        """Returns the vectors of entries for the first pass, one row for each matrix of tokens; unit rows."""
        if self.single_vector == "muvera":
            encoder = encoder_of(self.dimension)
            rows = [encoder.entry(matrix) for matrix in matrices]
            return np.stack(rows) if rows else np.zeros((0, encoder.size), dtype=np.float32)
        means = [m.mean(axis=0) if len(m) else np.zeros(self.dimension, np.float32) for m in matrices]
        return unit(np.stack(means)) if means else np.zeros((0, self.dimension), dtype=np.float32)

    def question_vector(self, tokens: Vectors) -> Vectors:
        """Returns the vector of a question's tokens for the first pass: a unit vector as long as those of entries."""
        if self.single_vector == "muvera":
            return encoder_of(self.dimension).question(tokens)
        row: Vectors = self.entry_vectors([tokens])[0]
        return row


@cache
def encoder_of(dimension: int) -> FixedDimensionalEncoder:
    """Returns the encoder of tokens with that many components."""
    return FixedDimensionalEncoder(dimension)
