"""Embedding by a model that vLLM serves: page screenshots, crops, texts, and questions with pictures."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any

import httpx
import numpy as np
from llama_index.core.schema import ImageType
from pydantic import PrivateAttr

from ..cards import ModelCard
from ..endpoint import Endpoint, EndpointError, Named, fitting, ordered
from ..entry import Entry
from ..picture import picture_file
from ..settings import ServedEmbeddingOptions
from ..sight import Sight
from .base import EntryEmbedding, Vectors, unit
from .request import Asked, Role, asked_of, messages

NAMED = Named.under("OCTAVO_EMBEDDING__")


class ServedEmbedding(EntryEmbedding):
    """Vectors of a model behind vLLM's `/v1/embeddings`: one request each, many at a time, in order.

    A page is embedded as its screenshot, a figure, chart or table as its crop, all else as text, where the model sees
    (DSE, arXiv 2406.11251). Vectors may be cut to fewer dimensions (Matryoshka, 2205.13147), and are unit vectors.
    Raises `EndpointError`, one sentence that names the endpoint and the setting.
    """

    model_name: str = ""
    dimension: int = 1
    options: ServedEmbeddingOptions
    card: ModelCard
    _endpoint: Endpoint = PrivateAttr()
    _question: Callable[[str], Vectors] = PrivateAttr()

    def __init__(self, options: ServedEmbeddingOptions, known: ModelCard) -> None:
        super().__init__(
            model_name=f"{known.name} over vLLM",
            dimension=known.check(options.dimensions),
            options=options,
            card=known,
        )
        self._endpoint = Endpoint(options.url, NAMED, key=options.key, timeout=options.timeout)
        self._question = lru_cache(maxsize=32)(lambda text: self._one(Asked(Role.QUESTION, text)))

    @property
    def sees(self) -> bool:
        return self.card.sees

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        return self._embed(Asked(Role.ENTRY, text) for text in texts)

    def embed_entries(self, entries: Sequence[Entry], sight: Sight | None = None) -> Vectors:
        see = sight if self.card.sees else None
        return self._embed(entries, lambda entry: asked_of(entry, see))

    def embed_query(self, text: str, image: ImageType | None = None) -> Vectors:
        if image is None:
            return self._question(text)
        picture = picture_file(image)
        if text and not self.card.together:
            return super().embed_query(text, BytesIO(picture))
        return self._one(Asked(Role.QUESTION, text, picture))

    def embed_image(self, image: ImageType) -> Vectors:
        return self._one(Asked(Role.ENTRY, "", picture_file(image)))

    def _one(self, asked: Asked) -> Vectors:
        row: Vectors = self._embed([asked])[0]
        return row

    def _embed(self, items: Iterable[Any], ask: Any = lambda asked: asked) -> Vectors:
        workers = self.options.concurrency
        with self._endpoint.open(workers) as http:
            rows = list(ordered(lambda item: self._row(http, ask(item)), items, workers))
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def _row(self, http: httpx.Client, asked: Asked) -> Vectors:
        if asked.picture is None and not asked.text.strip():
            return np.zeros(self.dimension, dtype=np.float32)
        return self._read(fitting(lambda one: self._endpoint.post(http, "embeddings", self._body(one)), asked))

    def _body(self, asked: Asked) -> dict[str, Any]:
        asking = {"model": self.options.model, "encoding_format": "base64"}
        return {**asking, **self.card.request, "messages": messages(asked, self.card)}

    def _read(self, answer: Any) -> Vectors:
        try:
            row = np.frombuffer(base64.b64decode(answer["data"][0]["embedding"]), dtype="<f4")
        except (KeyError, IndexError, TypeError, ValueError, binascii.Error) as error:
            raise self._endpoint.unreadable("no embedding") from error
        if len(row) != self.card.dimension:
            raise wrong_dimension(self.options.model, self._endpoint.url, len(row), self.card)
        if not np.isfinite(row).all():
            raise self._endpoint.unreadable("an embedding that is not finite")
        return unit(row[: self.dimension].astype(np.float32))


def wrong_dimension(model: str, url: str, found: int, known: ModelCard) -> EndpointError:
    """The error of a server whose vectors are not those of the card's model."""
    return EndpointError(
        f"{model} at {url} gives vectors of {found} dimensions, and {known.name} has {known.dimension}: "
        f"check {NAMED.model} and OCTAVO_EMBEDDING__CARD."
    )
