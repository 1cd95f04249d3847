"""A model server behind HTTP: requests that are sent again where that helps, and its errors in one sentence each."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any, Protocol, Self, TypeVar

import httpx

from octavo.ingest import OctavoError

T = TypeVar("T")
R = TypeVar("R")

CONNECT_TIMEOUT = 5.0
"""Seconds until a server that cannot be reached is given up."""
WAITS = (0.5, 1.0, 2.0)
"""Seconds before a server that is busy or broken is asked again."""
LONGEST_WAIT = 30.0
"""Seconds that a server may ask to be left alone."""
_SHORTEN = 4
_BUSY = {408, 429, 500, 502, 503, 504}
_CONTEXT_KEYS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
_TOO_LONG = re.compile(r"context|too (?:long|large|many)|max_model_len|maximum (?:model )?length|exceed", re.I)


class EndpointError(OctavoError):
    """A model server did not do what it was asked; the text names the endpoint and the setting.

    `status` is the HTTP status where it answered, else 0; `said` is what it said.
    """

    def __init__(self, text: str, status: int = 0, said: str = "") -> None:
        super().__init__(text)
        self.status, self.said = status, said

    @property
    def too_long(self) -> bool:
        """Whether the server says that a request has more tokens than fit into the model's context."""
        return is_too_long(self.status, self.said)


@dataclass(frozen=True, slots=True)
class SettingNames:
    """What the settings of an endpoint are called, for its errors.

    >>> SettingNames.under("OCTAVO_EMBEDDING__").key
    'OCTAVO_EMBEDDING__KEY'
    """

    url: str
    key: str
    model: str
    timeout: str

    @classmethod
    def under(cls, prefix: str) -> SettingNames:
        """The names of settings whose environment variables begin alike."""
        return cls(f"{prefix}URL", f"{prefix}KEY", f"{prefix}MODEL", f"{prefix}TIMEOUT")


