"""The embedding seam: one base class, a LlamaIndex `MultiModalEmbedding` that also knows entries."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import Embedding
from llama_index.core.embeddings import MultiModalEmbedding
from llama_index.core.schema import ImageType
from numpy.typing import NDArray
from pydantic import Field

from octavo.rag.entry import Entry
from octavo.rag.image_source import ImageSource

Vectors = NDArray[np.float32]


class Embedder(MultiModalEmbedding):
    """Turns entries and questions into unit vectors of one space.

    `model_name` and `dimension` are recorded in a library, which refuses to mix two. Implementations give
    `embed_texts`; one whose model sees pictures overrides `embed_entries` too. One that is `resumable` makes vectors
    that cost so much that those of a document which fails half-way are kept; it overrides `embed_each`.
    """

    dimension: int = Field(gt=0)
    resumable: bool = False
    binary: bool = Field(False, description="search goes by sign bits first")

    @property
    def sees(self) -> bool:
        """Whether a picture itself is embedded, rather than the words in it."""
        return False

    @abstractmethod
    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts: shape (len(texts), dimension), each row of length 1 (a text without words: zeros)."""

    def embed_entries(self, entries: Sequence[Entry], sight: ImageSource | None = None) -> Vectors:
        """Vectors of entries: shape (len(entries), dimension), unit rows. `sight` gives their pictures."""
        return self.embed_texts([entry.searchable for entry in entries])

    def embed_each(self, entries: Sequence[Entry], sight: ImageSource | None = None) -> Iterator[Vectors]:
        """The same rows one by one, in order, as they are made."""
        yield from self.embed_entries(entries, sight)

    def embed_question(self, question: str) -> Vectors:
        """The vector of a question in words: shape (dimension,)."""
        return self.embed_query(question)

    def embed_query(self, text: str, image: ImageType | None = None) -> Vectors:
        """The vector of a question in words, a picture (a path, its bytes, or a stream), or both: shape (dimension,).

        A model that takes both at once overrides this; for others it is the mean of the two vectors, at unit length.
        """
        if image is None:
            row: Vectors = self.embed_texts([text])[0]
            return row
        seen = self.embed_image(image)
        return unit(self.embed_query(text) + seen) if text.strip() else seen

    @abstractmethod
    def embed_image(self, image: ImageType) -> Vectors:
        """The vector of a picture (a path, its bytes, or a stream): shape (dimension,)."""

    # LlamaIndex's own names for the same things

    def _get_text_embedding(self, text: str) -> Embedding:
        return self._rows([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        return self._rows(texts)

    def _get_query_embedding(self, query: str) -> Embedding:
        return [float(x) for x in self.embed_question(query)]

    def _get_image_embedding(self, img_file_path: ImageType) -> Embedding:
        return [float(x) for x in self.embed_image(img_file_path)]

    async def _aget_query_embedding(self, query: str) -> Embedding:
        return await asyncio.to_thread(self._get_query_embedding, query)

    async def _aget_text_embedding(self, text: str) -> Embedding:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_image_embedding(self, img_file_path: ImageType) -> Embedding:
        return await asyncio.to_thread(self._get_image_embedding, img_file_path)

    def _rows(self, texts: list[str]) -> list[Embedding]:
        rows: list[Any] = self.embed_texts(texts).tolist()
        return rows


def unit(rows: Vectors) -> Vectors:
    """Rows scaled to length 1; zero rows stay zero.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
