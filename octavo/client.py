"""A client of `octavo serve` with the methods of `Pipeline`, so that a program moves from a folder to a server.

>>> from octavo.client import Client
>>> with Client("http://127.0.0.1:8080", key="octavo_…", collection="reports") as pipeline:  # doctest: +SKIP
...     pipeline.ask("What was capital expenditure in 2018?").text
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import httpx

from octavo.ingest import Box, Kind, OctavoError, Region
from octavo.ingest.store.library import DocumentInfo
from octavo.ingest.store.metadata import Metadata
from octavo.rag.asynchronous import AsyncMethods
from octavo.rag.entry import EVERYWHERE, Level, Scope
from octavo.rag.evidence import (
    Answer,
    Citation,
    Delta,
    Event,
    Evidence,
    Finished,
    PageRef,
    Retrieved,
    Span,
    Step,
    Unsupported,
)
from octavo.rag.images import ImageInput, picture_file
from octavo.rag.ingestion import Ingested
from octavo.rag.regions import PageRegion

if TYPE_CHECKING:
    from PIL import Image

POLL = 0.5
"""Seconds between two looks at a file that is being read."""


class ServerError(OctavoError):
    """The server refused a request, or could not be reached; `code` and `status` are those of its answer."""

    def __init__(self, text: str, *, code: str = "server", status: int = 0, setting: str = "") -> None:
        super().__init__(text, setting=setting)
        self.code, self.status = code, status  # type: ignore[misc]


class Client(AsyncMethods):
    """A collection of a server; its methods are those of `Pipeline`.

    `url` is the server's address, `key` an API key where it has users, `timeout` the seconds that it may be silent.
    Use it as a context manager, or call `close()`. Every failure is a `ServerError`.
    """

    def __init__(self, url: str, *, key: str = "", collection: str = "default", timeout: float = 120) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout)
        self._base = f"/api/collections/{quote(collection, safe='')}"
        self.collection = collection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    # documents

    def ingest(self, *paths: str | Path, password: str = "", metadata: Metadata | None = None) -> list[Ingested]:
        """Uploads files, folders or globs and waits until each is read; results are those of `Pipeline.ingest`."""
        from octavo.ingest.readers import find

        return list(self.ingest_each(find(paths), password=password, metadata=metadata))

    def ingest_each(
        self, files: Sequence[Path], *, password: str = "", metadata: Metadata | None = None
    ) -> Iterator[Ingested]:
        """Ingests files as `ingest` does; yields each result as soon as its document can be asked."""
        noted = {"metadata": json.dumps(dict(metadata or {})), "password": password}
        waiting: dict[str, Path] = {}
        for file in files:
            try:
                with file.open("rb") as content:
                    jobs = self._call("POST", "/documents", data=noted, files={"files": (file.name, content)}).json()
                waiting[jobs[0]["id"]] = file
            except ServerError as error:
                if error.status not in (400, 413):
                    raise
                yield Ingested(file, "failed", reason=str(error))
        while waiting:
            for job in [job for job in map(self._job, waiting) if job["state"] in ("done", "failed", "canceled")]:
                yield self._ingested(waiting.pop(job["id"]), job)
            if waiting:
                time.sleep(POLL)

    def documents(self) -> list[DocumentInfo]:
        """The documents of the collection, by name."""
        return [_info(one) for one in self._all("/documents")]

    def document(self, name: str) -> RemoteDocument:
        """Returns a document by its id or file name, with its pages, pictures and exports."""
        return RemoteDocument(self, _info(self._call("GET", f"/documents/{quote(name, safe='')}").json()))

    def set_metadata(self, name: str, metadata: Metadata) -> None:
        """Notes metadata with a document in place of what was noted."""
        self._call("PUT", f"/documents/{quote(name, safe='')}/metadata", json=dict(metadata))

    def remove(self, document: str) -> DocumentInfo:
        """Removes a document, named by its id or file name."""
        info = self.document(document).info
        self._call("DELETE", f"/documents/{info.id}")
        return info

    # questions

    def search(
        self,
        question: str,
        *,
        level: Level | str = Level.PAGE,
        k: int | None = None,
        threshold: float = 0.0,
        scope: Scope = EVERYWHERE,
        filter: Metadata | None = None,
        picture: ImageInput | None = None,
    ) -> list[Evidence]:
        """Searches as `Pipeline.search` does."""
        asked = _asked(question, level, k, threshold, scope, filter, picture)
        return [_evidence(one) for one in self._call("POST", "/search", json=asked).json()]

    def ask(self, question: str, **options: Any) -> Answer:
        """As `Pipeline.ask`, with its `level`, `k`, `threshold`, `scope`, `filter`, `picture` and `region`."""
        *_, last = self.stream(question, **options)
        assert isinstance(last, Finished)
        return last.answer

    def ask_many(self, questions: Sequence[str], *, workers: int = 4, **options: Any) -> list[Answer]:
        """Answers several questions, `workers` at a time, in their order."""
        with ThreadPoolExecutor(workers) as threads:
            return list(threads.map(lambda question: self.ask(question, **options), questions))

    def stream(
        self,
        question: str,
        *,
        level: Level | str = Level.CHUNK,
        k: int | None = None,
        threshold: float | None = None,
        scope: Scope = EVERYWHERE,
        filter: Metadata | None = None,
        picture: ImageInput | None = None,
        region: PageRegion | None = None,
    ) -> Generator[Event]:
        """Answers as `Pipeline.stream` does."""
        asked = _asked(question, level, k, threshold, scope, filter, picture) | {"stream": True}
        if region is not None:
            asked["region"] = {"document": region.document, "page": region.page, "box": list(region.box)}
        with ExitStack() as opened:
            try:
                response = opened.enter_context(self._http.stream("POST", f"{self._base}/ask", json=asked))
                _check(response)
                yield from _events(response)
            except httpx.HTTPError as error:
                raise ServerError(f"The server did not answer: {error or type(error).__name__}.") from error

    # HTTP

    def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = self._http.request(method, f"{self._base}{path}", **request)
        except httpx.HTTPError as error:
            raise ServerError(f"The server did not answer: {error or type(error).__name__}.") from error
        _check(response)
        return response

    def _all(self, path: str) -> Iterator[dict[str, Any]]:
        offset: int | None = 0
        while offset is not None:
            part = self._call("GET", path, params={"limit": 1000, "offset": offset}).json()
            yield from part["items"]
            offset = part["next"]

    def _job(self, job: str) -> dict[str, Any]:
        result: dict[str, Any] = self._call("GET", f"/jobs/{job}").json()
        return result

    def _ingested(self, file: Path, job: dict[str, Any]) -> Ingested:
        if job["state"] != "done":
            return Ingested(file, "failed", reason=job["reason"])
        info = self.document(job["document"]).info
        return Ingested(file, "added", info.id, info.pages, problems=info.problems)


@dataclass(frozen=True)
class RemotePage:
    """A page of a document on a server; `number` counts from 0, boxes are in PDF points."""

    client: Client
    document: str
    number: int

    @property
    def page_number(self) -> int:
        """The number that people say, from 1."""
        return self.number + 1

    @property
    def text(self) -> str:
        """The page's text in reading order, without running headers and footers."""
        return str(self._page["text"])

    @property
    def elements(self) -> list[dict[str, Any]]:
        """The page's elements in reading order: `index`, `kind`, `box`, `text`, `markdown`."""
        result: list[dict[str, Any]] = self._page["elements"]
        return result

    @property
    def image(self) -> Image.Image:
        """The page's screenshot."""
        return self._picture({})

    def crop(self, box: Box | Sequence[float]) -> Image.Image:
        """Returns what a box (x0, y0, x1, y1 in PDF points) shows."""
        return self._picture({"box": ",".join(str(side) for side in box)})

    @cached_property
    def _page(self) -> dict[str, Any]:
        result: dict[str, Any] = self.client._call("GET", f"/documents/{self.document}/pages/{self.number}").json()
        return result

    def _picture(self, params: dict[str, str]) -> Image.Image:
        from PIL import Image

        path = f"/documents/{self.document}/pages/{self.number}/image"
        return Image.open(BytesIO(self.client._call("GET", path, params=params).content))