class Endpoint:
    """A server that speaks OpenAI's protocol, or vLLM's beside it, at a base URL such as `http://host:8000/v1`.

    `timeout` are the seconds that it may be silent. Errors are raised as `error`, a kind of `EndpointError`.
    """

    def __init__(
        self,
        url: str,
        named: SettingNames,
        *,
        key: str = "",
        timeout: float = 120.0,
        error: type[EndpointError] = EndpointError,
    ) -> None:
        self.url, self.named, self.key, self.timeout, self._error = url.rstrip("/"), named, key, timeout, error
        self._reached = False

    @contextmanager
    def open(self, connections: int = 1) -> Iterator[httpx.Client]:
        """A client for several requests, of up to `connections` threads at a time."""
        with httpx.Client(
            headers={"Authorization": f"Bearer {self.key}"} if self.key else {},
            timeout=httpx.Timeout(self.timeout, connect=CONNECT_TIMEOUT),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            follow_redirects=True,
            verify=certificates(),
        ) as http:
            yield http

    def post(self, http: httpx.Client, path: str, body: dict[str, Any]) -> Any:
        """The JSON that the server answers to `body`; a path with a leading slash counts from the server's root.

        A server that is busy, broken or cuts the connection is asked again, after 0.5, 1 and 2 seconds or as long as
        it asks for; one that was never reached is not.
        """
        url = f"{self.url.removesuffix('/v1')}{path}" if path.startswith("/") else f"{self.url}/{path}"
        waits = iter(WAITS)
        while True:
            try:
                response = http.post(url, json=body)
                self._reached = True
                if response.status_code in _BUSY and (wait := next(waits, 0)):
                    time.sleep(_asked_for(response) or wait)
                    continue
                response.raise_for_status()
                return response.json()
            except httpx.HTTPStatusError as error:
                raise self.refused(error.response.status_code, message(error.response), str(body["model"])) from error
            except httpx.TimeoutException as error:
                raise self.silent() from error
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if not self._reached or not (wait := next(waits, 0)):
                    raise self.unreachable(error) from error
                time.sleep(wait)
            except ValueError as error:
                raise self.unreadable("no JSON") from error

    def models(self) -> dict[str, int]:
        """The models that are served with their context in tokens, 0 where the server does not tell."""
        timeout = httpx.Timeout(min(10.0, self.timeout), connect=CONNECT_TIMEOUT)
        try:
            with self.open() as http:
                response = http.get(f"{self.url}/models", timeout=timeout)
            if response.status_code in (401, 403):
                raise self.locked(response.status_code)
            response.raise_for_status()
            return {str(row["id"]): _context(row) for row in response.json()["data"]}
        except httpx.HTTPStatusError as error:
            if error.response.status_code in _BUSY:
                said = message(error.response)
                raise self.refused(error.response.status_code, said, "a list of its models") from error
            hint = "" if self.url.endswith("/v1") else f" (perhaps {self.url}/v1 is meant)"
            status = error.response.status_code
            raise self._error(
                f"{self.url} is no OpenAI-compatible API, its /models answers {status}{hint}: check {self.named.url}.",
                status,
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self.unreachable(error) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._error(
                f"{self.url}/models does not answer as OpenAI's API does: check {self.named.url}."
            ) from error

    # errors

    def refused(self, status: int, said: str, model: str) -> EndpointError:
        """The error of an answer with a status of 400 or more."""
        if status in (401, 403):
            return self.locked(status)
        if status == 404:
            return self.missing(model)
        told = f"({status}: {said})"
        if status == 429 or status >= 500:
            text = f"The model server at {self.url} is busy or broken {told}: try again later, or check"
        else:
            text = f"The model server at {self.url} refuses the request for {model} {told}: check"
        return self._error(f"{text} {self.named.url}.", status, said)

    def locked(self, status: int) -> EndpointError:
        """The error of a key that is missing or wrong."""
        key = "the API key" if self.key else "requests without an API key"
        return self._error(f"The model server at {self.url} refuses {key} ({status}): set {self.named.key}.", status)

    def missing(self, model: str) -> EndpointError:
        """The error of a model, or a kind of request, that is not served."""
        try:
            models = list(self.models())
        except EndpointError as error:
            return error
        if model in models:
            return self._error(
                f"{self.url} serves {model}, but not for this kind of request: check {self.named.url}, or with which "
                "--runner it was started (`octavo models up` prints the commands).",
                404,
            )
        there = ", ".join(models) or "none"
        return self._error(f"{self.url} serves no model {model!r}, only {there}: set {self.named.model}.", 404)

    def unreachable(self, error: BaseException) -> EndpointError:
        """The error of a server that is not there."""
        return self._error(
            f"The model server at {self.url} cannot be reached ({message(error)}): start it, or check {self.named.url}."
        )

    def silent(self) -> EndpointError:
        """The error of a server that takes too long."""
        return self._error(
            f"The model server at {self.url or 'its endpoint'} gave no answer within {self.timeout:g} seconds: "
            f"raise {self.named.timeout} or check {self.named.url}."
        )

    def unreadable(self, said: str) -> EndpointError:
        """The error of an answer that is not what was asked for."""
        return self._error(
            f"The model server at {self.url} sent no answer that can be read ({said}): check {self.named.url}."
        )


def map_concurrent(call: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """What `call` makes of each item, in their order, with up to `workers` at a time.

    Items are taken as they are needed. The first error ends it: what has not begun is not begun.

    >>> list(map_concurrent(lambda n: n * n, range(5), workers=3))
    [0, 1, 4, 9, 16]
    """
    pool = ThreadPoolExecutor(workers)
    try:
        waiting: deque[Future[R]] = deque()
        for item in items:
            waiting.append(pool.submit(call, item))
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class Truncatable(Protocol):
    """What can be made shorter."""

    def shorter(self) -> Self:
        """About half of it."""
        ...


S = TypeVar("S", bound=Truncatable)


def retry_shortened(send: Callable[[S], R], item: S) -> R:
    """What `send` returns for an item, which is halved up to four times while the model's context is too short."""
    for _ in range(_SHORTEN):
        try:
            return send(item)
        except EndpointError as error:
            if not error.too_long:
                raise
            item = item.shorter()
    return send(item)


def message(error: BaseException | httpx.Response) -> str:
    """What an error says, in one line and no more than 200 letters."""
    if isinstance(error, httpx.Response):
        said = _body_message(error)
    else:
        body = getattr(error, "body", None)
        told = body.get("message") if isinstance(body, dict) else None
        said = str(told or getattr(error, "message", "") or error)
    lines = said.strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200].rstrip(".")


def is_too_long(status: int, said: str) -> bool:
    """Whether an answer with this status says that the request has too many tokens."""
    return status >= 400 and status not in (401, 403, 404, 429) and bool(_TOO_LONG.search(said))


def _body_message(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return response.text
    error = body.get("error", body) if isinstance(body, dict) else body
    return str(error.get("message") or error.get("detail") or error) if isinstance(error, dict) else str(error)


def _context(row: dict[str, Any]) -> int:
    told = {**(row.get("meta") or {}), **row}
    return next((int(told[key]) for key in _CONTEXT_KEYS if told.get(key)), 0)


def _asked_for(response: httpx.Response) -> float:
    seconds = response.headers.get("Retry-After", "")
    return min(float(seconds), LONGEST_WAIT) if seconds.isdigit() else 0.0


@cache
def certificates() -> SSLContext:
    """Whom to trust in TLS: loaded once, since that takes longer than a request."""
    return httpx.create_ssl_context()
