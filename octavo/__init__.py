"""Ask questions of documents as people see them: page screenshots, layout boxes, relevancy scores, cited answers.

The names below are the public surface. They are loaded when they are first used, so that `import octavo` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from octavo.ingest import (
        Box,
        Document,
        Kind,
        OctavoError,
        ReadOptions,
        Region,
    )
    from octavo.rag import Answer, Citation, Evidence, Level, Pipeline, Scope, Settings

_HOME = {
    "octavo.ingest": ("Box", "Document", "Kind", "OctavoError", "ReadOptions", "Region"),
    "octavo.rag": ("Answer", "Citation", "Evidence", "Level", "Pipeline", "Scope", "Settings"),
}

__version__ = "0.2.0"
__all__ = [
    "Answer",
    "Box",
    "Citation",
    "Document",
    "Evidence",
    "Kind",
    "Level",
    "OctavoError",
    "Pipeline",
    "ReadOptions",
    "Region",
    "Scope",
    "Settings",
    "__version__",
]


def __getattr__(name: str) -> object:
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
