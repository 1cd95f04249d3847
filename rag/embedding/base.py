"""The embedding seam: one base class that turns entries and questions into vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from octavo.ingest import OctavoError
from octavo.rag.entry import Entry
from octavo.rag.image_source import ImageSource
from octavo.rag.images import ImageInput

Vectors = NDArray[np.float32]


class Embedder(BaseModel, ABC):
    """Turns entries and questions into unit vectors of one space.

    A library records `model_name` and `dimension` and refuses to mix two embedders. An implementation provides
    `embed_texts` and `embed_image`; one whose model takes pictures overrides `embed_entries` too. The vectors of a
    `resumable` embedder are expensive: those of a document that fails half-way are kept, and it overrides
    `embed_each`.

    >>> from octavo.rag.embedding import StaticEmbedder
    >>> embedder = StaticEmbedder()
    >>> texts = embedder.embed_texts(["The train is late.", "Boil the lentils."])
    >>> int((texts @ embedder.embed_question("a late train")).argmax())
    0
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    model_name: str
    dimension: int = Field(gt=0)
    resumable: bool = False

    @property
    def supports_images(self) -> bool:
        """True where a picture itself is embedded, rather than the words in it."""
        return False

    @abstractmethod
    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """Returns the vectors of texts: shape (len(texts), dimension), unit rows (a text without words: zeros)."""

    def embed_entries(self, entries: Sequence[Entry], images: ImageSource | None = None) -> Vectors:
        """Returns the vectors of entries: shape (len(entries), dimension), unit rows. `images` gives their pictures."""
        return self.embed_texts([entry.searchable for entry in entries])

    def embed_each(self, entries: Sequence[Entry], images: ImageSource | None = None) -> Iterator[Vectors]:
        """Yields the same rows one by one, in order, as they are made."""
        yield from self.embed_entries(entries, images)

    def embed_question(self, question: str) -> Vectors:
        """Returns the vector of a question in words: shape (dimension,)."""
        return self.embed_query(question)

    def embed_query(self, text: str, image: ImageInput | None = None) -> Vectors:
        """Returns the vector of a question in words, of a picture, or of both: shape (dimension,).

        A model that takes both at once overrides this; for others it is the mean of the two vectors, at unit length.
        """
        if image is None:
            row: Vectors = self.embed_texts([text])[0]
            return row
        of_picture = self.embed_image(image)
        return unit(self.embed_query(text) + of_picture) if text.strip() else of_picture

    @abstractmethod
    def embed_image(self, image: ImageInput) -> Vectors:
        """Returns the vector of a picture: shape (dimension,)."""

    def invert_image(self, image: ImageInput) -> Vectors:
        """Returns the vector of a text that the model takes for the same as a picture: shape (dimension,).

        Raises `OctavoError` for a model that cannot be asked backwards.
        """
        raise OctavoError(
            f"{self.model_name} inverts no pictures: OCTAVO_PICTURE_ROUTE=inverted needs a CLIP, SigLIP or ALIGN in "
            "this process (OCTAVO_EMBEDDING__KIND=transformers); take image, caption or both."
        )


def unit(rows: Vectors) -> Vectors:
    """Returns rows scaled to length 1; zero rows stay zero.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
