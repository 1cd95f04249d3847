"""Embeddings of models that have a card, wherever they run: what is put to them, and how a question is asked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any, TypeVar

import numpy as np
from pydantic import Field, PrivateAttr

from octavo.ingest import OctavoError
from octavo.rag.embedding.base import Embedder, Vectors, unit
from octavo.rag.embedding.inputs import EmbeddingInput, InputRole, input_of
from octavo.rag.embedding.multivector import MultiVectorEmbedder
from octavo.rag.entry import Entry
from octavo.rag.image_source import ImageSource
from octavo.rag.images import ImageInput, picture_file
from octavo.rag.model_cards import ModelCard
from octavo.rag.settings import LocalEmbeddingOptions, ServedEmbeddingOptions

T = TypeVar("T")
_CACHED_QUERIES = 32
"""Questions whose vectors are held, since one question is embedded for several rankings."""


class ModelEmbedder(Embedder):
    """One vector for a text, a picture or both; an implementation gives `rows`.

    A page is embedded as its screenshot, a figure, chart or table as its crop, all else as text, where the model sees
    (DSE, arXiv 2406.11251).
    """

    model_name: str = ""
    dimension: int = 1
    resumable: bool = True
    options: ServedEmbeddingOptions | LocalEmbeddingOptions
    card: ModelCard
    _question: Callable[[str], Vectors] = PrivateAttr()

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self._question = lru_cache(maxsize=_CACHED_QUERIES)(
            lambda text: self._one(EmbeddingInput(InputRole.QUESTION, text))
        )

    @property
    def supports_images(self) -> bool:
        return self.card.sees

    @abstractmethod
    def rows(self, items: Iterable[T], ask: Callable[[T], EmbeddingInput]) -> Iterator[Vectors]:
        """Yields the unit vector, shape (dimension,), of what `ask` makes of each item, in order, as they are made.

        Of a text without words it is zero.
        """

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        return self._stacked(self.rows(texts, lambda text: EmbeddingInput(InputRole.ENTRY, text)))

    def embed_each(self, entries: Sequence[Entry], images: ImageSource | None = None) -> Iterator[Vectors]:
        see = images if self.card.sees else None
        return self.rows(entries, lambda entry: input_of(entry, see, interleaved=self.options.interleaved))

    def embed_entries(self, entries: Sequence[Entry], images: ImageSource | None = None) -> Vectors:
        return self._stacked(self.embed_each(entries, images))

    def embed_query(self, text: str, image: ImageInput | None = None) -> Vectors:
        if image is None:
            return self._question(text)
        picture = picture_file(image)
        if text and not self.card.together:
            return super().embed_query(text, BytesIO(picture))
        return self._one(EmbeddingInput(InputRole.QUESTION, text, picture))

    def embed_image(self, image: ImageInput) -> Vectors:
        return self._one(EmbeddingInput(InputRole.ENTRY, "", picture_file(image)))

    def _one(self, item: EmbeddingInput) -> Vectors:
        (row,) = self.rows([item], _as_it_is)
        return row

    def _stacked(self, rows: Iterable[Vectors]) -> Vectors:
        matrix_rows = list(rows)
        return np.stack(matrix_rows) if matrix_rows else np.zeros((0, self.dimension), dtype=np.float32)


class MultiVectorModelEmbedder(MultiVectorEmbedder):
    """A vector for each token of a text or a picture; an implementation gives `matrices`.

    Of entries, every `token_pooling` tokens are kept as one: neighbors, or those that are most alike.
    """

    model_name: str = ""
    dimension: int = 1
    resumable: bool = True
    token_pooling: int = Field(1, ge=1)
    options: ServedEmbeddingOptions | LocalEmbeddingOptions
    card: ModelCard

    def __init__(self, options: ServedEmbeddingOptions | LocalEmbeddingOptions, card: ModelCard, where: str) -> None:
        super().__init__(
            model_name=name_of(options, card, where),
            dimension=card.check(options.dimensions),
            token_pooling=options.token_pooling,
            options=options,
            single_vector=options.single_vector,
            card=card,
        )

    @property
    def supports_images(self) -> bool:
        return self.card.sees

    @abstractmethod
    def matrices(self, items: Iterable[T], ask: Callable[[T], EmbeddingInput]) -> Iterator[Vectors]:
        """Yields the matrix, shape (tokens, dimension), of what `ask` makes of each item, in order, as they are made.

        Its rows are unit vectors; it has none of a text without words.
        """

    def matrix_each(self, entries: Sequence[Entry], images: ImageSource | None = None) -> Iterator[Vectors]:
        see = images if self.card.sees else None
        for matrix in self.matrices(entries, lambda entry: input_of(entry, see, interleaved=self.options.interleaved)):
            yield self._pool(matrix, self.token_pooling)

    @property
    def _pool(self) -> Callable[[Vectors, int], Vectors]:
        return merge_tokens if self.options.pooled_tokens == "alike" else pool_tokens

    def token_matrices(self, entries: Sequence[Entry], images: ImageSource | None = None) -> list[Vectors]:
        return list(self.matrix_each(entries, images))

    def question_tokens(self, text: str, image: ImageInput | None = None) -> Vectors:
        if image is not None and not self.card.sees:
            raise OctavoError(f"{self.card.name} sees no pictures: ask in words, or set an embedding model that does.")
        if image is None or (text and self.card.together):
            parts = [EmbeddingInput(InputRole.QUESTION, text, None if image is None else picture_file(image))]
        else:
            picture = EmbeddingInput(InputRole.QUESTION, "", picture_file(image))
            parts = [EmbeddingInput(InputRole.QUESTION, text), picture] if text else [picture]
        return np.concatenate(list(self.matrices(parts, _as_it_is)))

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        return self.entry_vectors(list(self.matrices(texts, lambda text: EmbeddingInput(InputRole.ENTRY, text))))

    def embed_image(self, image: ImageInput) -> Vectors:
        return self.question_vector(self.question_tokens("", image))


def name_of(options: ServedEmbeddingOptions | LocalEmbeddingOptions, card: ModelCard, where: str) -> str:
    """Returns a name that differs where the vectors of entries do, so that a library mixes no two kinds of them."""
    alike = "like " if options.pooled_tokens == "alike" else ""
    pooled_by = (
        f", {options.token_pooling} {alike}tokens pooled" if options.token_pooling > 1 and card.multi_vector else ""
    )
    encoded = ", muvera" if options.single_vector == "muvera" and card.multi_vector else ""
    return f"{card.name} {where}{pooled_by}{encoded}{', interleaved' if options.interleaved else ''}"


def pool_tokens(tokens: Vectors, factor: int) -> Vectors:
    """Returns every `factor` neighbouring tokens as their mean at unit length, so that a matrix takes less room.

    >>> pool_tokens(np.eye(3, dtype=np.float32), 2).astype(float).round(2).tolist()
    [[0.71, 0.71, 0.0], [0.0, 0.0, 1.0]]
    """
    if factor <= 1 or not len(tokens):
        return tokens
    return unit(np.add.reduceat(tokens, np.arange(0, len(tokens), factor), axis=0))


def merge_tokens(tokens: Vectors, factor: int) -> Vectors:
    """Returns a matrix of unit rows in which the tokens most alike are merged until one of `factor` is left.

    In rounds, pairs of which each is the other's nearest become their mean, weighed by how many tokens each stands
    for, the most alike first. AIM (arXiv 2412.03248) merges pictures' tokens by likeness, too, within a model.

    >>> merge_tokens(np.array([[1, 0], [0, 1], [1, 0], [0, 1]], dtype=np.float32), 2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    size = -(-len(tokens) // factor)
    rows, sizes = tokens.astype(np.float32), np.ones((len(tokens), 1), np.float32)
    while len(rows) > max(1, size):
        similar = unit(rows) @ unit(rows).T
        np.fill_diagonal(similar, -np.inf)
        nearest = similar.argmax(axis=1)
        first = np.flatnonzero((nearest[nearest] == np.arange(len(rows))) & (np.arange(len(rows)) < nearest))
        first = first[np.argsort(-similar[first, nearest[first]], kind="stable")][: len(rows) - size]
        second = nearest[first]
        rows[first] = (sizes[first] * rows[first] + sizes[second] * rows[second]) / (sizes[first] + sizes[second])
        sizes[first] += sizes[second]
        rows, sizes = np.delete(rows, second, axis=0), np.delete(sizes, second, axis=0)
    return unit(rows)


def _as_it_is(item: EmbeddingInput) -> EmbeddingInput:
    return item