class RemoteDocument:
    """A document on a server: `info`, `pages`, and the whole as Markdown, HTML or JSON."""

    def __init__(self, client: Client, info: DocumentInfo) -> None:
        self._client, self.info = client, info

    @property
    def id(self) -> str:
        return self.info.id

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def pages(self) -> list[RemotePage]:
        """The pages in order."""
        return [RemotePage(self._client, self.info.id, number) for number in range(self.info.pages)]

    def to_markdown(self) -> str:
        """Returns the document as Markdown."""
        return self._export("markdown")

    def to_html(self) -> str:
        """Returns the document as one HTML page without scripts."""
        return self._export("html")

    def to_json(self) -> str:
        """Returns the document as JSON."""
        return self._export("json")

    def _export(self, form: str) -> str:
        return self._client._call("GET", f"/documents/{self.info.id}/export", params={"format": form}).text


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    response.read()
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        raise ServerError(f"The server answered {response.status_code}.", status=response.status_code) from None
    raise _server_error(error, response.status_code)


def _server_error(error: dict[str, Any], status: int) -> ServerError:
    return ServerError(error["message"], code=error["code"], status=status, setting=error.get("param") or "")


def _asked(
    question: str,
    level: Level | str,
    k: int | None,
    threshold: float | None,
    scope: Scope,
    filter: Metadata | None,
    picture: ImageInput | None,
) -> dict[str, Any]:
    if scope.pages is not None:
        raise ServerError("A server bounds a question by documents and kinds, not by pages.", setting="scope")
    seen = None
    if picture is not None:
        seen = f"data:image/png;base64,{base64.b64encode(picture_file(picture)).decode()}"
    return {
        "question": question,
        "level": str(Level(level)),
        "k": k,
        "threshold": threshold,
        "documents": None if scope.documents is None else list(scope.documents),
        "kinds": None if scope.kinds is None else sorted(scope.kinds),
        "filter": None if filter is None else dict(filter),
        "picture": seen,
    }


