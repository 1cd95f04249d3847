"""Requests to a server, and the errors that it answers with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote

import httpx

from octavo.ingest import OctavoError

PART = 1000
"""Entries of a list that are asked for at a time."""


class ServerError(OctavoError):
    """The server refused a request, or could not be reached; `code` and `status` are those of its answer."""

    def __init__(self, text: str, *, code: str = "server", status: int = 0, setting: str = "") -> None:
        super().__init__(text, setting=setting)
        self.code, self.status = code, status  # type: ignore[misc]

    @classmethod
    def of(cls, error: dict[str, Any], status: int) -> ServerError:
        """Returns the error that a response of this status tells."""
        return cls(error["message"], code=error["code"], status=status, setting=error.get("param") or "")


class ServerConnection:
    """Requests about one collection of a server; paths are relative to it. Every failure is a `ServerError`.

    A request that a busy server refuses is made again when it says so, for as long as `timeout` seconds in all.
    """

    def __init__(self, url: str, key: str, collection: str, timeout: float) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http, self._patience = httpx.Client(headers=headers, timeout=timeout), timeout
        self._server = url.rstrip("/")
        self._collection = f"/api/collections/{quote(collection, safe='')}"

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def url(self, path: str) -> str:
        """Returns the whole address of a path."""
        return f"{self._server}{self._collection}{path}"

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Makes a request and returns the response."""
        try:
            response = self._admitted(lambda: self._http.request(method, self.url(path), **request))
        except httpx.HTTPError as error:
            raise _silent(error) from error
        _check(response)
        return response

    def _admitted(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """Sends a request until the server is not too busy for it, or patience ends; returns the last response."""
        until = time.monotonic() + self._patience
        while True:
            response = send()
            seconds = _seconds_to_wait(response)
            if seconds is None or time.monotonic() + seconds > until:
                return response
            time.sleep(seconds)

    def get(self, path: str, **parameters: Any) -> Any:
        """Returns the JSON at a path."""
        return self.call("GET", path, params=parameters).json()

    def all(self, path: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yields the entries of a list, which comes in parts."""
        offset: int | None = 0
        while offset is not None:
            part = self.get(path, limit=PART, offset=offset, **parameters)
            yield from part["items"]
            offset = part["next"]

    @contextmanager
    def lines(self, path: str, body: dict[str, Any]) -> Iterator[Iterator[str]]:
        """Returns the lines of a response that is streamed."""
        try:
            with ExitStack() as opened:

                def send() -> httpx.Response:
                    opened.close()
                    return opened.enter_context(self._http.stream("POST", self.url(path), json=body))

                response = self._admitted(send)
                _check(response)
                yield response.iter_lines()
        except httpx.HTTPError as error:
            raise _silent(error) from error


def _seconds_to_wait(response: httpx.Response) -> float | None:
    """Returns the seconds after which a busy server is asked again, `None` where this is no such response."""
    seconds = response.headers.get("retry-after", "")
    return float(seconds) if response.status_code == 503 and seconds.isdigit() else None


def _silent(error: httpx.HTTPError) -> ServerError:
    return ServerError(f"The server did not answer: {error or type(error).__name__}.")


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    response.read()
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        raise ServerError(f"The server answered {response.status_code}.", status=response.status_code) from None
    raise ServerError.of(error, response.status_code)
