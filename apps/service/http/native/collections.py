"""Collections and their members."""

from __future__ import annotations

from fastapi import APIRouter, Response

from octavo.apps.service.errors import ForbiddenError
from octavo.apps.service.http import shapes
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.native.lists import Limit, Offset, part
from octavo.apps.service.http.received import Once
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.rights import Role

router = APIRouter(prefix="/api", tags=["collections"])


@router.get("/collections", summary="List collections")
def list_collections(
    service: CurrentService, caller: CurrentCaller, limit: Limit = 100, offset: Offset = 0
) -> shapes.PageOf[shapes.CollectionOut]:
    """The collections that the caller may ask."""
    results = [shapes.CollectionOut.of(one) for one in service.collections.of(caller)]
    return shapes.PageOf[shapes.CollectionOut](**part(results, limit, offset))


@router.post("/collections", status_code=201, response_model=shapes.CollectionOut, summary="Create a collection")
def make_collection(body: shapes.CollectionIn, service: CurrentService, caller: CurrentCaller, once: Once) -> Response:
    """Makes an empty collection, private to its maker."""
    if not caller.limit.allows(Role.OWNER):
        raise ForbiddenError("This key may not make collections.")

    def make() -> shapes.CollectionOut:
        collection = service.collections.make(caller, body.name, body.title, body.metadata)
        service.record(caller, "collection.make", collection.name)
        return shapes.CollectionOut.of(collection)

    return once(body, make, 201)


@router.get("/collections/{collection}", summary="Get a collection")
def get_collection(collection: str, service: CurrentService, caller: CurrentCaller) -> shapes.CollectionOut:
    """One collection."""
    return shapes.CollectionOut.of(service.collections.get(caller, collection))


@router.delete("/collections/{collection}", status_code=204, summary="Remove a collection")
def remove_collection(collection: str, service: CurrentService, caller: CurrentCaller) -> None:
    """Removes a collection with all that it holds."""
    service.collections.get(caller, collection, Role.OWNER)
    service.collections.remove(collection)
    service.record(caller, "collection.remove", collection)


@router.get("/collections/{collection}/members", summary="List members")
def list_members(collection: str, service: CurrentService, caller: CurrentCaller) -> dict[str, Role]:
    """The members with their roles."""
    service.collections.get(caller, collection)
    return service.collections.members(collection)


@router.put("/collections/{collection}/members/{user}", summary="Set a member's role")
def set_member(
    collection: str, user: str, body: shapes.MemberIn, service: CurrentService, caller: CurrentCaller
) -> dict[str, Role]:
    """Gives a user a role."""
    service.collections.get(caller, collection, Role.OWNER)
    service.collections.set_member(collection, user, body.role)
    service.record(caller, f"member.{body.role}", collection, user)
    return service.collections.members(collection)


@router.delete("/collections/{collection}/members/{user}", status_code=204, summary="Remove a member")
def remove_member(collection: str, user: str, service: CurrentService, caller: CurrentCaller) -> None:
    """Takes a user's role away; anyone may leave, by a key that is not bounded to less."""
    needed = Role.READER if user == caller.user and not caller.is_bounded else Role.OWNER
    service.collections.get(caller, collection, needed)
    service.collections.set_member(collection, user, None)
    service.record(caller, "member.remove", collection, user)
