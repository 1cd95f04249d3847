"""The chat's access control: who may log in, and the security headers of responses."""

from __future__ import annotations

import binascii
import math
from base64 import b64decode

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from octavo.apps.chat.accounts import Accounts, LockedError
from octavo.apps.chat.options import ChatOptions
from octavo.apps.hosts import is_cross_site, is_own_name

_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
        "frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
"""The browser itself refuses to load anything from elsewhere."""


def user_of(request: Request) -> str:
    """Returns the user's name, as checked by the guard; empty where no users are set."""
    return str(request.scope.get("octavo_user", ""))


class Guard:
    """Lets in who may: users with their password (HTTP Basic), or only this machine where there are none.

    In the service, which has checked who asks, the name stands in the request's scope already.
    A request that another site makes the browser send is refused, as is a name of this machine that is not its own.
    """

    def __init__(self, app: ASGIApp, options: ChatOptions, accounts: Accounts) -> None:
        self._app, self._options, self._accounts = app, options, accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        refusal = self._refusal(scope["method"], headers)
        if refusal is None and self._options.users and "octavo_user" not in scope:
            refusal = await self._log_in(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", ()),
                    *((key.encode(), value.encode()) for key, value in _HEADERS.items()),
                ]
            await send(message)

        await self._app(scope, receive, sent)

    def _refusal(self, method: str, headers: dict[str, str]) -> Response | None:
        if self._options.is_local and not is_own_name(headers.get("host", ""), self._options.host):
            return Response("This chat is open to this machine only.", 403, media_type="text/plain")
        if is_cross_site(method, headers):
            return Response("Another site may not use this chat.", 403, media_type="text/plain")
        return None

    async def _log_in(self, scope: Scope, headers: dict[str, str]) -> Response | None:
        challenge = {"www-authenticate": 'Basic realm="Octavo", charset="UTF-8"'}
        credentials = _credentials(headers.get("authorization", ""))
        if credentials is None:
            return Response("Name and password, please.", 401, challenge, media_type="text/plain")
        try:
            is_right = await self._accounts.check(*credentials, (scope.get("client") or ("",))[0])
        except LockedError as error:
            seconds = str(math.ceil(error.seconds))
            reason = f"Too many wrong passwords: try again in {seconds} seconds."
            return Response(reason, 429, {"retry-after": seconds}, media_type="text/plain")
        if not is_right:
            return Response("Name and password, please.", 401, challenge, media_type="text/plain")
        scope["octavo_user"] = credentials[0]
        return None


def _credentials(header: str) -> tuple[str, str] | None:
    """Returns the name and the password of an `Authorization` header."""
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, password = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if name and password else None
