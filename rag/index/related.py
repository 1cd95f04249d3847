"""Related documents and pages: nearest by picture and text together (NoteLLM-2, PRORec)."""

from __future__ import annotations

import numpy as np

from octavo.rag.embedding import Vectors, unit
from octavo.rag.entry import EntryId, Hits, Level
from octavo.rag.index.index import Index
from octavo.rag.index.store import vectors

REACH = 4
"""Entries of the first pass for each one that is wanted."""


def find_related(index: Index, entry: EntryId, k: int) -> Hits:
    """Returns the `k` documents, or pages of any document, nearest to one: ids with similarity in [-1, 1], best first.

    A page's vector is the mean of its own (its screenshot's, with an embedding that sees) and of those of what stands
    on it; a document's is the mean of its chunks'. The entry itself is left out.
    """
    (own,) = _together(index, [entry])
    first = [identity for identity, _ in index.vectors(own, entry.level, REACH * k + 1) if identity != entry]
    if not first:
        return []
    rows = _together(index, first)
    return vectors.nearest(first, rows, own, k)


def _together(index: Index, ids: list[EntryId]) -> Vectors:
    """Returns one unit vector for each entry, all of one level."""
    connection = index.library.connection
    there, halves = vectors.by_id(connection, ids)
    by_id = dict(zip(there, halves.astype(np.float32), strict=True))
    own = np.stack([by_id.get(i, np.zeros(index.embedding.dimension, np.float32)) for i in ids])
    if ids[0].level is not Level.PAGE:
        return own
    places, rows = vectors.on_pages(connection, ids)
    sums = np.zeros_like(own)
    np.add.at(sums, places, rows.astype(np.float32))
    return unit(own + unit(sums))
