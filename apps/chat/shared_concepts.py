"""The concepts of a library in the chat: all users' questions know them, and those who may edit change them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from octavo.apps.chat.rights import Record, Rights
from octavo.ingest import OctavoError
from octavo.ingest.store.concepts import Concept
from octavo.rag import Pipeline


class SharedConcepts:
    """The concepts of a library for the users of its chat. Each change is in force at the next question."""

    def __init__(self, pipeline: Pipeline, rights: Rights, record: Record) -> None:
        self._concepts, self._rights, self._record = pipeline.concepts, rights, record

    def all(self) -> list[Concept]:
        """Returns the concepts, by name."""
        return self._concepts.all()

    def get(self, name: str) -> Concept:
        """Returns the concept of a name; raises `OctavoError` where it is gone."""
        return self._concepts.get(name)

    def save(
        self,
        user: str,
        edited: str,
        name: str,
        *,
        aliases: Sequence[str],
        category: str,
        note: str,
        pictures: Sequence[Path] = (),
    ) -> Concept:
        """Changes the concept that is `edited`, or adds one where that is empty; without `pictures` it keeps its own.

        Raises `OctavoError` for what a concept cannot be, and for a user who may not.
        """
        self._check(user)
        if edited:
            concept = self._concepts.edit(
                edited, rename=name, aliases=aliases, category=category, note=note, pictures=pictures or None
            )
        else:
            concept = self._concepts.add(name, aliases=aliases, category=category, note=note, pictures=pictures)
        self._record(user, "concept.set", concept.name)
        return concept

    def drop_pictures(self, user: str, name: str) -> None:
        """Takes its pictures from a concept; raises `OctavoError` where it is gone, and for a user who may not."""
        self._check(user)
        self._concepts.edit(name, pictures=())
        self._record(user, "concept.set", name)

    def remove(self, user: str, name: str) -> None:
        """Deletes a concept; raises `OctavoError` where it is gone, and for a user who may not."""
        self._check(user)
        self._concepts.remove(name)
        self._record(user, "concept.remove", name)

    def _check(self, user: str) -> None:
        if not self._rights.can_edit(user):
            raise OctavoError("You may read here: the concepts, which hold for everyone, are changed by editors.")
