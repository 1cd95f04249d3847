"""Options of the engines that search vectors and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DenseIndexName = Literal["sign-bits", "chroma", "lancedb", "llama-index"]
SparseIndexName = Literal["sqlite", "lancedb"]


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """The engines that search a library's vectors (`dense`) and its words (`sparse`), and their address (`uri`).

    `first_dimensions` are those whose signs the first pass goes by (0: all).
    """

    dense: DenseIndexName = "sign-bits"
    sparse: SparseIndexName = "sqlite"
    uri: str = ""
    first_dimensions: int = 0


EMBEDDED_ENGINES = IndexOptions()
"""The engines that lie in the library's folder."""
