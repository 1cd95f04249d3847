"""SQL stands in store modules, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import octavo
from octavo.client.store import RemoteStore
from octavo.ingest.store.documents import DocumentStore
from octavo.ingest.store.library import Library

ROOT = Path(octavo.__file__).parent
STATEMENT = re.compile(r"\.execute(?:many|script)?\(")
STORES = (
    "ingest/store",
    "rag/index/store",
    "apps/chat/store",
    "apps/feedback/store",
    "apps/service/store",
    "rag/answering/store",
    "eval/benchmarks/store",
    "eval/judges/store",
)


def test_statements_stand_in_stores() -> None:
    names = []
    for package in ("ingest", "rag", "eval", "apps"):
        for file in (ROOT / package).resolve().rglob("*.py"):
            name = f"{package}/{file.relative_to((ROOT / package).resolve())}"
            if not name.startswith(STORES) and STATEMENT.search(file.read_text(encoding="utf-8")):
                names.append(name)
    assert names == []


def test_answers_read_documents_through_the_store_alone() -> None:
    assert issubclass(Library, DocumentStore)
    assert issubclass(RemoteStore, DocumentStore)
    rag = (ROOT / "rag").resolve()
    readers = [file for name in ("answering", "query", "retrieval") for file in (rag / name).rglob("*.py")]
    readers += [rag / f"{name}.py" for name in ("documents", "evidence", "image_source", "regions", "sync")]
    assert [str(file.relative_to(rag)) for file in readers if "store.library import" in file.read_text("utf-8")] == []
