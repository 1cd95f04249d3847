"""The embedded default: what a page says, as the mean of static word-piece vectors (wordllama, 256 dimensions).

No torch and no download: the vectors and the tokenizer come inside the `wordllama` wheel. A picture is embedded by the
words that OCR reads in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.schema import ImageType

from ingest import OctavoError, ReadOptions

from .base import EntryEmbedding, Vectors, unit


class StaticEmbedding(EntryEmbedding):
    """Static text embeddings; about 8,000 windows of 60 words a second on one core.

    >>> StaticEmbedding().embed_texts(["cash flow", ""]).shape
    (2, 256)
    """

    model_name: str = "wordllama-l2-supercat-256"
    dimension: int = 256

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows = np.asarray(_model().embed([text or " " for text in texts], norm=False), dtype=np.float32)
        rows[[not text.strip() for text in texts]] = 0
        return unit(rows)

    def embed_image(self, image: ImageType) -> Vectors:
        words = image_words(image)
        if not words:
            raise OctavoError(
                "The picture holds no words that can be read, and the embedded default finds pages by words only: "
                "add a few words to the question, or set an embedding model that sees pictures."
            )
        return self.embed_question(words)


def image_words(image: ImageType) -> str:
    """The words that OCR reads in a picture (a path, bytes, or a binary stream), in reading order."""
    from PIL import Image

    from ingest.ocr import read_words

    if isinstance(image, str | Path):
        with Image.open(image) as opened:
            picture = opened.convert("RGB")
    else:
        data = image if isinstance(image, bytes) else image.read()
        with Image.open(BytesIO(data)) as opened:
            picture = opened.convert("RGB")
    return " ".join(word.text for word in read_words(picture, ReadOptions()))


@cache
def _model() -> Any:
    import wordllama

    folder = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
