"""Text ColBERT, which transformers has no class for: an encoder with one more linear layer, and how it marks its texts.

The encoder is BERT (ColBERTv2) or X-MOD (ColBERT-XM), which has adapters for languages.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

from octavo.rag.embedding.language_adapters import choose_adapter

ARCHITECTURE = "HF_ColBERT"
ENCODERS = {"bert": "Bert", "xmod": "Xmod"}
"""How transformers' classes of the encoders begin, by their kinds."""
_QUESTION, _PASSAGE = "[unused0]", "[unused1]"
_QUERY_TOKENS = 32
"""Tokens of a question, to which it is filled up with masks that stand for words it might have had."""
_LONGEST = 512


@cache
def colbert_class(package: Any, dimension: int, encoder: str) -> Any:
    """Returns the class that ColBERT's weights are loaded as, by the package `transformers` and the kind of encoder."""
    import torch

    base: Any = getattr(package, f"{ENCODERS[encoder]}PreTrainedModel")
    model = getattr(package, f"{ENCODERS[encoder]}Model")

    class HF_ColBERT(base):  # noqa: N801 - its own name
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            setattr(self, self.base_model_prefix, model(config, add_pooling_layer=False))
            self.linear = torch.nn.Linear(config.hidden_size, dimension, bias=False)
            self.post_init()

        def forward(self, **inputs: Any) -> Any:
            states = getattr(self, self.base_model_prefix)(**inputs).last_hidden_state
            return SimpleNamespace(embeddings=self.linear(states))

    return HF_ColBERT


class Colbert:
    """Makes ColBERTv2's inputs (arXiv 2112.01488): markers, masks after a question, no punctuation of a passage.

    `languages` are those that the encoder has adapters for, such as `de_DE`: each text takes that of its own language
    (ColBERT-XM, arXiv 2402.15059). A tokenizer without the markers marks by its unknown
    token, as the model was trained.
    """

    def __init__(self, tokenizer: Any, longest: int, languages: Sequence[str] = ()) -> None:
        self._tokenizer, self._longest, self._languages = tokenizer, min(longest, _LONGEST), languages
        self._ids = tokenizer.convert_tokens_to_ids
        self._punctuation = [tokenizer.encode(sign, add_special_tokens=False)[0] for sign in string.punctuation]

    def __call__(self, texts: Sequence[str], are_questions: bool) -> tuple[Any, Any]:
        """Returns inputs of the model, and which tokens' vectors are kept, shape (len(texts), tokens)."""
        import numpy as np
        import torch
        from transformers import BatchEncoding

        tokenizer = self._tokenizer
        longest = _QUERY_TOKENS if are_questions else self._longest
        start = [tokenizer.cls_token_id, self._ids(_QUESTION if are_questions else _PASSAGE)]
        result = tokenizer(list(texts), add_special_tokens=False).input_ids
        rows = [[*start, *ids[: longest - 3], tokenizer.sep_token_id] for ids in result]
        width = longest if are_questions else max(map(len, rows))
        fill = tokenizer.mask_token_id if are_questions else tokenizer.pad_token_id
        ids = np.array([row + [fill] * (width - len(row)) for row in rows])
        attended = np.arange(width) < np.array([len(row) for row in rows])[:, None]
        mask = np.ones_like(attended) if are_questions else attended & ~np.isin(ids, self._punctuation)
        inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(attended.astype(np.int64))}
        if self._languages:
            inputs["lang_ids"] = torch.tensor([choose_adapter(text, self._languages) for text in texts])
        return BatchEncoding(inputs), mask
