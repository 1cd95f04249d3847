"""Login and logout in the browser, and the page of one's own account."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from octavo.apps.service.errors import ForbiddenError, ServiceError, TooManyError, UnauthorizedError
from octavo.apps.service.http.authentication import (
    CurrentCaller,
    address_of,
    authenticator_of,
    is_secure,
    session_cookie,
)
from octavo.apps.service.http.page import page
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.oidc import FLOW_SECONDS, Provider
from octavo.apps.service.rights import Caller
from octavo.apps.service.service import Service

router = APIRouter(include_in_schema=False)
_LOCAL_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")
_FORM_COOKIE = "octavo_login"
_FLOW_COOKIE = "octavo_oidc"
_LABELS = {
    "bytes": "Bytes of files",
    "pages": "Pages of documents",
    "requests_per_minute": "Requests in a minute",
    "tokens_per_day": "Tokens of models today",
}
Next = Annotated[str, Query(max_length=2_000)]


def local_path(path: str) -> str:
    """Returns a path of this service, else `/`: nobody is led to another site.

    >>> [local_path(path) for path in ("/docs?x=1", "//evil.example", "https://evil.example", "/\\\\evil")]
    ['/docs?x=1', '/', '/', '/']
    """
    return path if _LOCAL_PATH.fullmatch(path) else "/"


def form_token(service: Service, secret: str) -> str:
    """Returns the token that a form sends with the cookie `secret`; no other site can make it."""
    return hmac.digest(service.form_key, secret.encode(), "sha256").hex()


def _check_token(service: Service, secret: str, token: str) -> None:
    if not (secret and hmac.compare_digest(form_token(service, secret).encode(), token.encode())):
        raise ForbiddenError("This form is too old or comes from elsewhere: load the page again.")


@router.get("/login")
def login_page(request: Request, service: CurrentService, next: Next = "/") -> Response:
    """The form for name and password, and the way to the identity provider where there is one."""
    if service.is_open or authenticator_of(request).of_session(request) is not None:
        return RedirectResponse(local_path(next), 303)
    return _login_page(request, service, next)


@router.post("/login")
async def log_in(
    request: Request,
    service: CurrentService,
    token: Annotated[str, Form(max_length=100)],
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1_000)],
    next: Annotated[str, Form(max_length=2_000)] = "/",
) -> Response:
    """Starts a session; wrong passwords take ever longer."""
    try:
        _check_token(service, request.cookies.get(_FORM_COOKIE, ""), token)
        if await authenticator_of(request).check(name, password, request):
            return _with_session(request, service, name, next)
    except TooManyError as error:
        response = _login_page(request, service, next, name, str(error), error.status)
        response.headers["retry-after"] = str(error.seconds)
        return response
    except ForbiddenError as error:
        return _login_page(request, service, next, name, str(error), error.status)
    return _login_page(request, service, next, name, "Name or password is wrong.", 401)


@router.post("/logout")
def log_out(request: Request, service: CurrentService, token: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Ends the session."""
    cookie = session_cookie(request)
    secret = request.cookies.get(cookie, "")
    _check_token(service, secret, token)
    caller = service.users.session_caller(secret)
    service.users.end_session(secret)
    if caller is not None:
        service.record(caller, "session.end")
    response = RedirectResponse("/login", 303)
    response.delete_cookie(cookie, secure=is_secure(request), httponly=True, samesite="lax")
    response.headers["clear-site-data"] = '"cache"'
    return response


@router.get("/account")
def account(request: Request, service: CurrentService, caller: CurrentCaller) -> Response:
    """The caller's collections and what they used of their quotas, with the way out."""
    secret = request.cookies.get(session_cookie(request), "")
    return page(
        "account.html",
        title=caller.user or "This machine",
        collections=service.collections.of(caller),
        quotas=service.quotas.of(caller.user),
        labels=_LABELS,
        token=form_token(service, secret) if secret else "",
    )


# the identity provider


@router.get("/login/oidc")
async def begin_oidc(request: Request, service: CurrentService, next: Next = "/") -> Response:
    """Leads the browser to the identity provider."""
    flow, address = await _provider(request).begin(_callback(request, service), local_path(next))
    response = RedirectResponse(address, 303)
    _set_cookie(request, response, _FLOW_COOKIE, flow, int(FLOW_SECONDS), "/login")
    return response


@router.get("/login/oidc/callback")
async def finish_oidc(
    request: Request,
    service: CurrentService,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4_000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Starts a session for whom the identity provider vouches."""
    flow = request.cookies.get(_FLOW_COOKIE, "")
    try:
        claims, next = await _provider(request).finish(flow, state=state, code=code, error=error)
        user = service.admit_identity(claims)
    except ServiceError as refusal:
        if isinstance(refusal, UnauthorizedError | ForbiddenError):
            service.refusals.note("session.refuse", address_of(request))
        return _login_page(request, service, "/", problem=str(refusal), status=refusal.status)
    response = _with_session(request, service, user.name, next)
    response.delete_cookie(_FLOW_COOKIE, "/login", secure=is_secure(request), httponly=True, samesite="lax")
    return response


def _callback(request: Request, service: Service) -> str:
    base = service.options.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/login/oidc/callback"


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise ServiceError("No identity provider is set up here.")
    return provider


def _with_session(request: Request, service: Service, user: str, next: str) -> Response:
    secret = service.users.start_session(user, service.options.session_hours)
    service.record(Caller(user), "session.start")
    response = RedirectResponse(local_path(next), 303)
    _set_cookie(request, response, session_cookie(request), secret, int(service.options.session_hours * 3600), "/")
    response.delete_cookie(_FORM_COOKIE, "/login", secure=is_secure(request), httponly=True, samesite="lax")
    return response


def _set_cookie(request: Request, response: Response, name: str, value: str, seconds: int, path: str) -> None:
    more: dict[str, Any] = {"secure": is_secure(request), "httponly": True, "samesite": "lax", "path": path}
    response.set_cookie(name, value, seconds, **more)


def _login_page(
    request: Request, service: Service, next: str, name: str = "", problem: str = "", status: int = 200
) -> Response:
    cookie = request.cookies.get(_FORM_COOKIE) or secrets.token_urlsafe(32)
    response = page(
        "login.html",
        status,
        title="Log in",
        token=form_token(service, cookie) if service.users.passwords() else "",
        next=local_path(next),
        name=name,
        problem=problem,
        provider=request.app.state.provider.name if request.app.state.provider else "",
    )
    _set_cookie(request, response, _FORM_COOKIE, cookie, 3_600, "/login")
    return response
