"""A model server behind HTTP, and its errors in one sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from octavo.rag.clients.calls import with_retries
from octavo.rag.clients.errors import BUSY, EndpointError, is_too_long
from octavo.rag.clients.replies import asked_for, context_of, message, printable
from octavo.rag.clients.transport import bound_response, certificates, is_loopback, is_untrusted, proxy_of, split_url

CONNECT_TIMEOUT = 5.0
"""Seconds until a server that cannot be reached is given up."""
WAITS = (0.5, 1.0, 2.0)
"""Seconds before a server that is busy or broken is asked again."""
LONGEST = 5
"""The factor from the longest silence of a server to the longest time of an answer."""


@dataclass(frozen=True, slots=True)
class SettingNames:
    """Names of an endpoint's settings, for its errors.

    >>> SettingNames.under("OCTAVO_EMBEDDING__").key
    'OCTAVO_EMBEDDING__KEY'
    """

    url: str
    key: str
    model: str
    timeout: str
    headers: str = ""
    ca: str = "SSL_CERT_FILE"

    @classmethod
    def under(cls, prefix: str) -> SettingNames:
        """Returns the names of settings whose environment variables begin alike."""
        return cls(f"{prefix}URL", f"{prefix}KEY", f"{prefix}MODEL", f"{prefix}TIMEOUT")


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """The options of a connection: `headers` go with each request, `ca` is a PEM file of authorities to trust.

    Requests to this machine never go through a proxy.
    """

    headers: dict[str, str] = field(default_factory=dict)
    ca: Path | None = None


class Endpoint:
    """A server that speaks OpenAI's protocol, or vLLM's beside it, at a base URL such as `http://host:8000/v1`.

    A query such as `?api-version=preview` goes with each request; `/chat/completions` at the end of the URL is left
    out. `timeout` are the seconds that the server may be silent. Errors are raised as `error`, a kind of
    `EndpointError`.
    """

    def __init__(
        self,
        url: str,
        names: SettingNames,
        *,
        key: str = "",
        timeout: float = 120.0,
        error: type[EndpointError] = EndpointError,
        connection: ConnectionOptions = ConnectionOptions(),
    ) -> None:
        self.url, self.query = split_url(url)
        self.names, self.key, self.timeout, self._error = names, key, timeout, error
        self.connection = connection
        self._reached = False

    @contextmanager
    def open(self, connections: int = 1) -> Iterator[httpx.Client]:
        """Opens a client for several requests, of up to `connections` threads at a time.

        A response that is not whole after five times the timeout, or has more than 64 MB, ends with an error.
        """
        bound = LONGEST * self.timeout
        try:
            http = httpx.Client(
                headers={**({"Authorization": f"Bearer {self.key}"} if self.key else {}), **self.connection.headers},
                params=self.query,
                timeout=httpx.Timeout(self.timeout, connect=CONNECT_TIMEOUT),
                limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
                follow_redirects=True,
                verify=certificates(self.connection.ca),
                trust_env=not is_loopback(self.url),
                event_hooks={"response": [lambda response: bound_response(response, bound)]},
            )
        except UnicodeError as error:
            raise self._error(
                f"The key or a header for {self.url} has letters that HTTP does not send: check {self.names.key}."
            ) from error
        except OSError as error:
            raise self._error(
                f"The certificates in {self.connection.ca} cannot be read ({message(error)}): give a PEM file."
            ) from error
        except (ValueError, httpx.InvalidURL) as error:
            raise self.unreachable(error) from error
        with http:
            yield http

    def post(self, http: httpx.Client, path: str, body: dict[str, Any], file: Path | None = None) -> Any:
        """Returns the JSON that the server answers to `body`, which is sent as JSON, or with a file as a form.

        A path with a leading slash counts from the server's root.

        A server that is busy, broken or cuts the connection is asked again, after 0.5, 1 and 2 seconds or as long as
        it asks for; one that was never reached is not.
        """
        url = f"{self.url.removesuffix('/v1')}{path}" if path.startswith("/") else f"{self.url}/{path}"
        return with_retries(lambda: self._post(http, url, body, file), WAITS)

    def _post(self, http: httpx.Client, url: str, body: dict[str, Any], file: Path | None) -> Any:
        sent: dict[str, Any] = {"json": body}
        if file is not None:
            sent = {"data": body, "files": {"file": (file.name, file.read_bytes())}}
        try:
            response = http.post(url, **sent)
            self._reached = True
            response.raise_for_status()
            return response.json()
        except httpx.HTTPStatusError as error:
            raise self.status_error(
                error.response.status_code, message(error.response), str(body["model"]), wait=asked_for(error.response)
            ) from error
        except httpx.HTTPError as error:
            raise self.transport_error(error) from error
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise self.unreachable(error) from error
        except (ValueError, RecursionError) as error:
            raise self.unreadable("no JSON") from error

    def models(self) -> dict[str, int]:
        """Returns the models that are served with their context in tokens, 0 where the server does not tell."""
        return {str(row["id"]): context_of(row) for row in self.describe_models()}

    def describe_models(self) -> list[dict[str, Any]]:
        """Returns the server's description of each model that it serves; each has an `id`."""
        timeout = httpx.Timeout(min(10.0, self.timeout), connect=CONNECT_TIMEOUT)
        try:
            with self.open() as http:
                response = http.get(f"{self.url}/models", timeout=timeout)
            self._reached = True
            if response.status_code in (401, 403):
                raise self.auth_error(response.status_code)
            response.raise_for_status()
            rows = response.json()["data"]
            return [row for row in rows if isinstance(row, dict) and isinstance(row["id"], str)]
        except httpx.HTTPStatusError as error:
            if error.response.status_code in BUSY:
                reason = message(error.response)
                raise self.status_error(error.response.status_code, reason, "a list of its models") from error
            hint = "" if self.url.endswith("/v1") else f" (perhaps {self.url}/v1 is meant)"
            status = error.response.status_code
            raise self._error(
                f"{self.url} is no OpenAI-compatible API, its /models answers {status}{hint}: check {self.names.url}.",
                status,
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
            raise self.unreachable(error) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise self._error(
                f"{self.url}/models does not answer as OpenAI's API does: check {self.names.url}."
            ) from error

    # errors

    def transport_error(self, error: httpx.HTTPError) -> EndpointError:
        """Returns the error of a request that got no whole answer."""
        if isinstance(error, httpx.TimeoutException):
            return self.silent()
        return self.unreachable(error)

    def status_error(self, status: int, message: str, model: str, *, wait: float = 0.0) -> EndpointError:
        """Returns the error of an answer with a status of 400 or more; `wait` are the seconds it asks to wait."""
        if status in (401, 403):
            return self.auth_error(status)
        if status == 404:
            return self.missing(model)
        reply = f"({status}: {message})"
        if status == 429 or status >= 500:
            text = f"The model server at {self.url} is busy or broken {reply}: try again later, or check"
        else:
            text = f"The model server at {self.url} refuses the request for {model} {reply}: check"
        return self._error(f"{text} {self.names.url}.", status, message, wait=wait)

    def auth_error(self, status: int) -> EndpointError:
        """Returns the error of a key that is missing or wrong."""
        key = "the API key" if self.key else "requests without an API key"
        other = f", or {self.names.headers} where it takes the key in a header of its own" if self.names.headers else ""
        return self._error(
            f"The model server at {self.url} refuses {key} ({status}): set {self.names.key}{other}.", status
        )

    def missing(self, model: str) -> EndpointError:
        """Returns the error of a model, or a kind of request, that is not served."""
        try:
            models = list(self.models())
        except EndpointError as error:
            return error
        if model in models:
            return self._error(
                f"{self.url} serves {model}, but not for this kind of request: check {self.names.url}, or start the "
                "server for this use of the model.",
                404,
            )
        there = ", ".join(models) or "none"
        return self._error(f"{self.url} serves no model {model!r}, only {there}: set {self.names.model}.", 404)

    def unreachable(self, error: BaseException) -> EndpointError:
        """Returns the error of a server that is not there."""
        reason, way = message(error), "start it, or check"
        if is_untrusted(error):
            way = f"name the file of its certificate authority by {self.names.ca}, or check"
        elif proxy := proxy_of(self.url):
            reason = f"{reason}, through the proxy {proxy}"
        return self._error(
            f"The model server at {self.url} cannot be reached ({reason}): {way} {self.names.url}.",
            again=self._reached,
        )

    def silent(self) -> EndpointError:
        """Returns the error of a server that takes too long."""
        return self._error(
            f"The model server at {self.url or 'its endpoint'} gave no answer within {self.timeout:g} seconds: "
            f"raise {self.names.timeout} or check {self.names.url}."
        )

    def broken(self, error: object) -> EndpointError:
        """Returns the error of an answer that says in its midst what went wrong.

        `error` is OpenAI's `error`, or a text.
        """
        reply = error if isinstance(error, dict) else {"message": error}
        text = printable(str(reply.get("message") or reply))[:200]
        code = reply.get("code")
        status = code if isinstance(code, int) and 400 <= code < 600 else 400 if is_too_long(400, text) else 500
        return self.status_error(status, text.rstrip("."), "the model")

    def unreadable(self, reason: str, *, again: bool = False) -> EndpointError:
        """Returns the error of an answer that is not what was asked for."""
        return self._error(
            f"The model server at {self.url} sent no answer that can be read ({reason}): check {self.names.url}.",
            again=again,
        )
