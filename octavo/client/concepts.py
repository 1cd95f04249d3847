"""The concepts of a collection on a server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from octavo.client.connection import ServerConnection
from octavo.client.values import concept_of, mention_of
from octavo.rag.concepts import Concept, Mention
from octavo.rag.images import ImageInput, data_url, picture_file


class RemoteConcepts:
    """The concepts of a collection, with the methods of `Pipeline.concepts`; in force at the next question.

    A concept comes without its pictures, which stay on the server. Every failure is a `ServerError`. Each method has a
    form that does not block an event loop: `aall`, `aget`, `aadd`, `aedit`, `aremove` and `awhere`.
    """

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    def all(self) -> list[Concept]:
        """Returns the concepts, by name."""
        return [concept_of(data) for data in self._connection.get("/concepts")]

    def get(self, name: str) -> Concept:
        """Returns the concept of a name, in any case."""
        return concept_of(self._connection.get(_path(name)))

    def add(
        self,
        name: str,
        *,
        aliases: Sequence[str] = (),
        category: str = "",
        note: str = "",
        pictures: Sequence[ImageInput] = (),
    ) -> Concept:
        """Adds a concept and returns it, as `Pipeline.concepts.add` does."""
        fields = {"name": name, "aliases": list(aliases), "category": category, "note": note}
        body = fields | {"pictures": _pictures(pictures)}
        return concept_of(self._connection.call("POST", "/concepts", json=body).json())

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
        """Changes what is given of a concept, and leaves the rest."""
        changes = {
            "name": rename,
            "aliases": None if aliases is None else list(aliases),
            "category": category,
            "note": note,
            "pictures": None if pictures is None else _pictures(pictures),
        }
        fields = {key: value for key, value in changes.items() if value is not None}
        return concept_of(self._connection.call("PATCH", _path(name), json=fields).json())

    def remove(self, name: str) -> Concept:
        """Removes a concept and returns it."""
        concept = self.get(name)
        self._connection.call("DELETE", _path(name))
        return concept

    def where(self, name: str) -> list[Mention]:
        """Returns the places of a concept in the documents: its names and its pictures, with pages and boxes."""
        return [mention_of(data) for data in self._connection.get(f"{_path(name)}/places")]

    async def aall(self) -> list[Concept]:
        """Runs `all` in a thread."""
        return await asyncio.to_thread(self.all)

    async def aget(self, name: str) -> Concept:
        """Runs `get` in a thread."""
        return await asyncio.to_thread(self.get, name)

    async def aadd(self, name: str, **fields: Any) -> Concept:
        """Runs `add` in a thread."""
        return await asyncio.to_thread(self.add, name, **fields)

    async def aedit(self, name: str, **changes: Any) -> Concept:
        """Runs `edit` in a thread."""
        return await asyncio.to_thread(self.edit, name, **changes)

    async def aremove(self, name: str) -> Concept:
        """Runs `remove` in a thread."""
        return await asyncio.to_thread(self.remove, name)

    async def awhere(self, name: str) -> list[Mention]:
        """Runs `where` in a thread."""
        return await asyncio.to_thread(self.where, name)


def _path(name: str) -> str:
    return f"/concepts/{quote(name, safe='')}"


def _pictures(pictures: Sequence[ImageInput]) -> list[str]:
    """Returns pictures as data URLs; raises `OctavoError` for one that cannot be read."""
    return [data_url(picture_file(one)) for one in pictures]
