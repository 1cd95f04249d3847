"""Vectors of one model in the space of another, by a linear map: a library's vectors stay, its questions move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from octavo.rag.embedding.base import Embedder, Vectors, unit
from octavo.rag.entry import Entry
from octavo.rag.image_source import ImageSource
from octavo.rag.images import ImageInput


class ProjectedEmbedder(Embedder):
    """An embedder whose vectors of questions and entries are mapped, each by a matrix of its own.

    `model_name` and `dimension` are those of the space that they are mapped to. A matrix has the shape (the embedder's
    dimension + 1, dimension), and its last row is added. Without `of_entries`, entries have the embedder's own vectors.

    >>> from octavo.rag.embedding import StaticEmbedder
    >>> turn = np.concatenate([np.eye(256)[::-1], np.zeros((1, 256))]).astype(np.float32)
    >>> turned = ProjectedEmbedder(model_name="turned", dimension=256, inner=StaticEmbedder(), of_questions=turn)
    >>> bool(np.allclose(turned.embed_question("cash")[::-1], StaticEmbedder().embed_question("cash")))
    True
    """

    inner: Embedder
    of_questions: Vectors
    of_entries: Vectors | None = None

    @property
    def supports_images(self) -> bool:
        return self.inner.supports_images

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        return self._entries(self.inner.embed_texts(texts))

    def embed_entries(self, entries: Sequence[Entry], images: ImageSource | None = None) -> Vectors:
        return self._entries(self.inner.embed_entries(entries, images))

    def embed_each(self, entries: Sequence[Entry], images: ImageSource | None = None) -> Iterator[Vectors]:
        return (self._entries(row[None])[0] for row in self.inner.embed_each(entries, images))

    def embed_query(self, text: str, image: ImageInput | None = None) -> Vectors:
        row: Vectors = project(self.inner.embed_query(text, image)[None], self.of_questions)[0]
        return row

    def embed_image(self, image: ImageInput) -> Vectors:
        row: Vectors = self._entries(self.inner.embed_image(image)[None])[0]
        return row

    def invert_image(self, image: ImageInput) -> Vectors:
        row: Vectors = project(self.inner.invert_image(image)[None], self.of_questions)[0]
        return row

    def _entries(self, rows: Vectors) -> Vectors:
        return rows if self.of_entries is None else project(rows, self.of_entries)


def project(rows: Vectors, matrix: Vectors) -> Vectors:
    """Returns rows mapped by a matrix whose last row is added, at unit length; zero rows stay zero."""
    mapped = rows @ matrix[:-1] + matrix[-1]
    return unit(np.where(rows.any(axis=1, keepdims=True), mapped, 0).astype(np.float32))
