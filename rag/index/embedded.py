"""The vectors of a document's entries, and how a whole library is embedded anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ingest.library import Library

from ..embed import EntryEmbedding, Vectors, unit
from ..entry import Entry, Level
from ..sight import Sight
from . import entries as rows
from .nearest import VectorIndex
from .schema import prepare

BATCH = 2_000
"""Entries that are embedded at a time."""


def model_of(embedding: EntryEmbedding) -> str:
    """What a library notes of the embedding that made its vectors."""
    return f"{embedding.model_name} ({embedding.dimension} dimensions)"


def embedded(entries: Sequence[Entry], embedding: EntryEmbedding, sight: Sight) -> Vectors:
    """A row for each entry of a document, of which the first is the document itself: the mean of its chunks' vectors.

    Merging section vectors into one document vector follows "Unified multi-modal interleaved document
    representation" (arXiv 2410.02729); that the merge is a plain mean is our choice.
    """
    whole, *parts = entries
    matrix = _embed(parts, embedding, sight)
    chunks = [n for n, entry in enumerate(parts) if entry.level is Level.CHUNK]
    own = unit(matrix[chunks].mean(axis=0, keepdims=True)) if chunks else _embed([whole], embedding, sight)
    return np.concatenate([own, matrix])


def _embed(entries: Sequence[Entry], embedding: EntryEmbedding, sight: Sight) -> Vectors:
    parts = [embedding.embed_entries(entries[at : at + BATCH], sight) for at in range(0, len(entries), BATCH)]
    return np.concatenate([np.zeros((0, embedding.dimension), dtype=np.float32), *parts])


def renew(
    library: Library, embedding: EntryEmbedding, progress: Callable[[int, int], None] = lambda done, of: None
) -> int:
    """Embeds all that a library holds anew, by another model; returns how many documents were embedded just now.

    Its pages and screenshots are read from the library. The old vectors serve until all new ones are there; a run that
    is stopped goes on after the last document it finished. `progress` is told documents done, and how many there are.
    """
    prepare(library)
    connection, model = library.connection, model_of(embedding)
    with library.writer():
        if library.get("renewing") != model:
            with library.transaction():
                connection.execute("DROP TABLE IF EXISTS renewed")
                connection.execute(
                    "CREATE TABLE renewed (entry INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE,"
                    " vector BLOB NOT NULL)"
                )
                library.set("renewing", model)
        infos = library.documents()
        made = 0
        for done, info in enumerate(infos):
            progress(done, len(infos))
            made += _renew(library, info.id, embedding)
        with library.transaction():
            connection.execute("DELETE FROM vectors")
            connection.execute("INSERT INTO vectors SELECT entry, vector FROM renewed")
            connection.execute("DROP TABLE renewed")
            connection.execute("DELETE FROM superseded")
            for key, value in (("renewing", ""), ("embedding", model), ("chroma", "[]")):
                library.set(key, value)
            library.set("generation", str(library.generation + 1))
        vectors = VectorIndex(library)
        vectors.catch_up(finished=True)
        vectors.sweep()
        vectors.close()
        progress(len(infos), len(infos))
    return made


def _renew(library: Library, document: str, embedding: EntryEmbedding) -> bool:
    connection = library.connection
    missing = "SELECT 1 FROM entries WHERE document = ? AND rowid NOT IN (SELECT entry FROM renewed)"
    if connection.execute(missing, (document,)).fetchone() is None:
        return False
    entries = rows.of_document(connection, document)
    matrix = embedded(entries, embedding, Sight(library)).astype(np.float16)
    with library.transaction():
        connection.executemany(
            "INSERT OR REPLACE INTO renewed SELECT rowid, ? FROM entries WHERE id = ?",
            [(row.tobytes(), entry.id) for entry, row in zip(entries, matrix, strict=True)],
        )
    return True
