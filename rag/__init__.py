"""From a library to an answer: entries, retrieval, relevancy scores, cited answers.

`Pipeline` is the whole; the parts are LlamaIndex's interfaces and work in any LlamaIndex program.
"""

if __name__ != "octavo.rag":
    raise ImportError("import octavo.rag: this folder is part of the package octavo")


from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from octavo.rag.context import QuestionContext
    from octavo.rag.entry import Entry, EntryId, Level, Scope
    from octavo.rag.evidence import Answer, Citation, Delta, Event, Evidence, Finished, PageRef, Retrieved, Step
    from octavo.rag.ingestion import Ingested
    from octavo.rag.pipeline import Pipeline
    from octavo.rag.regions import PageRegion
    from octavo.rag.settings import Settings

_HOME = {
    "Answer": "evidence",
    "Citation": "evidence",
    "Delta": "evidence",
    "Entry": "entry",
    "EntryId": "entry",
    "Event": "evidence",
    "Evidence": "evidence",
    "Finished": "evidence",
    "Ingested": "ingestion",
    "Level": "entry",
    "PageRef": "evidence",
    "PageRegion": "regions",
    "Pipeline": "pipeline",
    "QuestionContext": "context",
    "Retrieved": "evidence",
    "Scope": "entry",
    "Settings": "settings",
    "Step": "evidence",
}

__all__ = [
    "Answer",
    "Citation",
    "Delta",
    "Entry",
    "EntryId",
    "Event",
    "Evidence",
    "Finished",
    "Ingested",
    "Level",
    "PageRef",
    "PageRegion",
    "Pipeline",
    "QuestionContext",
    "Retrieved",
    "Scope",
    "Settings",
    "Step",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
