"""Authentication of requests: by an API key, a session of the browser, or a name and password."""

from __future__ import annotations

import base64
import binascii
import math
import time
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from octavo.apps.chat.accounts import Accounts, LockedError
from octavo.apps.service.errors import ForbiddenError, TooManyError, UnauthorizedError
from octavo.apps.service.http.requests import error_response
from octavo.apps.service.rights import LOCAL, Caller
from octavo.apps.service.service import Service
from octavo.ingest import OctavoError

SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing."""
OPEN = frozenset({"/healthz", "/readyz", "/metrics", "/login", "/logout", "/login/oidc", "/login/oidc/callback"})
"""Paths that need no login."""
CALLER = "octavo_caller"
"""The key of the caller in the scope of a request."""


def is_secure(request: Request) -> bool:
    """Returns whether the browser reaches the service by HTTPS, perhaps through a proxy."""
    options = request.app.state.service.options
    return bool(request.url.scheme == "https" or options.public_url.startswith("https://"))


def session_cookie(request: Request) -> str:
    """Returns the name of the cookie that holds a session; over HTTPS browsers bind it to this very host."""
    return "__Host-octavo_session" if is_secure(request) else "octavo_session"


def address_of(request: Request) -> str:
    """Returns the address that a request comes from."""
    return request.client.host if request.client else ""


class Authenticator:
    """Tells the caller of a request by its key, its session, or its name and password."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._accounts: Accounts | None = None
        self._users: dict[str, str] = {}

    async def __call__(self, request: Request) -> Caller:
        """Returns the caller.

        Raises `UnauthorizedError`, `TooManyError` after too many wrong passwords or requests, and `ForbiddenError`
        for a session's request that may come from another site.
        """
        caller = await self._caller(request)
        self._service.admit(caller)
        return caller

    async def check(self, name: str, password: str, request: Request) -> bool:
        """Returns whether a user has this password; raises `TooManyError` after too many wrong ones.

        The audit log tells of those that are wrong.
        """
        users = self._service.users.passwords()
        if users != self._users or self._accounts is None:
            self._users, self._accounts = users, Accounts(users, time.time, self._service.wrong_passwords)
        try:
            is_right = await self._accounts.check(name, password, address_of(request))
        except LockedError as error:
            seconds = math.ceil(error.seconds)
            raise TooManyError(f"Too many wrong passwords: try again in {seconds} seconds.", seconds) from error
        if not is_right:
            self._service.refusals.note("session.refuse", address_of(request), name)
        return is_right

    def of_session(self, request: Request) -> Caller | None:
        """Returns whose session the browser holds, if any."""
        secret = request.cookies.get(session_cookie(request), "")
        return self._service.users.session_caller(secret) if secret else None

    async def _caller(self, request: Request) -> Caller:
        if self._service.is_open:
            return LOCAL
        kind, _, credentials = request.headers.get("authorization", "").partition(" ")
        caller = None
        if kind.lower() == "bearer":
            caller = self._service.users.caller(credentials.strip())
            if caller is None:
                self._service.refusals.note("key.refuse", address_of(request))
        elif kind.lower() == "basic":
            name, password = _name_and_password(credentials)
            if name and await self.check(name, password, request):
                caller = Caller(name, is_admin=self._service.users.get(name).is_admin)
        else:
            caller = self.of_session(request)
            if caller is not None and request.method not in SAFE and "origin" not in request.headers:
                raise ForbiddenError("A browser names the page that sends this (Origin); programs use an API key.")
        if caller is None:
            raise UnauthorizedError("Give a valid API key: Authorization: Bearer octavo_…")
        return caller


def _name_and_password(credentials: str) -> tuple[str, str]:
    try:
        name, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password


def authenticator_of(request: Request) -> Authenticator:
    """Returns the authenticator of the service."""
    result: Authenticator = request.app.state.authenticate
    return result


async def caller_of(request: Request) -> Caller:
    """Returns the caller, whom `Authenticated` found."""
    caller: Caller = request.scope[CALLER]
    return caller


CurrentCaller = Annotated[Caller, Depends(caller_of)]


class Authenticated:
    """Finds the caller of each request before its body is read, so that strangers can send none.

    Only `OPEN` paths need no caller. Browsers without a session are led to the login page.
    """

    def __init__(self, app: ASGIApp, authenticate: Authenticator) -> None:
        self._app, self._authenticate = app, authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN:
            request = Request(scope)
            try:
                scope[CALLER] = await self._authenticate(request)
            except OctavoError as error:
                to_login = _login_redirect(request) if isinstance(error, UnauthorizedError) else None
                await (to_login or error_response(error, request.state.request_id))(scope, receive, send)
                return
        await self._app(scope, receive, send)


class ForMembers:
    """Lets only members of a collection into an application, and tells it the user's name."""

    def __init__(self, app: ASGIApp, service: Service, collection: str) -> None:
        self._app, self._service, self._collection = app, service, collection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            caller: Caller = scope[CALLER]
            try:
                if caller.is_bounded:
                    raise ForbiddenError("A key that is bounded by a role or a time does not open the chat.")
                self._service.collections.get(caller, self._collection)
            except OctavoError as error:
                await error_response(error, Request(scope).state.request_id)(scope, receive, send)
                return
            scope["octavo_user"] = caller.user
        await self._app(scope, receive, send)


def _login_redirect(request: Request) -> Response | None:
    """Returns the way to the login page, for a browser that opens a page."""
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/login?next={quote(request.url.path + query, safe='')}", 303)
