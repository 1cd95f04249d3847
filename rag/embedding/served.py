"""Embedding by a model that vLLM serves: page screenshots, crops, texts, and questions with pictures."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, TypeVar

import httpx
import numpy as np
from pydantic import PrivateAttr

from octavo.rag.clients.calls import map_concurrent, retry_shortened
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import Endpoint, SettingNames
from octavo.rag.embedding.base import Vectors, unit
from octavo.rag.embedding.inputs import EmbeddingInput, messages, prompt
from octavo.rag.embedding.model_embedder import ModelEmbedder, MultiVectorModelEmbedder, name_of
from octavo.rag.model_cards import ModelCard
from octavo.rag.settings import ServedEmbeddingOptions

T = TypeVar("T")
EMBEDDING_SETTINGS = SettingNames.under("OCTAVO_EMBEDDING__")


class ServedEmbedder(ModelEmbedder):
    """Vectors of a model behind vLLM's `/v1/embeddings`: one request each, many at a time, in order.

    Vectors may be cut to fewer dimensions (Matryoshka, arXiv 2205.13147), and are unit vectors. Raises
    `EndpointError`, one sentence that names the endpoint and the setting.
    """

    options: ServedEmbeddingOptions
    via: ClassVar[str] = "vLLM"
    _endpoint: Endpoint = PrivateAttr()

    def __init__(self, options: ServedEmbeddingOptions, card: ModelCard) -> None:
        super().__init__(
            model_name=name_of(options, card, f"over {self.via}"),
            dimension=card.check(options.dimensions),
            options=options,
            card=card,
        )
        self._endpoint = Endpoint(options.url, EMBEDDING_SETTINGS, key=options.key, timeout=options.timeout)

    def rows(self, items: Iterable[T], ask: Callable[[T], EmbeddingInput]) -> Iterator[Vectors]:
        workers = self.options.concurrency
        with self._endpoint.open(workers) as http:
            yield from map_concurrent(lambda item: self._row(http, ask(item)), items, workers)

    def _row(self, http: httpx.Client, item: EmbeddingInput) -> Vectors:
        if item.says_nothing:
            return np.zeros(self.dimension, dtype=np.float32)
        if self.card.leaves_out_tokens:
            tokens = ask_tokens(self._endpoint, http, item, self.options.model, self.card)
            before, after = self.card.beside if item.picture is not None else (0, 0)
            return unit(tokens[before : len(tokens) - after, : self.dimension].mean(axis=0))
        answer = retry_shortened(lambda shorter: self._endpoint.post(http, "embeddings", self._body(shorter)), item)
        row = numbers(self._endpoint, answer, "embedding")
        if len(row) != self.card.dimension:
            raise wrong_dimension(self._endpoint, self.options.model, len(row), self.card)
        return unit(row[: self.dimension].astype(np.float32))

    def _body(self, item: EmbeddingInput) -> dict[str, Any]:
        return {**request(self.options.model, self.card), "messages": messages(item, self.card)}


class ServedMultiVectorEmbedder(MultiVectorModelEmbedder):
    """Late interaction over HTTP: the ColPali and ColQwen family, and text ColBERT, behind vLLM's `/pooling`.

    vLLM is started with `--runner pooling` and the task `token_embed`. Raises `EndpointError`, one sentence that
    names the endpoint and the setting.
    """

    options: ServedEmbeddingOptions
    _endpoint: Endpoint = PrivateAttr()

    def __init__(self, options: ServedEmbeddingOptions, card: ModelCard) -> None:
        super().__init__(options, card, "over vLLM")
        self._endpoint = Endpoint(options.url, EMBEDDING_SETTINGS, key=options.key, timeout=options.timeout)

    def matrices(self, items: Iterable[T], ask: Callable[[T], EmbeddingInput]) -> Iterator[Vectors]:
        workers = self.options.concurrency
        with self._endpoint.open(workers) as http:
            yield from map_concurrent(lambda item: self._matrix(http, ask(item)), items, workers)

    def _matrix(self, http: httpx.Client, item: EmbeddingInput) -> Vectors:
        if item.says_nothing:
            return np.zeros((0, self.dimension), dtype=np.float32)
        tokens = ask_tokens(self._endpoint, http, item, self.options.model, self.card)
        return unit(tokens[:, : self.dimension])


def request(model: str, card: ModelCard) -> dict[str, Any]:
    """Returns the fields that all requests to a model have."""
    return {"model": model, "encoding_format": "base64", **card.request}


def ask_tokens(endpoint: Endpoint, http: httpx.Client, item: EmbeddingInput, model: str, card: ModelCard) -> Vectors:
    """Returns a vector for each token of an input, shape (tokens, dimension of the card), by vLLM's `/pooling`."""

    def body(item: EmbeddingInput) -> dict[str, Any]:
        if item.picture is None:  # these models are trained on texts without a chat template around them
            return {**request(model, card), "input": prompt(item, card)}
        return {**request(model, card), "messages": messages(item, card)}

    answer = retry_shortened(lambda shorter: endpoint.post(http, "/pooling", body(shorter)), item)
    result = numbers(endpoint, answer, "data")
    if not len(result) or len(result) % card.dimension:
        raise wrong_dimension(endpoint, model, len(result), card)
    return result.reshape(-1, card.dimension).astype(np.float32)


def numbers(endpoint: Endpoint, answer: Any, field: str) -> Vectors:
    """Returns the numbers of the first row of an answer, which are finite and not yet in any shape."""
    try:
        row = answer["data"][0][field]
        if isinstance(row, list):  # servers that know no base64
            result = np.asarray(row, dtype=np.float32)
        else:
            result = np.frombuffer(base64.b64decode(row), dtype="<f4")
        if result.ndim != 1 or not result.size:
            raise ValueError("no row of numbers")
    except (KeyError, IndexError, TypeError, ValueError, binascii.Error) as error:
        raise endpoint.unreadable("no embedding") from error
    if not np.isfinite(result).all():
        raise endpoint.unreadable("an embedding that is not finite")
    return result


def wrong_dimension(endpoint: Endpoint, model: str, dimension: int, card: ModelCard) -> EndpointError:
    """Returns the error of a server whose vectors are not those of the card's model."""
    return EndpointError(
        f"{model} at {endpoint.url} gives vectors of {dimension} dimensions, and {card.name} has {card.dimension}: "
        f"check {EMBEDDING_SETTINGS.model} and OCTAVO_EMBEDDING__CARD."
    )
