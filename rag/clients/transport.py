"""Connections to a model server: addresses, proxies, certificates, and bounds of what it sends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from ssl import SSLContext, SSLError
from urllib.parse import parse_qsl, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import httpx

LARGEST = 64_000_000
"""Bytes that an answer may have."""


@cache
def certificates(ca: Path | None = None) -> SSLContext:
    """Returns a TLS context with the system's authorities and those in the file `ca`; cached, as loading is slow."""
    context = httpx.create_ssl_context()
    if ca:
        context.load_verify_locations(cafile=ca)
    return context


def is_loopback(url: str) -> bool:
    """Returns true if a URL leads to this machine.

    >>> [is_loopback(url) for url in ("http://localhost:8000/v1", "http://[::1]/", "https://example.org/v1")]
    [True, True, False]
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")


def split_url(url: str) -> tuple[str, dict[str, str]]:
    """Returns the base of a URL without a slash at its end, and the query that goes with each request."""
    try:
        split = urlsplit(url.strip())
    except ValueError:
        return url.strip().rstrip("/"), {}
    path = split.path.rstrip("/")
    for end in ("/chat/completions", "/completions", "/embeddings", "/models"):
        path = path.removesuffix(end)
    return urlunsplit((split.scheme, split.netloc, path, "", "")), dict(parse_qsl(split.query))


def is_untrusted(error: BaseException) -> bool:
    """Returns whether an error comes from a certificate that no known authority signed."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, SSLError):
            return "CERTIFICATE_VERIFY_FAILED" in str(cause)
        cause = cause.__cause__ or cause.__context__
    return False


def proxy_of(url: str) -> str:
    """Returns the proxy that requests to a URL go through, without the name and password for it."""
    if is_loopback(url):
        return ""
    try:
        split = urlsplit(url)
        proxies = getproxies()
        proxy = proxies.get(split.scheme) or proxies.get("all") or ""
        if not proxy or proxy_bypass(split.hostname or ""):
            return ""
        parts = urlsplit(proxy)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return ""


class _Bounded(httpx.SyncByteStream):
    """A response's body that ends with an error when it is not whole by `until`, or is larger than `LARGEST` bytes."""

    def __init__(self, stream: httpx.SyncByteStream, until: float) -> None:
        self._stream, self._until = stream, until

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if time.monotonic() > self._until:
                raise httpx.ReadTimeout("the answer takes too long")
            if size > LARGEST:
                raise httpx.ReadError(f"the answer has more than {LARGEST:,} bytes")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def bound_response(response: httpx.Response, seconds: float) -> None:
    """Ends the body of a response with an error when it is not whole after `seconds`, or is too large."""
    if isinstance(response.stream, httpx.SyncByteStream):
        response.stream = _Bounded(response.stream, time.monotonic() + seconds)
