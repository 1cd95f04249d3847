"""Late interaction over HTTP: matrices of token vectors from vLLM's `/pooling`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any, TypeVar

import httpx
import numpy as np
from llama_index.core.schema import ImageType
from pydantic import PrivateAttr

from ingest import OctavoError

from ..cards import ModelCard
from ..endpoint import Endpoint, fitting, ordered
from ..entry import Entry
from ..picture import picture_file
from ..settings import ServedEmbeddingOptions
from ..sight import Sight
from .base import Vectors, unit
from .request import Asked, Role, asked_of, messages, prompt
from .served import NAMED, wrong_dimension
from .tokens import TokenEmbedding

T = TypeVar("T")


class ServedTokenEmbedding(TokenEmbedding):
    """The ColPali and ColQwen family, and text ColBERT, behind vLLM (`--runner pooling`, task `token_embed`).

    Raises `EndpointError`, one sentence that names the endpoint and the setting.
    """

    model_name: str = ""
    dimension: int = 1
    options: ServedEmbeddingOptions
    card: ModelCard
    _endpoint: Endpoint = PrivateAttr()

    def __init__(self, options: ServedEmbeddingOptions, known: ModelCard) -> None:
        name = f"{known.name} over vLLM"
        if options.token_pooling > 1:
            name += f", {options.token_pooling} tokens pooled"
        super().__init__(model_name=name, dimension=known.check(options.dimensions), options=options, card=known)
        self._endpoint = Endpoint(options.url, NAMED, key=options.key, timeout=options.timeout)

    @property
    def sees(self) -> bool:
        return self.card.sees

    def token_matrices(self, entries: Sequence[Entry], sight: Sight | None = None) -> list[Vectors]:
        see = sight if self.card.sees else None
        return [pooled(m, self.options.token_pooling) for m in self._matrices(entries, lambda e: asked_of(e, see))]

    def question_tokens(self, text: str, image: ImageType | None = None) -> Vectors:
        if image is not None and not self.card.sees:
            raise OctavoError(f"{self.card.name} sees no pictures: ask in words, or set an embedding model that does.")
        picture = None if image is None else picture_file(image)
        return self._matrices([Asked(Role.QUESTION, text, picture)])[0]

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        return self.means(self._matrices([Asked(Role.ENTRY, text) for text in texts]))

    def embed_image(self, image: ImageType) -> Vectors:
        row: Vectors = self.means([self.question_tokens("", BytesIO(picture_file(image)))])[0]
        return row

    def _matrices(self, items: Iterable[T], ask: Callable[[T], Any] = lambda asked: asked) -> list[Vectors]:
        workers = self.options.concurrency
        with self._endpoint.open(workers) as http:
            return list(ordered(lambda item: self._matrix(http, ask(item)), items, workers))

    def _matrix(self, http: httpx.Client, asked: Asked) -> Vectors:
        if asked.picture is None and not asked.text.strip():
            return np.zeros((0, self.dimension), dtype=np.float32)
        return self._read(fitting(lambda one: self._endpoint.post(http, "/pooling", self._body(one)), asked))

    def _body(self, asked: Asked) -> dict[str, Any]:
        asking = {"model": self.options.model, "encoding_format": "base64", **self.card.request}
        if asked.picture is None:  # these models are trained on texts without a chat template around them
            return {**asking, "input": prompt(asked, self.card)}
        return {**asking, "messages": messages(asked, self.card)}

    def _read(self, answer: Any) -> Vectors:
        try:
            numbers = np.frombuffer(base64.b64decode(answer["data"][0]["data"]), dtype="<f4")
        except (KeyError, IndexError, TypeError, ValueError, binascii.Error) as error:
            raise self._endpoint.unreadable("no token vectors") from error
        if not len(numbers) or len(numbers) % self.card.dimension:
            raise wrong_dimension(self.options.model, self._endpoint.url, len(numbers), self.card)
        if not np.isfinite(numbers).all():
            raise self._endpoint.unreadable("an embedding that is not finite")
        return unit(numbers.reshape(-1, self.card.dimension)[:, : self.dimension].astype(np.float32))


def pooled(tokens: Vectors, factor: int) -> Vectors:
    """Every `factor` neighbouring tokens as their mean at unit length, so that a matrix takes less room.

    >>> pooled(np.eye(3, dtype=np.float32), 2).astype(float).round(2).tolist()
    [[0.71, 0.71, 0.0], [0.0, 0.0, 1.0]]
    """
    if factor <= 1 or not len(tokens):
        return tokens
    return unit(np.add.reduceat(tokens, np.arange(0, len(tokens), factor), axis=0))
