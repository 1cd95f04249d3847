"""The protocol of an engine that indexes many entries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np

from octavo.ingest import LibraryError
from octavo.rag.embedding import Vectors
from octavo.rag.entry import EVERYWHERE, EntryId, Scope

EngineName = Literal["chroma", "lancedb", "llama-index"]


class EngineError(LibraryError):
    """An engine cannot be reached or is overloaded just now; the same call may succeed later."""


class EntryPlace(NamedTuple):
    """The place of an entry, for filters: its number in the library, first and last page, the kinds of its regions."""

    number: int
    page: int
    last_page: int
    kinds: Sequence[str]


@dataclass(frozen=True, slots=True)
class EntryRows:
    """Entries for an engine: ids with a unit vector and a place each.

    `words` are their terms, those of headings twice, joined by spaces; `tokens` the bytes of their token vectors. They
    are empty where the engine is to hold none.
    """

    ids: Sequence[EntryId]
    vectors: Vectors
    places: Sequence[EntryPlace]
    words: Sequence[str] = ()
    tokens: Sequence[bytes] = ()

    def digest(self) -> str:
        """Returns a hash of all that the rows say, the same wherever they are read from."""
        result = hashlib.sha256()
        for n, (identity, place) in enumerate(zip(self.ids, self.places, strict=True)):
            rest = (self.words[n] if self.words else "", self.tokens[n].hex() if self.tokens else "")
            result.update(json.dumps([identity, *place[:3], sorted(place.kinds), *rest]).encode())
        result.update(np.ascontiguousarray(self.vectors, dtype="<f4").tobytes())
        return result.hexdigest()


class VectorEngine(Protocol):
    """Collections of vectors by name, for several threads.

    An engine may find its nearest approximately: what it finds is compared again, exactly. Every method raises
    `EngineError` where the engine cannot be reached just now, and `LibraryError` where it fails for good.
    """

    filters: bool
    """True where searches can be limited to a scope."""

    def add(self, collection: str, rows: EntryRows) -> None:
        """Adds entries, all at once; a new collection is made by its first entries."""
        ...

    def delete(self, collection: str, documents: Sequence[str]) -> None:
        """Deletes all entries of documents; there may be none."""
        ...

    def finish(self, collection: str) -> None:
        """Makes what was added fast to search."""
        ...

    def search(self, collection: str, vector: Vectors, k: int, scope: Scope = EVERYWHERE) -> list[str]:
        """Returns the ids of about the nearest `k`, best first; fewer only where there are no more.

        `scope` bounds them where the engine `filters`; it has no metadata.
        """
        ...

    def refresh(self) -> None:
        """Sees what other processes changed."""
        ...

    def collections(self) -> list[str]:
        """Returns the names of all collections that the engine can list."""
        ...

    def drop(self, collection: str) -> None:
        """Deletes a collection; there may be none."""
        ...

    def close(self) -> None:
        """Lets go of connections and files."""
        ...


class EntryEngine(VectorEngine, Protocol):
    """An engine that also holds the words and the token vectors of entries."""

    def match(self, collection: str, terms: Sequence[str], k: int, scope: Scope = EVERYWHERE) -> list[str]:
        """Returns the ids of about the best `k` by BM25 that hold any of the terms; fewer only where no more do."""
        ...

    def tokens(self, collection: str, numbers: Sequence[int]) -> dict[int, bytes]:
        """Returns the bytes of entries' token vectors by the entries' numbers; those without are left out."""
        ...

    def read(self, collection: str, after: int, upto: int) -> EntryRows:
        """Returns what is held of the entries whose number is larger than `after` and at most `upto`, in order."""
        ...
