"""Embedding in process, through transformers: the same models and prompts as over vLLM, without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from pydantic import PrivateAttr

from octavo.ingest import OctavoError
from octavo.rag.clients.in_process import load, to_device, tokenizer_of
from octavo.rag.embedding.base import Vectors, unit
from octavo.rag.embedding.inputs import EmbeddingInput, prompt, system
from octavo.rag.embedding.inversion import invert
from octavo.rag.embedding.model_embedder import ModelEmbedder, name_of
from octavo.rag.images import ImageInput, blank_image, decode_image, fit_image
from octavo.rag.model_cards import TEMPLATES, ModelCard
from octavo.rag.settings import LocalEmbeddingOptions

T = TypeVar("T")
PREFIX = "OCTAVO_EMBEDDING__"
_WINDOW = 8
"""Batches whose texts and pictures are sorted before they are embedded."""


class LocalEmbedder(ModelEmbedder):
    """Vectors of a model in this process: a token's state, the mean of all, or what the model's own heads give (CLIP).

    A vector is the same alone and in a batch, to about 1e-3 in float32; it differs a little from what vLLM makes of
    the same model, so a library keeps to one of the two ways.
    """

    options: LocalEmbeddingOptions
    _model: Any = PrivateAttr()
    _processor: Any = PrivateAttr()
    _cut: dict[str, Any] = PrivateAttr()

    def __init__(self, options: LocalEmbeddingOptions, card: ModelCard) -> None:
        super().__init__(
            model_name=name_of(options, card, "in process"),
            dimension=card.check(options.dimensions),
            options=options,
            card=card,
        )
        self._model, self._processor = load(
            options.model,
            options.device,
            options.dtype,
            PREFIX,
            _class,
            remote_code=options.remote_code,
        )
        tokenizer_of(self._processor).padding_side = "right" if self._is_text_encoder else card.padding
        self._cut = {}
        if self._is_text_encoder:
            longest = min(options.max_tokens, card.max_tokens or options.max_tokens, self._positions)
            self._cut = {"truncation": True, "max_length": longest}

    def rows(self, items: Iterable[T], ask: Callable[[T], EmbeddingInput]) -> Iterator[Vectors]:
        nothing = np.zeros(self.dimension, dtype=np.float32)
        return batches(items, ask, self.options.batch, self._batch, nothing)

    def _batch(self, inputs: Sequence[EmbeddingInput]) -> Sequence[Vectors]:
        import torch

        with torch.inference_mode():
            result = self._own(inputs) if self.card.pooling == "own" else self._pooled(inputs)
            matrix = result.float().cpu().numpy()
        if matrix.shape[1] != self.card.dimension:
            raise wrong_dimension(self.options.model, matrix.shape[1], self.card)
        return list(unit(matrix[:, : self.dimension]))

    def _pooled(self, batch: Sequence[EmbeddingInput]) -> Any:
        """Returns the last layer's states of the tokens but padding: those of the last, of the first, or their mean."""
        import torch

        inputs = self._inputs(batch)
        while inputs["input_ids"].shape[1] > self.options.max_tokens:
            batch = [item.shorter() for item in batch]
            inputs = self._inputs(batch)
        states = self._model(**inputs, return_dict=True).last_hidden_state
        mask = inputs["attention_mask"]
        if self.card.pooling == "mean":
            if batch[0].picture is not None:
                mask = _within(mask, *self.card.beside)
            weights = mask.unsqueeze(-1).to(states.dtype)
            return (states * weights).sum(1) / weights.sum(1)
        at = mask.argmax(1) if self.card.pooling == "cls" else mask.shape[1] - 1 - mask.flip(1).argmax(1)
        return states[torch.arange(len(states), device=states.device), at]

    def _inputs(self, batch: Sequence[EmbeddingInput]) -> Any:
        pictures = [item.picture or (blank_image(self.card.blank) if self.card.blank else None) for item in batch]
        files = [None if p is None else fit_image(p, self.card.max_pixels, self.card.square)[0] for p in pictures]
        images = [[decode_image(file)] for file in files if file is not None]
        texts = [self._text(item, file is not None) for item, file in zip(batch, files, strict=True)]
        special = self.card.request.get("add_special_tokens", self._is_text_encoder)
        more: dict[str, Any] = {"images": images} if images else {}
        more |= self._cut
        tensors = self._processor(text=texts, padding=True, return_tensors="pt", add_special_tokens=special, **more)
        return to_device(tensors, self._model)

    @property
    def _positions(self) -> int:
        """The tokens that a text encoder has positions for; in RoBERTa's family they begin after that of padding."""
        config = self._model.config.get_text_config()
        positions = int(getattr(config, "max_position_embeddings", 0) or self.options.max_tokens)
        first = (config.pad_token_id or 0) + 1 if _counts_from_padding(config.model_type) else 0
        return min(positions - first, tokenizer_of(self._processor).model_max_length)

    @property
    def _is_text_encoder(self) -> bool:
        """Returns true for a model that takes plain texts, without a chat template."""
        has_template = self.card.template or getattr(self._processor, "chat_template", None)
        return not (self.card.sees and has_template)

    def _text(self, item: EmbeddingInput, has_picture: bool) -> str:
        if self._is_text_encoder:
            if has_picture:
                raise OctavoError(
                    f"{self.options.model} has no chat template to be shown a picture with: give its card "
                    f'"sees": false, or a template, in {PREFIX}CARD.'
                )
            return prompt(item, self.card)
        content: list[dict[str, str]] = [{"type": "image"}] if has_picture else []
        content.append({"type": "text", "text": prompt(item, self.card)})
        messages: list[dict[str, Any]] = [{"role": "user", "content": content}]
        if instruction := system(item, self.card):
            messages.insert(0, {"role": "system", "content": [{"type": "text", "text": instruction}]})
        if self.card.answer:
            messages.append({"role": "assistant", "content": [{"type": "text", "text": ""}]})
        own = {"chat_template": (TEMPLATES / self.card.template).read_text()} if self.card.template else {}
        asking = {k: v for k, v in self.card.request.items() if k != "add_special_tokens"}
        text: str = self._processor.apply_chat_template(messages, tokenize=False, **own, **asking)
        return text

    def _own(self, batch: Sequence[EmbeddingInput]) -> Any:
        """Returns the output of CLIP, SigLIP and ALIGN, which have one tower for texts and one for pictures.

        BridgeTower has two as well, and takes both at once: an empty picture stands with a text, and a text without
        words with a picture, neither of which changes the other's vector.
        """
        if hasattr(self._model, "itc_text_head"):
            pictures = [decode_image(one.picture or blank_image(self.card.blank)) for one in batch]
            inputs = self._processor(
                images=pictures, text=[one.text or "." for one in batch], padding=True, return_tensors="pt"
            )
            result = self._model(**to_device(inputs, self._model))
            return result.text_embeds if batch[0].picture is None else result.image_embeds
        if batch[0].picture is None:
            result = self._model.get_text_features(**self._text_inputs([prompt(item, self.card) for item in batch]))
        else:
            images = [decode_image(item.picture) for item in batch if item.picture is not None]
            inputs = self._processor(images=images, return_tensors="pt")
            result = self._model.get_image_features(**to_device(inputs, self._model))
        return getattr(result, "pooler_output", result)

    def _text_inputs(self, texts: Sequence[str]) -> Any:
        """Returns the inputs of a tower for texts."""
        padding = "max_length" if "siglip" in type(self._model).__name__.lower() else True
        inputs = self._processor(text=list(texts), padding=padding, truncation=True, return_tensors="pt")
        return to_device(inputs, self._model)

    def invert_image(self, image: ImageInput) -> Vectors:
        return invert(self._model, self._text_inputs, self.embed_image(image))


