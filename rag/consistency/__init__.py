"""Consistency of a document with itself: quantities that it states twice, and differently."""

from octavo.rag.consistency.compare import Contradiction, QuantityPlace, find_contradictions
from octavo.rag.consistency.confirm import confirm

__all__ = ["Contradiction", "QuantityPlace", "confirm", "find_contradictions"]
