"""The embedded default: what a page says, as the mean of static word-piece vectors (wordllama, 256 dimensions).

No torch and no download: the vectors and the tokenizer come inside the `wordllama` wheel. A picture is embedded by the
words that OCR reads in it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octavo.ingest import OctavoError
from octavo.rag.embedding.base import Embedder, Vectors, unit
from octavo.rag.images import ImageInput, picture_file
from octavo.rag.query.question import picture_words

_LETTERS = 20_000
"""Letters of a text that are embedded; the rest is left out."""
_BATCH = 128


class StaticEmbedder(Embedder):
    """Static text embeddings: thousands of passages a second on one core.

    >>> StaticEmbedder().embed_texts(["cash flow", ""]).shape
    (2, 256)
    """

    model_name: str = "wordllama-l2-supercat-256"
    dimension: int = 256

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        parts = [self._batch(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return np.concatenate([np.zeros((0, self.dimension), dtype=np.float32), *parts])

    def _batch(self, texts: Sequence[str]) -> Vectors:
        table, tokenizer = _model()
        encodings = tokenizer.encode_batch_fast([text[:_LETTERS] for text in texts], add_special_tokens=False)
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, encoding in zip(rows, encodings, strict=True):  # one text at a time stays in the processor's cache
            if encoding.ids:
                row[:] = np.add.reduceat(table[encoding.ids], [0], axis=0)[0]
        return unit(rows)

    def embed_query(self, text: str, image: ImageInput | None = None) -> Vectors:
        if image is not None:
            picture = picture_file(image)
            image = BytesIO(picture) if picture_words(picture) or not text.strip() else None
        return super().embed_query(text, image)

    def embed_image(self, image: ImageInput) -> Vectors:
        words = picture_words(picture_file(image))
        if not words:
            raise OctavoError(
                "The picture holds no words that can be read, and the embedded default finds pages by words only: "
                "add a few words to the question, or set an embedding model that sees pictures."
            )
        return self.embed_question(words)


@cache
def _model() -> tuple[NDArray[np.float32], Any]:
    """Returns the token vectors, shape (tokens, 256), and the tokenizer."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    import wordllama  # which sets up the root logger for everybody

    root.handlers[:] = handlers
    root.setLevel(level)
    model = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
    model.tokenizer.no_padding()
    model.tokenizer.no_truncation()
    return np.asarray(model.embedding, dtype=np.float32), model.tokenizer
