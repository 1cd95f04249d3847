"""Methods that follow from others, for the pipeline and for the client of a server alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from octavo.rag.evidence import Answer, Event, Evidence

if TYPE_CHECKING:
    from octavo.rag.ingestion import Ingested

T = TypeVar("T")


class DerivedMethods(ABC):
    """Gives `ask` a form for several questions, and each method one that does not block an event loop."""

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

    def ask_many(self, questions: Sequence[str], *, workers: int = 4, **options: Any) -> list[Answer]:
        """Answers several questions, `workers` at a time, in their order; `options` are those of `ask`.

        >>> answers = pipeline.ask_many(["What was capital expenditure in 2018?", "Who painted the ceiling?"])
        >>> [answer.abstained for answer in answers]
        [False, True]
        """
        with ThreadPoolExecutor(workers) as threads:
            return list(threads.map(lambda question: self.ask(question, **options), questions))

    async def aingest(self, *paths: str | Path, **options: Any) -> list[Ingested]:
        """Runs `ingest` in a thread."""
        return await _in_thread(self.ingest, *paths, **options)

    async def asearch(self, question: str, **options: Any) -> list[Evidence]:
        """Runs `search` in a thread."""
        return await _in_thread(self.search, question, **options)

    async def aask(self, question: str, **options: Any) -> Answer:
        """Runs `ask` in a thread."""
        return await _in_thread(self.ask, question, **options)

    async def astream(self, question: str, **options: Any) -> AsyncGenerator[Event]:
        """Runs `stream`, each step in a thread."""
        events = self.stream(question, **options)
        try:
            while (event := await _in_thread(next, events, None)) is not None:
                yield event
        finally:
            await _in_thread(events.close)


async def _in_thread(task: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Runs a task in a thread; a program that never waits so does not import `asyncio`."""
    import asyncio

    return await asyncio.to_thread(task, *arguments, **options)
