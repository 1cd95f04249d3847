"""Entries as LlamaIndex nodes, and nodes of any origin as entries."""

from __future__ import annotations

from dataclasses import asdict

from llama_index.core.schema import (
    BaseNode,
    MetadataMode,
    NodeRelationship,
    NodeWithScore,
    RelatedNodeInfo,
    TextNode,
)

from octavo.ingest import Box, Kind, Region
from octavo.rag.entry import Entry, EntryId, Level
from octavo.rag.evidence import Evidence
from octavo.rag.retrieval.candidate import ScoredEntry

_HIDDEN = ["document", "level", "page", "page_number", "number", "kind", "regions"]


def node_of(entry: Entry, name: str = "", title: str = "") -> TextNode:
    """Returns an entry as a LlamaIndex node.

    `metadata` holds the document's id, `name` and `title`, the level, `page` (from 0) and `page_number` (from 1), and
    `regions` as rows `[page, x0, y0, x1, y1, element]` with boxes in PDF points.

    >>> entry = Entry("d/p0", Level.PAGE, "d", 0, 0, None, "Report", "Revenue grew.", ())
    >>> entry_of(node_of(entry, "report.pdf")) == entry
    True
    """
    return TextNode(
        id_=entry.id,
        text=entry.text,
        metadata={
            "document": entry.document,
            "name": name,
            "title": title,
            "level": str(entry.level),
            "page": entry.page,
            "page_number": entry.page + 1,
            "number": entry.number,
            "kind": str(entry.kind or ""),
            "heading": entry.heading,
            "regions": [[r.page, *r.box, r.element] for r in entry.regions],
        },
        excluded_embed_metadata_keys=[*_HIDDEN, "name", "title"],
        excluded_llm_metadata_keys=["level", "number", "kind", "regions"],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=entry.document)},
    )


def entry_of(node: BaseNode) -> Entry:
    """Returns the entry of a node; one that Octavo did not make becomes a chunk without regions.

    >>> entry_of(TextNode(id_="n", text="Rain.")).level
    <Level.CHUNK: 'chunk'>
    """
    m = node.metadata
    text = node.get_content(MetadataMode.NONE)
    if not {"level", "document", "regions"} <= m.keys():
        source = node.ref_doc_id or node.node_id
        return Entry(EntryId(node.node_id), Level.CHUNK, source, 0, 0, None, str(m.get("title") or ""), text, ())
    return Entry(
        id=EntryId(node.node_id),
        level=Level(m["level"]),
        document=m["document"],
        page=m["page"],
        number=m["number"],
        kind=Kind(m["kind"]) if m["kind"] else None,
        heading=m["heading"],
        text=text,
        regions=tuple(Region(page, Box(*box), element) for page, *box, element in m["regions"]),
    )


def scored_node(candidate: ScoredEntry) -> NodeWithScore:
    """Returns a candidate as a node with its score."""
    return NodeWithScore(node=node_of(candidate.entry, candidate.name, candidate.title), score=candidate.score)


def evidence_node(evidence: Evidence) -> NodeWithScore:
    """Returns evidence as a node with its relevancy score."""
    fields = {name: value for name, value in asdict(evidence).items() if name in Entry.__dataclass_fields__}
    entry = Entry(**fields | {"number": 0, "regions": evidence.regions, "level": evidence.level})
    return NodeWithScore(node=node_of(entry, evidence.name, evidence.title), score=evidence.score)