def _counts_from_padding(kind: str) -> bool:
    return "roberta" in kind or kind in ("camembert", "xmod", "mpnet")


def _within(mask: Any, before: int, after: int) -> Any:
    """Returns a mask without the first and the last ones of each row's tokens, wherever its padding stands."""
    ordinals = mask.cumsum(1)
    return mask * (ordinals > before) * (ordinals <= mask.sum(1, keepdim=True) - after)


def _class(package: Any, config: Any) -> Any:
    """Returns the class that a model is loaded as: BridgeTower's vectors come of its contrastive heads."""
    is_bridgetower = config.model_type == "bridgetower"
    return package.BridgeTowerForContrastiveLearning if is_bridgetower else package.AutoModel


def batches(
    items: Iterable[T],
    ask: Callable[[T], EmbeddingInput],
    size: int,
    embed: Callable[[Sequence[EmbeddingInput]], Sequence[Vectors]],
    nothing: Vectors,
) -> Iterator[Vectors]:
    """Returns what `embed` makes of up to `size` items at a time, in order; texts and images in batches of their own.

    What says nothing is not asked about: it is `nothing`.
    """
    remaining = iter(items)
    while window := list(islice(remaining, _WINDOW * size)):
        vectors: dict[int, Vectors] = {}
        waiting: dict[bool, list[tuple[int, EmbeddingInput]]] = {False: [], True: []}
        for place, item in enumerate(window):
            prepared = ask(item)
            if prepared.says_nothing:
                vectors[place] = nothing
                continue
            batch = waiting[prepared.picture is not None]
            batch.append((place, prepared))
            if len(batch) == size:
                vectors |= _embedded(batch, embed)
                batch.clear()
        for batch in waiting.values():
            vectors |= _embedded(batch, embed)
        yield from (vectors[place] for place in range(len(window)))


def wrong_dimension(model: str, dimension: int, card: ModelCard) -> OctavoError:
    """Returns the error of a model whose vectors are not those of the card's model."""
    return OctavoError(
        f"{model} gives vectors of {dimension} dimensions, and {card.name} has {card.dimension}: "
        f"check {PREFIX}MODEL and {PREFIX}CARD."
    )


def _embedded(
    batch: Sequence[tuple[int, EmbeddingInput]], embed: Callable[[Sequence[EmbeddingInput]], Sequence[Vectors]]
) -> dict[int, Vectors]:
    rows = embed([inputs for _, inputs in batch]) if batch else []
    return dict(zip((place for place, _ in batch), rows, strict=True))
