"""Concepts of a collection's members."""

from __future__ import annotations

from pydantic import BaseModel, Field

from octavo.apps.service.http.shapes.answers import BoxOut
from octavo.apps.service.http.shapes.common import Shape, example
from octavo.rag.concepts import Concept


class ConceptIn(BaseModel):
    """A concept without its name; `aliases` are other names by which questions speak of it."""

    model_config = example({"aliases": ["our flagship"], "category": "press", "note": "It is sold in the north only."})

    aliases: list[str] = Field([], max_length=50)
    category: str = Field("", max_length=200)
    note: str = Field("", max_length=4_000)


class NewConceptIn(ConceptIn):
    """A concept with its name; `pictures` are those by which it is known, as data URLs."""

    model_config = example({"name": "LX-9 press", "aliases": ["our flagship"]})

    name: str = Field(max_length=200)
    pictures: list[str] = Field([], max_length=8)


class ConceptChangesIn(BaseModel):
    """Changes of a concept; fields that are absent stay as they are. `name` is its new name."""

    model_config = example({"note": "It is sold in the north and the west."})

    name: str | None = Field(None, max_length=200)
    aliases: list[str] | None = Field(None, max_length=50)
    category: str | None = Field(None, max_length=200)
    note: str | None = Field(None, max_length=4_000)
    pictures: list[str] | None = Field(None, max_length=8)


class ConceptOut(Shape):
    """A concept of a collection; `pictures` counts those by which it is known."""

    name: str
    aliases: list[str]
    category: str
    note: str
    pictures: int

    @classmethod
    def of_concept(cls, concept: Concept) -> ConceptOut:
        return cls(
            name=concept.name,
            aliases=list(concept.aliases),
            category=concept.category,
            note=concept.note,
            pictures=len(concept.pictures),
        )


class MentionOut(Shape):
    """A place of a concept in a document: `text` is the line that names it, empty for a figure that shows it."""

    document: str
    name: str
    page: int
    page_number: int
    box: BoxOut
    text: str
    score: float
