"""Opens the engine that a name stands for; each is imported only where it is opened."""

from __future__ import annotations

from octavo.ingest import LibraryError
from octavo.rag.index.engines.base import EngineName, VectorEngine


def open_engine(name: EngineName, uri: str) -> VectorEngine:
    """Returns the engine of a name at an address; raises `LibraryError` where it cannot be had."""
    if not uri:
        raise LibraryError(f"The index {name} needs an address: set index_uri (OCTAVO_INDEX_URI).")
    match name:
        case "chroma":
            from octavo.rag.index.engines.chroma_server import ChromaServerEngine

            return ChromaServerEngine(uri)
        case "lancedb":
            from octavo.rag.index.engines.lance import LanceEngine

            return LanceEngine(uri)
        case "llama-index":
            from octavo.rag.index.engines.llama_store import LlamaStoreEngine

            return LlamaStoreEngine(uri)
