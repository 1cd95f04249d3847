"""The default embedding: the mean of the static word-piece vectors of a page's text (wordllama, 256 dimensions).

No torch and no download: the vectors and the tokenizer come inside the `wordllama` wheel. A picture is embedded by the
words that OCR reads in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octavo.ingest import OctavoError
from octavo.ingest.picture_words import picture_words
from octavo.rag.embedding.base import Embedder, Vectors, unit
from octavo.rag.images import ImageInput, picture_file

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
        encodings = _tokenizer().encode_batch_fast([text[:_LETTERS] for text in texts], add_special_tokens=False)
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, encoding in zip(rows, encodings, strict=True):  # one text at a time stays in the processor's cache
            if encoding.ids:
                row[:] = np.add.reduceat(_vectors(encoding.ids), [0], axis=0)[0]
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


def embed_words(words: Sequence[str]) -> list[tuple[NDArray[np.float32], frozenset[int]]]:
    """Returns for each word its vector, of unit length and shape (256,), and the word pieces that it is the mean of.

    >>> (vector, pieces), (other, _) = embed_words(["car", "vehicle"])
    >>> round(float(vector @ other), 1), len(pieces)
    (0.7, 1)
    """
    encodings = _tokenizer().encode_batch_fast(list(words), add_special_tokens=False)
    rows = np.array([_vectors(encoding.ids).sum(axis=0) for encoding in encodings], dtype=np.float32)
    return [(row, frozenset(encoding.ids)) for row, encoding in zip(unit(rows), encodings, strict=True)]


def _vectors(tokens: list[int]) -> NDArray[np.float32]:
    """Returns the vectors of tokens, shape (len(tokens), 256)."""
    return _table()[tokens].astype(np.float32)


@cache
def _table() -> NDArray[np.float16]:
    """Returns the vectors of all tokens as they are stored, shape (tokens, 256): 16 MB instead of 32."""
    from safetensors import safe_open

    with safe_open(_folder() / "weights" / "l2_supercat_256.safetensors", framework="np") as file:
        table: NDArray[np.float16] = file.get_tensor("embedding.weight")
    return table


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_folder() / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _folder() -> Path:
    """Returns the folder of `wordllama`, which is not imported: it imports an HTTP client and sets up logging."""
    package = find_spec("wordllama")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'wordllama'", name="wordllama")
    return Path(package.origin).parent
