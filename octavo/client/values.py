"""The values of a library from the JSON of a server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import TypeAdapter

from octavo.client.connection import ServerError
from octavo.ingest import Document, Page
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.table import Table
from octavo.rag.concepts import Concept, Mention
from octavo.rag.evidence import Answer, Delta, Event, Evidence, Finished, Retrieved, Step

_DOCUMENT: TypeAdapter[Document] = TypeAdapter(Document)
_PAGE: TypeAdapter[Page] = TypeAdapter(Page)
_INFO: TypeAdapter[DocumentInfo] = TypeAdapter(DocumentInfo)
_EVIDENCE: TypeAdapter[tuple[Evidence, ...]] = TypeAdapter(tuple[Evidence, ...])
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
_STEP: TypeAdapter[Step] = TypeAdapter(Step)
_MENTION: TypeAdapter[Mention] = TypeAdapter(Mention)
for _adapter in (_DOCUMENT, _PAGE):
    _adapter.rebuild(_types_namespace={"Table": Table})  # which `Element` imports for type checkers alone


def document_of(text: str) -> Document:
    """Returns a whole document from its export as JSON."""
    return _DOCUMENT.validate_json(text)


def page_of(data: dict[str, Any]) -> Page:
    """Returns a page."""
    elements = [element | {"about": element["caption_of"]} for element in data["elements"]]
    return _PAGE.validate_python(data | {"number": data["page"], "elements": elements})


def info_of(data: dict[str, Any]) -> DocumentInfo:
    """Returns what a list of documents says of one."""
    return _INFO.validate_python(data)


def evidence_of(many: Iterable[dict[str, Any]]) -> tuple[Evidence, ...]:
    """Returns entries with their relevancy scores."""
    return _EVIDENCE.validate_python([data | {"score": data["relevancy"]} for data in many])


def concept_of(data: dict[str, Any]) -> Concept:
    """Returns a concept without its pictures."""
    return Concept(0, data["name"], tuple(data["aliases"]), data["category"], data["note"])


def mention_of(data: dict[str, Any]) -> Mention:
    """Returns a place of a concept."""
    return _MENTION.validate_python(data)


def answer_of(data: dict[str, Any]) -> Answer:
    """Returns an answer with its citations and evidence."""
    entries = {name: evidence_of(data[name]) for name in ("evidence", "candidates")}
    return _ANSWER.validate_python(data | entries)


def events_of(lines: Iterable[str]) -> Iterator[Event]:
    """Yields the events of an answer from the lines of a stream; raises `ServerError` for one that fails."""
    kind = ""
    for line in lines:
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield from _event(kind, json.loads(line.removeprefix("data: ")))


def _event(kind: str, data: dict[str, Any]) -> Iterator[Event]:
    match kind:
        case "retrieved":
            yield Retrieved(evidence_of(data["evidence"]), evidence_of(data["candidates"]))
        case "step":
            yield _STEP.validate_python(data)
        case "delta":
            yield Delta(data["text"], data["replaces"])
        case "answer":
            yield Finished(answer_of(data))
        case "error":
            raise ServerError.of(data["error"], 200)
