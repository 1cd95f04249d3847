"""Pages of half-read files and descriptions, between the workers of a Ray cluster and the process that keeps them.

A worker reaches the process that started the run, which alone writes, by an actor beside that process: a call of the
worker waits there until the process has taken and answered it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from octavo.ingest.engines.base import Checkpoints, Descriptions
from octavo.ingest.model import Page
from octavo.ingest.store.images import MemoryImages

if TYPE_CHECKING:
    import ray

MAX_UNANSWERED = 8
"""Pages that a worker may have sent without hearing that they are kept; then it waits."""


@dataclass(frozen=True, slots=True)
class _PagesWanted:
    """A worker asks for the pages of a file that were read so far."""

    document: str
    reading: str


@dataclass(frozen=True, slots=True)
class _PageRead:
    """A worker has read a page, with its screenshot."""

    document: str
    reading: str
    page: Page
    webp: bytes


@dataclass(frozen=True, slots=True)
class _PagesKept:
    """The pages of a file that were read so far, by number, with their screenshots by hash."""

    pages: dict[int, Page]
    images: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class _DescriptionWanted:
    """A worker asks what a model said of a picture."""

    picture: str
    model: str


@dataclass(frozen=True, slots=True)
class _DescriptionMade:
    """A model has described a picture."""

    picture: str
    model: str
    text: str


_Call = _PagesWanted | _PageRead | _DescriptionWanted | _DescriptionMade
_Answer = _PagesKept | str | None


class _Exchange:
    """The actor: holds calls of workers until they are answered."""

    def __init__(self) -> None:
        self._calls: asyncio.Queue[tuple[str, _Call]] = asyncio.Queue()
        self._answers: dict[str, asyncio.Future[_Answer]] = {}

    async def call(self, call: _Call) -> _Answer:
        """Returns the answer to a worker's call."""
        number = secrets.token_hex(8)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._calls.put_nowait((number, call))
        return await answer

    async def take(self) -> tuple[str, _Call]:
        """Returns the next call, with the number that its answer needs."""
        return await self._calls.get()

    async def answer(self, number: str, answer: _Answer) -> None:
        """Answers a call; one of a worker that is gone is nobody's."""
        if (waiting := self._answers.pop(number, None)) is not None and not waiting.done():
            waiting.set_result(answer)


class CheckpointServer:
    """Keeps the pages and descriptions that workers send, in the process that started a run.

    `pending` is done when a worker has called; `handle` then answers it.
    """

    def __init__(
        self,
        client: Any,
        checkpoints: Checkpoints,
        save_image: Callable[[bytes], str],
        load_image: Callable[[str], bytes],
        descriptions: Descriptions,
    ) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        self._client, self._checkpoints = client, checkpoints
        self._save_image, self._load_image, self._descriptions = save_image, load_image, descriptions
        here = NodeAffinitySchedulingStrategy(client.get_runtime_context().get_node_id(), soft=False)
        self.exchange = (
            client.remote(_Exchange)
            .options(num_cpus=0, max_concurrency=10_000, max_restarts=-1, max_task_retries=-1, scheduling_strategy=here)
            .remote()
        )
        self.pending: ray.ObjectRef = self.exchange.take.remote()

    def handle(self) -> None:
        """Answers the call that has come, and waits for the next one."""
        number, call = self._client.get(self.pending)
        self.exchange.answer.remote(number, self._answer(call))
        self.pending = self.exchange.take.remote()

    def close(self) -> None:
        """Ends the actor, and what waits for its next call, which Ray would report as lost."""
        self._client.cancel(self.pending)
        self._client.kill(self.exchange)

    def _answer(self, call: _Call) -> _Answer:
        match call:
            case _PageRead(document, reading, page, webp):
                if webp:
                    self._save_image(webp)
                self._checkpoints.save(document, reading, page)
                return None
            case _DescriptionWanted(picture, model):
                return self._descriptions.description(picture, model)
            case _DescriptionMade(picture, model, text):
                self._descriptions.save_description(picture, model, text)
                return None
        pages = self._checkpoints.pages(call.document, call.reading)
        return _PagesKept(pages, {page.image: self._load_image(page.image) for page in pages.values() if page.image})


class WorkerCheckpoints:
    """The checkpoints of a run, as one of its workers reaches them by the actor `exchange`.

    `images` has the screenshots of the pages that are read, and gets those of pages that were read before. `sent` are
    the hashes of screenshots that the run has.
    """

    def __init__(self, exchange: Any, images: MemoryImages) -> None:
        import ray

        self._ray, self._exchange, self._images = ray, exchange, images
        self._unanswered: deque[ray.ObjectRef] = deque()
        self.sent: set[str] = set()

    def pages(self, document: str, reading: str) -> dict[int, Page]:
        """Returns the pages that were read so far, by number."""
        checkpoint: _PagesKept = self._ray.get(self._exchange.call.remote(_PagesWanted(document, reading)))
        for webp in checkpoint.images.values():
            self.sent.add(self._images.save(webp))
        return checkpoint.pages

    def save(self, document: str, reading: str, page: Page) -> None:
        """Sends a page that was read."""
        webp = self._images.read(page.image) if page.image else b""
        self._unanswered.append(self._exchange.call.remote(_PageRead(document, reading, page, webp)))
        if page.image:
            self.sent.add(page.image)
        if len(self._unanswered) > MAX_UNANSWERED:
            self._ray.get(self._unanswered.popleft())

    def settle(self) -> None:
        """Waits until all pages that were sent are kept."""
        self._ray.get(list(self._unanswered))
        self._unanswered.clear()


class WorkerDescriptions:
    """The descriptions that a run keeps, as one of its workers reaches them by the actor `exchange`."""

    def __init__(self, exchange: Any) -> None:
        import ray

        self._ray, self._exchange = ray, exchange

    def description(self, picture: str, model: str) -> str | None:
        """Returns what a model said of a picture."""
        text: str | None = self._ray.get(self._exchange.call.remote(_DescriptionWanted(picture, model)))
        return text

    def save_description(self, picture: str, model: str, text: str) -> None:
        """Sends what a model said of a picture, and waits until it is kept."""
        self._ray.get(self._exchange.call.remote(_DescriptionMade(picture, model, text)))
