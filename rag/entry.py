"""Entries: what the index holds, at four levels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from octavo.ingest import Kind, OctavoError, Region
from octavo.ingest.store.metadata import Conditions

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler


class Level(StrEnum):
    """The four sizes of an entry.

    >>> Level("chunk") is Level.CHUNK, list(map(str, Level))
    (True, ['document', 'page', 'element', 'chunk'])
    """

    DOCUMENT = "document"
    PAGE = "page"
    ELEMENT = "element"
    CHUNK = "chunk"


CONCEPT = "concept-"
"""The beginning of the id of a concept of the user's own, in place of a document's."""


class EntryId(str):
    """The readable, stable id of an entry: `DOC`, `DOC/p12`, `DOC/p12/e3` or `DOC/c4` (numbers from 0).

    A part of a page that somebody pointed at, which is in no index, is `DOC/p12#NAME`. It is a plain string wherever
    one is expected.

    >>> element = EntryId.of_element("d", 12, 3)
    >>> element, element.level, element.page_id, element.document
    ('d/p12/e3', <Level.ELEMENT: 'element'>, 'd/p12', 'd')
    >>> EntryId.of_region("d", 12, "0,0,50,50").page_id
    'd/p12'
    """

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
        from pydantic import AfterValidator

        return handler.generate_schema(Annotated[str, AfterValidator(cls)])

    @classmethod
    def of_page(cls, document: str, page: int) -> EntryId:
        return cls(f"{document}/p{page}")

    @classmethod
    def of_element(cls, document: str, page: int, number: int) -> EntryId:
        return cls(f"{document}/p{page}/e{number}")

    @classmethod
    def of_region(cls, document: str, page: int, name: str) -> EntryId:
        return cls(f"{document}/p{page}#{name}")

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
        return Level.ELEMENT if "/" in rest or "#" in rest else Level.PAGE

    @property
    def page_id(self) -> EntryId:
        """The id of the page that a page, an element or a region stands on."""
        return EntryId("/".join(self.partition("#")[0].split("/")[:2]))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers in the id, which order the entries of a document: `(12, 3)` for `DOC/p12/e3`."""
        return tuple(int(part[1:]) for part in self.partition("#")[0].split("/")[1:])


@dataclass(frozen=True, slots=True, init=False)
class Scope:
    """The part of a library that a search is bound to; `None` bounds nothing.

    Parameters
    ----------
    documents
        Document ids; in `Pipeline`'s methods file names or paths, too. One, or several.
    pages
        The first and the last page, from 0.
    kinds
        Kinds of elements: an entry at page or chunk level fits when it holds one of them.
    metadata
        Names with the values of which a document must have one (`Pipeline.scope` makes them from a filter).

    Raises
    ------
    OctavoError
        For pages that are no range, and for a kind that is not known.

    >>> Scope(documents="report.pdf", pages=[0, 4], kinds=["table"])
    Scope(documents=('report.pdf',), pages=(0, 4), kinds=frozenset({<Kind.TABLE: 'table'>}), metadata=())
    """

    documents: tuple[str, ...] | None
    pages: tuple[int, int] | None
    kinds: frozenset[Kind] | None
    metadata: Conditions

    def __init__(
        self,
        documents: str | Path | Iterable[str | Path] | None = None,
        pages: Iterable[int] | None = None,
        kinds: str | Iterable[str] | None = None,
        metadata: Conditions = (),
    ) -> None:
        values = {
            "documents": None if documents is None else tuple(str(name) for name in _each(documents)),
            "pages": None if pages is None else _page_range(pages),
            "kinds": None if kinds is None else frozenset(_kind(str(kind)) for kind in _each(kinds)),
            "metadata": metadata,
        }
        for field, value in values.items():
            object.__setattr__(self, field, value)


def _each(values: str | Path | Iterable[str | Path]) -> Iterable[str | Path]:
    return (values,) if isinstance(values, str | Path) else values


def _page_range(pages: Iterable[int]) -> tuple[int, int]:
    match tuple(pages):
        case (int(first), int(last)) if 0 <= first <= last:
            return first, last
    raise OctavoError(f"The pages of a scope are its first and its last page, from 0, not {pages!r}.")


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError as error:
        raise OctavoError(f"There is no kind of region {name!r}: it is one of {', '.join(Kind)}.") from error


EVERYWHERE = Scope()
Hits = list[tuple[EntryId, float]]
"""Ids of entries with a score each, best first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the index: its place in a document and its text.

    `heading` is what stands above it (document title, section path, caption), `text` its own text. `number` is the
    page, element or chunk number within its parent (0 for a document). `page` is its first page.

    >>> Entry(EntryId("d/c0"), Level.CHUNK, "d", 0, 0, None, "Costs", "The dam cost 7 million.", ()).searchable
    'Costs\\nThe dam cost 7 million.'
    """

    id: EntryId
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
