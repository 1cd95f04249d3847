"""Users, keys and the audit log."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from octavo.apps.service.errors import ForbiddenError
from octavo.apps.service.http import shapes
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.native.lists import Limit, Offset, part
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.rights import Caller

router = APIRouter(prefix="/api", tags=["people"])


def _admin(caller: Caller) -> None:
    if not caller.is_admin:
        raise ForbiddenError("Only administrators may do this.")


def _require_full_rights(caller: Caller) -> None:
    if caller.is_bounded:
        raise ForbiddenError("A key that is bounded by a role or a time makes and ends no keys.")


@router.get("/me", summary="Get the caller")
def me(service: CurrentService, caller: CurrentCaller) -> dict[str, Any]:
    """The caller, the collections that they may ask, and what they used of their quotas (a limit of 0 is none)."""
    return {
        "user": caller.user,
        "is_admin": caller.is_admin,
        "collections": {one.name: one.role for one in service.collections.of(caller)},
        "quotas": {quota.name: {"used": quota.used, "limit": quota.limit} for quota in service.quotas.of(caller.user)},
    }


@router.get("/users", summary="List users")
def list_users(
    service: CurrentService, caller: CurrentCaller, limit: Limit = 100, offset: Offset = 0
) -> shapes.PageOf[shapes.UserOut]:
    """All users, for administrators."""
    _admin(caller)
    results = [shapes.UserOut.of(user) for user in service.users.all()]
    return shapes.PageOf[shapes.UserOut](**part(results, limit, offset))


@router.post("/users", status_code=201, summary="Create a user")
def add_user(body: shapes.UserIn, service: CurrentService, caller: CurrentCaller) -> shapes.UserOut:
    """Makes a user, by an administrator."""
    _admin(caller)
    user = service.add_user(body.name, body.password, is_admin=body.is_admin)
    service.record(caller, "user.add", subject=body.name)
    return shapes.UserOut.of(user)


@router.delete("/users/{user}", status_code=204, summary="Remove a user")
def remove_user(user: str, service: CurrentService, caller: CurrentCaller) -> None:
    """Removes a user, by an administrator."""
    _admin(caller)
    service.remove_user(user)
    service.record(caller, "user.remove", subject=user)


@router.get("/keys", summary="List API keys")
def list_keys(
    service: CurrentService, caller: CurrentCaller, limit: Limit = 100, offset: Offset = 0
) -> shapes.PageOf[shapes.KeyOut]:
    """The caller's own keys, without their secrets, the newest first."""
    results = [shapes.KeyOut.of(key, secret="") for key in service.users.keys(caller.user)]
    return shapes.PageOf[shapes.KeyOut](**part(results, limit, offset))


@router.post("/keys", status_code=201, summary="Create an API key")
def make_key(body: shapes.KeyIn, service: CurrentService, caller: CurrentCaller) -> shapes.KeyOut:
    """Makes a key for the caller; its secret is shown this once. A key with a role or an end makes none."""
    _require_full_rights(caller)
    key, secret = service.users.make_key(caller.user, body.name, body.role, body.days)
    service.record(caller, "key.make", subject=key.id)
    return shapes.KeyOut.of(key, secret=secret)


@router.delete("/keys/{key}", status_code=204, summary="Revoke an API key")
def revoke_key(key: str, service: CurrentService, caller: CurrentCaller) -> None:
    """Ends one of the caller's keys."""
    _require_full_rights(caller)
    service.users.revoke(caller.user, key)
    service.record(caller, "key.revoke", subject=key)


@router.get("/audit", summary="Read the audit log")
def read_audit(
    service: CurrentService,
    caller: CurrentCaller,
    limit: Limit = 100,
    before: Annotated[int | None, Query(ge=0, le=1 << 40)] = None,
) -> JSONResponse:
    """The audit log, the latest entry first, for administrators."""
    return JSONResponse(service.audit(caller, limit, before))
