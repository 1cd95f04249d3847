"""The concepts of a library: added and edited at any time, in force at the next question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from octavo.ingest import OctavoError
from octavo.ingest.picture_words import picture_words
from octavo.ingest.store.concepts import Concept
from octavo.rag.concepts.linking import Mention, mentions
from octavo.rag.concepts.recall import Recalled, recall
from octavo.rag.embedding import Embedder
from octavo.rag.images import ImageInput, picture_file

if TYPE_CHECKING:
    from octavo.rag.pipeline import Pipeline

LONGEST = 200
"""Letters that a name has at most."""
LONGEST_NOTE = 4_000
"""Letters that a note has at most."""
MOST_PICTURES = 8
"""Pictures that a concept has at most."""
MOST_BYTES = 10_000_000
"""Bytes that a picture has at most."""


class Concepts:
    """The concepts of a library. Names in any case; all changes are there at once, in every process.

    >>> concept = pipeline.concepts.add("Larkfield press", aliases=["our flagship"], note="Built in Ashby since 2019.")
    >>> [concept.name for concept in pipeline.concepts.all()]
    ['Larkfield press']
    >>> [found.concept.name for found in pipeline.concepts.recall("What does our flagship cost?")]
    ['Larkfield press']
    >>> pipeline.concepts.remove("larkfield press").note
    'Built in Ashby since 2019.'
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline, self._library = pipeline, pipeline.library

    def all(self) -> list[Concept]:
        """Returns the concepts, by name."""
        return self._library.concepts.all()

    def get(self, name: str) -> Concept:
        """Returns the concept of a name; raises `LibraryError` where there is none."""
        return self._library.concepts.find(name)

    def add(
        self,
        name: str,
        *,
        aliases: Sequence[str] = (),
        category: str = "",
        note: str = "",
        pictures: Sequence[ImageInput] = (),
    ) -> Concept:
        """Adds a concept and returns it.

        Parameters
        ----------
        name
            What it is called; no other concept has that name.
        aliases
            Other names by which questions speak of it, such as "our flagship".
        category
            What sort of thing it is.
        note
            What an answer may say of it, cited as the user's own word.
        pictures
            Pictures by which it is known in the picture of a question.

        Raises
        ------
        LibraryError
            Where there is a concept of that name, and where the library cannot be written.
        OctavoError
            For an empty name, one or a note that is too long, and a picture that cannot be read.
        """
        files = _files(pictures)
        concept = Concept(0, _name(name), _aliases(aliases), category.strip(), _note(note), files, _words(files))
        return self._save(concept)

    def edit(
        self,
        name: str,
        *,
        rename: str | None = None,
        aliases: Sequence[str] | None = None,
        category: str | None = None,
        note: str | None = None,
        pictures: Sequence[ImageInput] | None = None,
    ) -> Concept:
        """Changes what is given of a concept, and leaves the rest; parameters and errors are those of `add`."""
        concept = self.get(name)
        if rename is not None:
            concept = replace(concept, name=_name(rename))
        if aliases is not None:
            concept = replace(concept, aliases=_aliases(aliases))
        if category is not None:
            concept = replace(concept, category=category.strip())
        if note is not None:
            concept = replace(concept, note=_note(note))
        if pictures is not None:
            files = _files(pictures)
            concept = replace(concept, pictures=files, words=_words(files))
        return self._save(concept)

    def remove(self, name: str) -> Concept:
        """Removes a concept and returns it; raises `LibraryError` where there is none."""
        with self._library.writer():
            return self._library.concepts.remove(name)

    def recall(self, question: str, picture: bytes | None = None, k: int = 2) -> list[Recalled]:
        """Returns at most `k` concepts that a question names, or whose picture its picture shows."""
        concepts = self._library.concepts.all(with_pictures=picture is not None) if k else []
        return recall(concepts, question, picture, k, self._embedding) if concepts else []

    def where(self, name: str) -> list[Mention]:
        """Returns the places of a concept in the documents: its names and its pictures, with pages and boxes.

        A place that speaks of something else by the same name is left out (M3EL, arXiv 2410.18096).
        """
        return mentions(self.get(name), self.all(), self._library, self._pipeline.index)

    @property
    def _embedding(self) -> Embedder | None:
        embedding = self._pipeline.index.embedding
        return embedding if embedding.supports_images else None

    def _save(self, concept: Concept) -> Concept:
        with self._library.writer():
            return self._library.concepts.save(concept)


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST or not any(c.isalnum() for c in name):
        raise OctavoError(f"The name of a concept has 1 to {LONGEST} letters, with a letter or digit among them.")
    return name


def _aliases(aliases: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_name(alias) for alias in aliases))


def _note(note: str) -> str:
    if len(note) > LONGEST_NOTE:
        raise OctavoError(f"The note of a concept has at most {LONGEST_NOTE:,} letters.")
    return note.strip()


def _files(pictures: Sequence[ImageInput]) -> tuple[bytes, ...]:
    files = tuple(picture_file(picture) for picture in pictures)
    if len(files) > MOST_PICTURES or any(len(file) > MOST_BYTES for file in files):
        raise OctavoError(f"A concept has at most {MOST_PICTURES} pictures of {MOST_BYTES // 1_000_000} MB each.")
    return files


def _words(files: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(picture_words(file) for file in files)