def _events(response: httpx.Response) -> Iterator[Event]:
    kind = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data = json.loads(line.removeprefix("data: "))
            if kind == "error":
                raise _server_error(data["error"], 200)
            if kind == "retrieved":
                yield Retrieved(_all_evidence(data["evidence"]), _all_evidence(data["candidates"]))
            elif kind == "step":
                yield _step(data)
            elif kind == "delta":
                yield Delta(data["text"], data["replaces"])
            elif kind == "answer":
                yield Finished(_answer(data))


def _step(data: dict[str, Any]) -> Step:
    pages = tuple(PageRef(one["document"], one["name"], one["page"]) for one in data["pages"])
    return Step(data["kind"], data["query"], pages, data["seconds"], data["problem"])


def _info(one: dict[str, Any]) -> DocumentInfo:
    names = ("id", "name", "title", "media_type", "pages", "added_at", "outdated", "metadata")
    return DocumentInfo(**{name: one[name] for name in names}, problems=tuple(one["problems"]))


def _all_evidence(many: list[dict[str, Any]]) -> tuple[Evidence, ...]:
    return tuple(_evidence(one) for one in many)


def _evidence(one: dict[str, Any]) -> Evidence:
    names = ("id", "document", "name", "title", "page", "heading", "text")
    return Evidence(
        **{name: one[name] for name in names},
        level=Level(one["level"]),
        regions=tuple(Region(r["page"], Box(*r["box"]), r["element"]) for r in one["regions"]),
        score=one["relevancy"],
        kind=None if one["kind"] is None else Kind(one["kind"]),
    )


def _answer(data: dict[str, Any]) -> Answer:
    names = ("number", "document", "name", "page", "quote", "evidence")
    return Answer(
        data["question"],
        data["text"],
        tuple(
            Citation(**{name: one[name] for name in names}, boxes=tuple(Box(*box) for box in one["boxes"]))
            for one in data["citations"]
        ),
        _all_evidence(data["evidence"]),
        _all_evidence(data["candidates"]),
        data["abstained"],
        data["model"],
        tuple(data["problems"]),
        tuple(Unsupported(**one) for one in data["unsupported"]),
        tuple(_step(one) for one in data["steps"]),
        tuple(Span(**one) for one in data["spans"]),
        data["plan"],
    )
