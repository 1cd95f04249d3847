"""The concepts that users keep in a library: names, aliases, a category, a note and pictures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from octavo.ingest.errors import LibraryError
from octavo.ingest.store.database import Database

_COLUMNS = "id, name, aliases, category, note"


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing of the user's own: a product, a team, a drawing, and what they say of it.

    `id` counts from 1 and is never given twice. `pictures` are the bytes of picture files, `words` what each says.

    >>> Concept(1, "Larkfield press", ("our flagship",)).names
    ('Larkfield press', 'our flagship')
    """

    id: int
    name: str
    aliases: tuple[str, ...] = ()
    category: str = ""
    note: str = ""
    pictures: tuple[bytes, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name, then its aliases."""
        return (self.name, *self.aliases)


class ConceptStore:
    """Reads and writes concepts; each change is a transaction of its own, in force as soon as it is there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, *, with_pictures: bool = True) -> list[Concept]:
        """Returns the concepts, by name; their pictures may be left out."""
        rows = self._database.connection.execute(f"SELECT {_COLUMNS} FROM concepts ORDER BY name COLLATE NOCASE")
        pictures: dict[int, list[tuple[bytes, str]]] = {}
        query = "SELECT concept, picture, words FROM concept_pictures ORDER BY concept, number"
        for concept, picture, words in self._database.connection.execute(query) if with_pictures else ():
            pictures.setdefault(concept, []).append((picture, words))
        return [_concept(row, pictures.get(row[0], ())) for row in rows.fetchall()]

    def find(self, name: str) -> Concept:
        """Returns the concept of a name, in any case; raises `LibraryError` where there is none."""
        folded = name.casefold()
        result = next((concept for concept in self.all() if concept.name.casefold() == folded), None)
        if result is None:
            raise LibraryError(f"There is no concept {name!r} in the library.")
        return result

    def save(self, concept: Concept) -> Concept:
        """Writes a concept, a new one where its `id` is 0; returns it with its id.

        Raises `LibraryError` where another concept has its name.
        """
        other = next((c for c in self.all() if c.name.casefold() == concept.name.casefold()), None)
        if other is not None and other.id != concept.id:
            raise LibraryError(f"There is a concept {other.name!r} already: edit that one.")
        row = (concept.name, json.dumps(concept.aliases), concept.category, concept.note)
        with self._database.transaction() as connection:
            if concept.id:
                connection.execute(
                    "UPDATE concepts SET name = ?, aliases = ?, category = ?, note = ? WHERE id = ?", (*row, concept.id)
                )
                identity = concept.id
            else:
                insert = "INSERT INTO concepts (name, aliases, category, note) VALUES (?, ?, ?, ?)"
                identity = int(connection.execute(insert, row).lastrowid or 0)
            connection.execute("DELETE FROM concept_pictures WHERE concept = ?", (identity,))
            connection.executemany(
                "INSERT INTO concept_pictures VALUES (?, ?, ?, ?)",
                [
                    (identity, n, picture, words)
                    for n, (picture, words) in enumerate(zip(concept.pictures, concept.words, strict=True))
                ],
            )
        return Concept(
            identity, concept.name, concept.aliases, concept.category, concept.note, concept.pictures, concept.words
        )

    def remove(self, name: str) -> Concept:
        """Removes the concept of a name and returns it; raises `LibraryError` where there is none."""
        concept = self.find(name)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM concepts WHERE id = ?", (concept.id,))
        return concept


def _concept(row: tuple[int, str, str, str, str], pictures: Sequence[tuple[bytes, str]]) -> Concept:
    identity, name, aliases, category, note = row
    return Concept(
        identity,
        name,
        tuple(json.loads(aliases)),
        category,
        note,
        tuple(picture for picture, _ in pictures),
        tuple(words for _, words in pictures),
    )
