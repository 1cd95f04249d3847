"""Users' own concepts (RAP, arXiv 2410.13360): kept in the library, recalled by a question, given to its answer."""

from octavo.ingest.store.concepts import Concept
from octavo.rag.concepts.concepts import Concepts
from octavo.rag.concepts.linking import Mention
from octavo.rag.concepts.recall import Recalled

__all__ = ["Concept", "Concepts", "Mention", "Recalled"]
