"""Entries: what the index holds, at four levels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from octavo.ingest import Kind, Region
from octavo.ingest.store.metadata import Conditions


class Level(StrEnum):
    """The four sizes of an entry."""

    DOCUMENT = "document"
    PAGE = "page"
    ELEMENT = "element"
    CHUNK = "chunk"


class EntryId(str):
    """The readable, stable id of an entry: `DOC`, `DOC/p12`, `DOC/p12/e3` or `DOC/c4` (numbers from 0).

    It is a plain string wherever one is expected.

    >>> element = EntryId.of_element("d", 12, 3)
    >>> element, element.level, element.page_id, element.document
    ('d/p12/e3', <Level.ELEMENT: 'element'>, 'd/p12', 'd')
    """

    __slots__ = ()

    @classmethod
    def of_page(cls, document: str, page: int) -> EntryId:
        return cls(f"{document}/p{page}")

    @classmethod
    def of_element(cls, document: str, page: int, number: int) -> EntryId:
        return cls(f"{document}/p{page}/e{number}")

    @classmethod
    def of_chunk(cls, document: str, number: int) -> EntryId:
        return cls(f"{document}/c{number}")

    @property
    def document(self) -> str:
        """The document's id."""
        return self.partition("/")[0]

    @property
    def level(self) -> Level:
        """The level that the id tells."""
        rest = self.partition("/")[2]
        if not rest:
            return Level.DOCUMENT
        if rest[0] == "c":
            return Level.CHUNK
        return Level.ELEMENT if "/" in rest else Level.PAGE

    @property
    def page_id(self) -> EntryId:
        """The id of the page that a page or an element stands on."""
        return EntryId("/".join(self.split("/")[:2]))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers in the id, which order the entries of a document: `(12, 3)` for `DOC/p12/e3`."""
        return tuple(int(part[1:]) for part in self.split("/")[1:])


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a search may look: `None` means anywhere.

    `documents` are document ids (in `Pipeline`'s methods file names or paths, too), `pages` an inclusive 0-based
    (first, last), `kinds` element kinds (an entry at page or chunk level fits when it holds one of them), and
    `metadata` names with the values of which a document must have one.
    """

    documents: tuple[str, ...] | None = None
    pages: tuple[int, int] | None = None
    kinds: frozenset[Kind] | None = None
    metadata: Conditions = ()


EVERYWHERE = Scope()
Hits = list[tuple[str, float]]
"""Ids of entries with a score each, best first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One searchable thing: where it stands and what it says.

    `heading` is what stands above it (document title, section path, caption), `text` its own text. `number` is the
    page, element or chunk number within its parent (0 for a document). `page` is its first page.
    """

    id: str
    level: Level
    document: str
    page: int
    number: int
    kind: Kind | None
    heading: str
    text: str
    regions: tuple[Region, ...]

    @property
    def searchable(self) -> str:
        """The text that is embedded: heading, then own text."""
        return f"{self.heading}\n{self.text}".strip()
