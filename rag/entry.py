"""Entries: what the index holds, at four levels, as LlamaIndex nodes.

An entry's id is readable and stable: `DOC`, `DOC/p12`, `DOC/p12/e3`, `DOC/c4` for a document, a page, an element and
a chunk of it (0-based numbers), so that anything that has an id can find its way back to the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from llama_index.core.schema import BaseNode, MetadataMode, NodeRelationship, RelatedNodeInfo, TextNode

from octavo.ingest import Box, Kind, Region


class Level(StrEnum):
    """The four sizes of an entry."""

    DOCUMENT = "document"
    PAGE = "page"
    ELEMENT = "element"
    CHUNK = "chunk"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a search may look: `None` means anywhere.

    `documents` are document ids, `pages` an inclusive 0-based (first, last), `kinds` element kinds (an entry at page
    or chunk level fits when it holds one of them).
    """

    documents: tuple[str, ...] | None = None
    pages: tuple[int, int] | None = None
    kinds: frozenset[Kind] | None = None


EVERYWHERE = Scope()


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

    def node(self) -> TextNode:
        """The entry as a LlamaIndex node; `regions` are rows `[page, x0, y0, x1, y1, element]`, boxes in PDF points."""
        return TextNode(
            id_=self.id,
            text=self.text,
            metadata={
                "document": self.document,
                "level": str(self.level),
                "page": self.page,
                "number": self.number,
                "kind": str(self.kind or ""),
                "heading": self.heading,
                "regions": [[r.page, *r.box, r.element] for r in self.regions],
            },
            excluded_embed_metadata_keys=["document", "level", "page", "number", "kind", "regions"],
            excluded_llm_metadata_keys=["level", "number", "kind", "regions"],
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=self.document)},
        )

    @classmethod
    def of(cls, node: BaseNode) -> Entry:
        """The entry of a node that `node()` made.

        >>> entry = Entry("d/p0", Level.PAGE, "d", 0, 0, None, "Report", "Revenue grew.", ())
        >>> Entry.of(entry.node()) == entry
        True
        """
        m = node.metadata
        return cls(
            id=node.node_id,
            level=Level(m["level"]),
            document=m["document"],
            page=m["page"],
            number=m["number"],
            kind=Kind(m["kind"]) if m["kind"] else None,
            heading=m["heading"],
            text=node.get_content(MetadataMode.NONE),
            regions=tuple(Region(page, Box(*box), element) for page, *box, element in m["regions"]),
        )
