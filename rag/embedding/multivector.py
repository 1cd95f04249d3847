"""Late interaction: an embedding that has a vector for each token, and one that stands for them in the first pass."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np

from octavo.rag.embedding.base import Embedder, Vectors, unit
from octavo.rag.entry import Entry
from octavo.rag.image_source import ImageSource
from octavo.rag.images import ImageInput


class MultiVectorEmbedder(Embedder):
    """An embedder with one vector per token, as ColPali (arXiv 2407.01449) and ColBERT (2004.12832).

    The vector for the first pass is the mean of the tokens' vectors, at unit length.
    """

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
        return self.means(self.token_matrices(entries, images))

    def embed_query(self, text: str, image: ImageInput | None = None) -> Vectors:
        row: Vectors = self.means([self.question_tokens(text, image)])[0]
        return row

    def means(self, matrices: Sequence[Vectors]) -> Vectors:
        """Returns the vectors of the first pass: shape (len(matrices), dimension)."""
        rows = [m.mean(axis=0) if len(m) else np.zeros(self.dimension, np.float32) for m in matrices]
        return unit(np.stack(rows)) if rows else np.zeros((0, self.dimension), dtype=np.float32)
