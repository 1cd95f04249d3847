"""Common handling of requests: the caller, size limits, request ids and the shape of errors."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from octavo.apps.hosts import is_cross_site, is_own_name
from octavo.apps.service.errors import (
    ForbiddenError,
    ServiceError,
    TooLargeError,
    TooManyError,
    TooSlowError,
    UnauthorizedError,
)
from octavo.apps.service.metrics import Metrics
from octavo.apps.service.options import ServiceOptions
from octavo.apps.service.service import Service
from octavo.apps.turns import BusyError
from octavo.ingest import LibraryError, OctavoError
from octavo.ingest.errors import DocumentNotFoundError
from octavo.rag.answering import AnswerError

logger = logging.getLogger(__name__)

REQUEST_ID = "x-request-id"
_ID = re.compile(r"[\w.-]{1,64}")
_STATUS = {
    "unreadable": 422,
    "password": 422,
    "unsupported": 415,
    "document-not-found": 404,
    "invalid-setting": 400,
    "invalid-metadata": 400,
    "missing-tool": 501,
    "library": 503,
    "embedding-mismatch": 503,
    "incomplete-index": 503,
    "busy": 503,
}
"""The HTTP status of an error that the libraries raise, by its code."""


_INNER = "The library cannot be read or written now; the server's log says why."
_GONE = "There is no such document any more."
"""In place of errors that name folders of the server."""


class Gate:
    """Refuses what must not come in: other names of this machine, other sites' pages, requests that are too large.

    It gives each request an id and each response the headers that keep browsers from guessing and caching, and counts
    both.
    """

    def __init__(self, app: ASGIApp, options: ServiceOptions, metrics: Metrics) -> None:
        self._app, self._options, self._metrics = app, options, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        client_id = headers.get(REQUEST_ID, "")
        request = client_id if _ID.fullmatch(client_id) else f"req-{secrets.token_hex(8)}"
        scope.setdefault("state", {})["request_id"] = request
        limit = self._options.upload_bytes + 1_000_000 if _is_upload(headers) else self._options.request_bytes
        started, status, received, is_whole = time.perf_counter(), 0, 0, False

        async def bounded() -> Message:
            nonlocal received, is_whole
            if is_whole:
                return await receive()  # waits until the client goes away
            try:
                message = await asyncio.wait_for(receive(), self._options.pause_seconds)
            except TimeoutError as error:
                raise TooSlowError(f"The request paused for {self._options.pause_seconds:g} seconds.") from error
            received += len(message.get("body", b""))
            if received > limit:
                raise TooLargeError(f"The request is larger than {limit / 1e6:.0f} MB.")
            is_whole = not message.get("more_body", False)
            return message

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                there = {key.lower() for key, _ in message.get("headers", ())}
                more = [
                    (REQUEST_ID, request),
                    ("x-content-type-options", "nosniff"),
                    ("referrer-policy", "no-referrer"),
                ]
                if b"cache-control" not in there:
                    more.append(("cache-control", "no-store"))
                message["headers"] = [
                    *message.get("headers", ()),
                    *((key.encode(), value.encode()) for key, value in more if key.encode() not in there),
                ]
            await send(message)

        refusal = self._refusal(scope["method"], headers, limit)
        try:
            if refusal is not None:
                await error_response(refusal, request)(scope, receive, sent)
            else:
                await self._app(scope, bounded, sent)
        finally:
            route = scope.get("route")
            path = getattr(route, "path", "") or "other"
            self._metrics.request(scope["method"], path, status or 500, time.perf_counter() - started)

    def _refusal(self, method: str, headers: dict[str, str], limit: int) -> ServiceError | None:
        if self._options.is_local and not is_own_name(headers.get("host", ""), self._options.host):
            return ForbiddenError("This service is open to this machine only.")
        if is_cross_site(method, headers):
            return ForbiddenError("Another site may not use this service.")
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > limit:
            return TooLargeError(f"The request is larger than {limit / 1e6:.0f} MB.")
        return None


def _is_upload(headers: dict[str, str]) -> bool:
    return headers.get("content-type", "").startswith("multipart/form-data")


async def service_of(request: Request) -> Service:
    """Returns the service that the application serves."""
    service: Service = request.app.state.service
    return service


CurrentService = Annotated[Service, Depends(service_of)]


def status_of(error: OctavoError) -> int:
    """Returns the HTTP status of an error."""
    if isinstance(error, ServiceError):
        return error.status
    if isinstance(error, AnswerError):
        return 502
    return _STATUS.get(error.code, 400)


def message_of(error: OctavoError, request: str = "") -> str:
    """Returns what a caller is told of an error: none of the server's folders, which the log has."""
    if isinstance(error, DocumentNotFoundError):
        return _GONE
    if isinstance(error, LibraryError) and status_of(error) == 503:
        logger.error("Request %s failed: %s", request or "of MCP", error)
        return _INNER
    return str(error)


def error_body(error: OctavoError, request: str) -> dict[str, Any]:
    """Returns the one shape of an error, which OpenAI's clients understand."""
    kind = "server_error" if status_of(error) >= 500 else "invalid_request_error"
    return {
        "error": {
            "message": message_of(error, request),
            "type": kind,
            "code": error.code,
            "param": error.setting or None,
            "request_id": request,
        }
    }


def error_response(error: OctavoError, request: str) -> JSONResponse:
    """Returns an error as a response."""
    headers = {}
    if isinstance(error, UnauthorizedError):
        headers["www-authenticate"] = 'Bearer realm="Octavo"'
    if isinstance(error, TooManyError | BusyError):
        headers["retry-after"] = str(error.seconds)
    return JSONResponse(error_body(error, request), status_of(error), headers)


def add_error_handlers(app: FastAPI) -> None:
    """Makes every failure an error of one shape; what is not foreseen is logged, and tells nothing of the server."""

    def identity(request: Request) -> str:
        return str(getattr(request.state, "request_id", ""))

    @app.exception_handler(OctavoError)
    def octavo_error(request: Request, error: OctavoError) -> JSONResponse:
        return error_response(error, identity(request))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
        refused = ServiceError(f"{where}: {first['msg']}." if where else f"{first['msg']}.", setting=where)
        return error_response(refused, identity(request))

    @app.exception_handler(UnicodeEncodeError)
    def half_letters(request: Request, error: UnicodeEncodeError) -> JSONResponse:
        refused = ServiceError("The request holds half of a character (a surrogate, U+D800 to U+DFFF).")
        return error_response(refused, identity(request))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error.__cause__, OctavoError):  # raised while the body was read
            return error_response(error.__cause__, identity(request))
        body = {"message": str(error.detail), "type": "invalid_request_error", "code": "http", "param": None}
        return JSONResponse(
            {"error": body | {"request_id": identity(request)}}, error.status_code, dict(error.headers or {})
        )

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        logger.error("Request %s failed", identity(request), exc_info=error)
        body = {"message": "Something broke; the server's log says what.", "type": "server_error", "code": "internal"}
        return JSONResponse({"error": body | {"param": None, "request_id": identity(request)}}, 500)
