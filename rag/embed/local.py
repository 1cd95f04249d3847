"""Embedding in process, through transformers: the same models and prompts as over vLLM, without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any, TypeVar

import numpy as np
from llama_index.core.schema import ImageType
from pydantic import PrivateAttr

from ingest import MissingToolError, OctavoError

from ..cards import TEMPLATES, ModelCard
from ..entry import Entry
from ..picture import blank, decoded, fitted, picture_file
from ..settings import LocalEmbeddingOptions
from ..sight import Sight
from .base import EntryEmbedding, Vectors, unit
from .request import Asked, Role, asked_of, prompt, system

T = TypeVar("T")


class LocalEmbedding(EntryEmbedding):
    """Vectors of a model in this process: the state of the last token, or what the model's own heads give (CLIP).

    A vector is the same alone and in a batch, to about 1e-3 in float32; it differs a little from what vLLM makes of
    the same model, so a library keeps to one of the two ways.
    """

    model_name: str = ""
    dimension: int = 1
    options: LocalEmbeddingOptions
    card: ModelCard
    _model: Any = PrivateAttr()
    _processor: Any = PrivateAttr()

    def __init__(self, options: LocalEmbeddingOptions, known: ModelCard) -> None:
        if known.multi_vector:
            raise OctavoError(f"{known.name} has a vector for each token: serve it with vLLM (OCTAVO_EMBEDDING__KIND).")
        super().__init__(
            model_name=f"{known.name} in process",
            dimension=known.check(options.dimensions),
            options=options,
            card=known,
        )
        self._model, self._processor = _load(options, known)

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
            return self._one(Asked(Role.QUESTION, text))
        picture = picture_file(image)
        if text and not self.card.together:
            return super().embed_query(text, BytesIO(picture))
        return self._one(Asked(Role.QUESTION, text, picture))

    def embed_image(self, image: ImageType) -> Vectors:
        return self._one(Asked(Role.ENTRY, "", picture_file(image)))

    def _one(self, asked: Asked) -> Vectors:
        row: Vectors = self._embed([asked])[0]
        return row

    def _embed(self, items: Iterable[T], ask: Callable[[T], Any] = lambda asked: asked) -> Vectors:
        """Rows in the order of `items`; texts and pictures go in batches of their own kind."""
        rows: dict[int, Vectors] = {}
        waiting: dict[bool, list[tuple[int, Asked]]] = {False: [], True: []}
        for place, item in enumerate(items):
            asked = ask(item)
            kind = asked.picture is not None
            if kind or asked.text.strip():
                waiting[kind].append((place, asked))
            else:
                rows[place] = np.zeros(self.dimension, dtype=np.float32)
            if len(waiting[kind]) == self.options.batch:
                rows |= self._batch(waiting[kind])
                waiting[kind] = []
        for rest in waiting.values():
            rows |= self._batch(rest)
        made = [rows[place] for place in sorted(rows)]
        return np.stack(made) if made else np.zeros((0, self.dimension), dtype=np.float32)

    def _batch(self, batch: Sequence[tuple[int, Asked]]) -> dict[int, Vectors]:
        import torch

        if not batch:
            return {}
        with torch.inference_mode():
            asked = [one for _, one in batch]
            found = self._own(asked) if self.card.pooling == "own" else self._last(asked)
            matrix = found.float().cpu().numpy()
        if matrix.shape[1] != self.card.dimension:
            raise OctavoError(
                f"{self.options.model} gives vectors of {matrix.shape[1]} dimensions, and {self.card.name} has "
                f"{self.card.dimension}: check OCTAVO_EMBEDDING__MODEL and OCTAVO_EMBEDDING__CARD."
            )
        return dict(zip((place for place, _ in batch), unit(matrix[:, : self.dimension]), strict=True))

    def _last(self, asked: Sequence[Asked]) -> Any:
        """The last layer's states of the last tokens that are no padding."""
        import torch

        inputs = self._inputs(asked)
        while inputs["input_ids"].shape[1] > self.options.max_tokens:
            asked = [one.shorter() for one in asked]
            inputs = self._inputs(asked)
        states = self._model(**inputs, return_dict=True).last_hidden_state
        mask = inputs["attention_mask"]
        last = mask.shape[1] - 1 - mask.flip(1).argmax(1)
        return states[torch.arange(len(states), device=states.device), last]

    def _inputs(self, asked: Sequence[Asked]) -> Any:
        pictures = [one.picture or (blank(self.card.blank) if self.card.blank else None) for one in asked]
        files = [None if p is None else fitted(p, self.card.max_pixels, self.card.square)[0] for p in pictures]
        images = [[decoded(file)] for file in files if file is not None]
        texts = [self._text(one, file is not None) for one, file in zip(asked, files, strict=True)]
        special = self.card.request.get("add_special_tokens", False)
        more = {"images": images} if images else {}
        made = self._processor(text=texts, padding=True, return_tensors="pt", add_special_tokens=special, **more)
        return made.to(self._model.device, self._model.dtype)

    def _text(self, asked: Asked, seen: bool) -> str:
        content: list[dict[str, str]] = [{"type": "image"}] if seen else []
        content.append({"type": "text", "text": prompt(asked, self.card)})
        messages: list[dict[str, Any]] = [{"role": "user", "content": content}]
        if instruction := system(asked, self.card):
            messages.insert(0, {"role": "system", "content": [{"type": "text", "text": instruction}]})
        if self.card.answer:
            messages.append({"role": "assistant", "content": [{"type": "text", "text": ""}]})
        own = {"chat_template": (TEMPLATES / self.card.template).read_text()} if self.card.template else {}
        asking = {k: v for k, v in self.card.request.items() if k != "add_special_tokens"}
        text: str = self._processor.apply_chat_template(messages, tokenize=False, **own, **asking)
        return text

    def _own(self, asked: Sequence[Asked]) -> Any:
        """CLIP and SigLIP: one tower for texts, one for pictures."""
        if asked[0].picture is None:
            texts = [prompt(one, self.card) for one in asked]
            padding = "max_length" if "siglip" in type(self._model).__name__.lower() else True
            inputs = self._processor(text=texts, padding=padding, truncation=True, return_tensors="pt")
            found = self._model.get_text_features(**inputs.to(self._model.device))
        else:
            images = [decoded(one.picture) for one in asked if one.picture is not None]
            inputs = self._processor(images=images, return_tensors="pt").to(self._model.device, self._model.dtype)
            found = self._model.get_image_features(**inputs)
        return getattr(found, "pooler_output", found)


def _load(options: LocalEmbeddingOptions, card: ModelCard) -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingToolError(
            'Embedding in process needs torch and transformers: run `pip install "octavo[transformers]"`.'
        ) from error
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    dtype = getattr(torch, options.dtype)
    try:
        processor = transformers.AutoProcessor.from_pretrained(options.model)
        model = transformers.AutoModel.from_pretrained(options.model, dtype=dtype).to(device).eval()
    except (OSError, ValueError, ImportError) as error:
        said = str(error).strip().splitlines()[0][:200]
        raise OctavoError(
            f"{options.model} cannot be loaded in process ({said}): check OCTAVO_EMBEDDING__MODEL, a folder or the "
            "name of a model of the hub."
        ) from error
    tokenizer = getattr(processor, "tokenizer", processor)
    tokenizer.padding_side = card.padding
    return model, processor
