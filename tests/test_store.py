"""SQL stands in store modules, and nowhere else in what ingests, answers, chats and serves."""

from __future__ import annotations

import re
from pathlib import Path

import octavo

ROOT = Path(octavo.__file__).parent
STATEMENT = re.compile(r"\.execute(?:many|script)?\(")
STORES = ("ingest/store", "rag/index/store", "apps/chat/store", "apps/feedback/store", "apps/service/store")


def test_statements_stand_in_stores() -> None:
    found = []
    for package in ("ingest", "rag", "apps"):
        for file in (ROOT / package).resolve().rglob("*.py"):
            name = f"{package}/{file.relative_to((ROOT / package).resolve())}"
            if not name.startswith(STORES) and STATEMENT.search(file.read_text(encoding="utf-8")):
                found.append(name)
    assert found == []
