"""Asynchronous forms of a pipeline's methods, for the pipeline and for the client of a server alike."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octavo.rag.evidence import Answer, Event, Evidence

if TYPE_CHECKING:
    from octavo.rag.ingestion import Ingested


class AsyncMethods(ABC):
    """Gives `ingest`, `search`, `ask` and `stream` forms that run in a thread and do not block an event loop."""

    @abstractmethod
    def ingest(self, *paths: str | Path) -> list[Ingested]:
        """Reads files into the documents."""

    @abstractmethod
    def search(self, question: str) -> list[Evidence]:
        """Returns the entries that fit a question best."""

    @abstractmethod
    def ask(self, question: str) -> Answer:
        """Answers a question."""

    @abstractmethod
    def stream(self, question: str) -> Generator[Event]:
        """Answers a question in events."""

    async def aingest(self, *paths: str | Path, **options: Any) -> list[Ingested]:
        """Runs `ingest` in a thread."""
        return await asyncio.to_thread(self.ingest, *paths, **options)

    async def asearch(self, question: str, **options: Any) -> list[Evidence]:
        """Runs `search` in a thread."""
        return await asyncio.to_thread(self.search, question, **options)

    async def aask(self, question: str, **options: Any) -> Answer:
        """Runs `ask` in a thread."""
        return await asyncio.to_thread(self.ask, question, **options)

    async def astream(self, question: str, **options: Any) -> AsyncGenerator[Event]:
        """Runs `stream`, each step in a thread."""
        events = self.stream(question, **options)
        try:
            while (event := await asyncio.to_thread(next, events, None)) is not None:
                yield event
        finally:
            await asyncio.to_thread(events.close)
