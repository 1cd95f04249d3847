"""Late interaction in process: ColPali, ColQwen2 and ColModernVBERT through transformers, and text ColBERT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from pydantic import PrivateAttr

from octavo.ingest import OctavoError
from octavo.rag.clients.in_process import load, to_device, tokenizer_of
from octavo.rag.embedding.base import Vectors, unit
from octavo.rag.embedding.colbert import ARCHITECTURE as COLBERT, ENCODERS, Colbert, colbert_class
from octavo.rag.embedding.in_process import PREFIX, batches, wrong_dimension
from octavo.rag.embedding.inputs import EmbeddingInput, InputRole, prompt
from octavo.rag.embedding.model_embedder import MultiVectorModelEmbedder
from octavo.rag.images import decode_image, fit_image
from octavo.rag.model_cards import ModelCard
from octavo.rag.settings import LocalEmbeddingOptions

T = TypeVar("T")


class LocalMultiVectorEmbedder(MultiVectorModelEmbedder):
    """Token vectors of a model in this process (ColPali, arXiv 2407.01449; ColBERT, 2004.12832).

    Questions and pictures are put in the words of the model's own processor. A matrix is the same alone and in a
    batch, to about 1e-3 in float32.
    """

    options: LocalEmbeddingOptions
    _model: Any = PrivateAttr()
    _processor: Any = PrivateAttr()

    def __init__(self, options: LocalEmbeddingOptions, card: ModelCard) -> None:
        super().__init__(options, card, "in process")
        choose = lambda package, config: _class(package, config, card)  # noqa: E731
        self._model, self._processor = load(
            options.model, options.device, options.dtype, PREFIX, choose, remote_code=options.remote_code
        )

    def matrices(self, items: Iterable[T], ask: Callable[[T], EmbeddingInput]) -> Iterator[Vectors]:
        nothing = np.zeros((0, self.dimension), dtype=np.float32)
        return batches(items, ask, self.options.batch, self._batch, nothing)

    def _batch(self, batch: Sequence[EmbeddingInput]) -> Sequence[Vectors]:
        import torch

        inputs, mask = self._inputs(batch)
        with torch.inference_mode():
            result = self._model(**to_device(inputs, self._model)).embeddings.float().cpu().numpy()
        if result.shape[-1] != self.card.dimension:
            raise wrong_dimension(self.options.model, result.shape[-1], self.card)
        return [unit(rows[keep][:, : self.dimension]) for rows, keep in zip(result, mask, strict=True)]

    def _inputs(self, batch: Sequence[EmbeddingInput]) -> tuple[Any, Any]:
        """Returns what the model is given, and which of its tokens' vectors are kept, shape (batch, tokens)."""
        tokenizer, longest = tokenizer_of(self._processor), self.options.max_tokens
        if _is_colbert(self._model):
            languages = getattr(self._model.config, "languages", ())
            marked = Colbert(tokenizer, longest, languages)
            return marked([item.text for item in batch], batch[0].role is InputRole.QUESTION)
        if batch[0].picture is not None:
            card = self.card
            files = [
                fit_image(item.picture, card.max_pixels, card.square)[0] for item in batch if item.picture is not None
            ]
            tensors = self._processor.process_images(images=[decode_image(file) for file in files], return_tensors="pt")
        elif batch[0].role is InputRole.QUESTION:
            tensors = self._processor.process_queries(text=[item.text for item in batch], return_tensors="pt")
        else:
            texts = [prompt(item, self.card) for item in batch]
            typed = "token_type_ids" in self._processor.model_input_names  # PaliGemma reads both ways only with them
            cut = {"truncation": True, "max_length": longest, "return_token_type_ids": typed}
            tensors = tokenizer(texts, padding=True, return_tensors="pt", **cut)
        tensors.pop("labels", None)
        return tensors, tensors["attention_mask"].bool().numpy()


def _class(package: Any, config: Any, card: ModelCard) -> Any:
    name = (config.architectures or [""])[0]
    if name == COLBERT and config.model_type in ENCODERS:
        return colbert_class(package, card.dimension, config.model_type)
    if not name.endswith("ForRetrieval"):
        raise OctavoError(
            f"{card.name} has a vector for each token, and a model of the kind {name or 'unknown'} has none: check "
            f"{PREFIX}MODEL (of ColPali and ColQwen2 the versions whose names end in -hf), or serve it with vLLM."
        )
    return getattr(package, name)


def _is_colbert(model: Any) -> bool:
    return type(model).__name__ == COLBERT
