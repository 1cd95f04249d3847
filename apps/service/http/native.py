"""The native API: collections, documents, pages, questions, jobs, feedback, users and keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from io import BytesIO
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse

from octavo.apps.service.errors import ForbiddenError, NotFoundError, ServiceError
from octavo.apps.service.http import shapes
from octavo.apps.service.http.events import first_or_error, in_thread, line, streamed
from octavo.apps.service.http.received import received
from octavo.apps.service.http.replies import Replies, reply_key
from octavo.apps.service.http.requests import Called, Served
from octavo.apps.service.rights import Caller, Role
from octavo.apps.service.service import find_document
from octavo.ingest import Box
from octavo.ingest.export import to_html, to_json, to_markdown
from octavo.rag import Citation, Delta, Finished, Retrieved
from octavo.rag.answering.highlight import highlight
from octavo.rag.evidence import Step

router = APIRouter(prefix="/api")
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=1 << 40)]


def _part(items: list[Any], limit: int, offset: int) -> dict[str, Any]:
    end = offset + limit
    return {"items": items[offset:end], "next": end if end < len(items) else None}


# collections


@router.get("/collections", tags=["collections"])
def list_collections(
    service: Served, caller: Called, limit: Limit = 100, offset: Offset = 0
) -> shapes.PageOf[shapes.CollectionOut]:
    """The collections that the caller may ask."""
    results = [shapes.CollectionOut.of(one) for one in service.collections.of(caller)]
    return shapes.PageOf[shapes.CollectionOut](**_part(results, limit, offset))


@router.post("/collections", status_code=201, tags=["collections"])
def make_collection(given: shapes.CollectionIn, service: Served, caller: Called) -> shapes.CollectionOut:
    """Makes an empty collection, private to its maker."""
    if not caller.limit.allows(Role.OWNER):
        raise ForbiddenError("This key may not make collections.")
    made = service.collections.make(caller, given.name, given.title, given.metadata)
    service.record(caller, "collection.make", made.name)
    return shapes.CollectionOut.of(made)


@router.get("/collections/{collection}", tags=["collections"])
def get_collection(collection: str, service: Served, caller: Called) -> shapes.CollectionOut:
    """One collection."""
    return shapes.CollectionOut.of(service.collections.get(caller, collection))


@router.delete("/collections/{collection}", status_code=204, tags=["collections"])
def remove_collection(collection: str, service: Served, caller: Called) -> None:
    """Removes a collection with all that it holds."""
    service.collections.get(caller, collection, Role.OWNER)
    service.collections.remove(collection)
    service.record(caller, "collection.remove", collection)


@router.get("/collections/{collection}/members", tags=["collections"])
def list_members(collection: str, service: Served, caller: Called) -> dict[str, Role]:
    """The members with their roles."""
    service.collections.get(caller, collection)
    return service.collections.members(collection)


@router.put("/collections/{collection}/members/{user}", tags=["collections"])
def set_member(collection: str, user: str, given: shapes.MemberIn, service: Served, caller: Called) -> dict[str, Role]:
    """Gives a user a role."""
    service.collections.get(caller, collection, Role.OWNER)
    service.collections.set_member(collection, user, given.role)
    service.record(caller, f"member.{given.role}", collection, user)
    return service.collections.members(collection)


@router.delete("/collections/{collection}/members/{user}", status_code=204, tags=["collections"])
def remove_member(collection: str, user: str, service: Served, caller: Called) -> None:
    """Takes a user's role away; anyone may leave."""
    needed = Role.READER if user == caller.user else Role.OWNER
    service.collections.get(caller, collection, needed)
    service.collections.set_member(collection, user, None)
    service.record(caller, "member.remove", collection, user)


# documents


@router.get("/collections/{collection}/documents", tags=["documents"])
def list_documents(
    collection: str, service: Served, caller: Called, limit: Limit = 100, offset: Offset = 0
) -> shapes.PageOf[shapes.DocumentOut]:
    """The documents of a collection, by name."""
    results = [shapes.DocumentOut.of(info) for info in service.documents(caller, collection)]
    return shapes.PageOf[shapes.DocumentOut](**_part(results, limit, offset))


@router.post("/collections/{collection}/documents", status_code=202, tags=["documents"])
def upload_documents(
    collection: str,
    service: Served,
    caller: Called,
    request: Request,
    files: Annotated[list[UploadFile], File()],
    metadata: Annotated[str, Form(description="JSON object")] = "{}",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Takes files and queues them; one job for each. With an `Idempotency-Key`, a repeated request does nothing new."""
    service.collections.get(caller, collection, Role.EDITOR)
    noted = _object(metadata)
    replies = Replies(service.database)
    key = reply_key(request)
    asked = json.dumps([collection, sorted(file.filename or "" for file in files), noted])
    if (reply := replies.get(caller, key, asked)) is not None:
        return Response(reply.body, reply.status, media_type="application/json")
    jobs = []
    for file in files:
        with received(file) as part:
            job = service.upload(caller, collection, part, file.filename or "file", noted, password)
        jobs.append(shapes.JobOut.of(job).model_dump(mode="json"))
    body = json.dumps(jobs)
    replies.keep(caller, key, asked, 202, body)
    return Response(body, 202, media_type="application/json")


def _object(text: str) -> dict[str, Any]:
    try:
        result = json.loads(text or "{}")
    except ValueError as error:
        raise ServiceError("metadata: this is no JSON.", setting="metadata") from error
    if not isinstance(result, dict):
        raise ServiceError("metadata: this is no JSON object.", setting="metadata")
    return result


@router.get("/collections/{collection}/documents/{document}", tags=["documents"])
def get_document(collection: str, document: str, service: Served, caller: Called) -> shapes.DocumentOut:
    """One document, by its id or name."""
    service.collections.get(caller, collection)
    with service.collections.opened(collection) as pipeline:
        return shapes.DocumentOut.of(find_document(pipeline, document))


@router.delete("/collections/{collection}/documents/{document}", status_code=204, tags=["documents"])
def remove_document(collection: str, document: str, service: Served, caller: Called) -> None:
    """Removes a document, and its uploaded file."""
    service.remove(caller, collection, document)


@router.put("/collections/{collection}/documents/{document}/metadata", tags=["documents"])
def set_metadata(
    collection: str, document: str, metadata: dict[str, Any], service: Served, caller: Called
) -> shapes.DocumentOut:
    """Notes metadata with a document, in place of what was noted."""
    return shapes.DocumentOut.of(service.set_metadata(caller, collection, document, metadata))


@router.get("/collections/{collection}/documents/{document}/export", tags=["documents"])
def export_document(
    collection: str,
    document: str,
    service: Served,
    caller: Called,
    format: Literal["markdown", "html", "json"] = "markdown",
) -> Response:
    """The whole document as Markdown, HTML or JSON."""
    service.collections.get(caller, collection)
    forms = {
        "markdown": (to_markdown, "text/markdown; charset=utf-8"),
        "html": (to_html, "text/html; charset=utf-8"),
        "json": (to_json, "application/json"),
    }
    write, media_type = forms[format]
    with service.collections.opened(collection) as pipeline:
        text = write(pipeline.library.document(find_document(pipeline, document).id))
    headers = {"content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
    return Response(text, media_type=media_type, headers=headers)


@router.get("/collections/{collection}/documents/{document}/pages", tags=["pages"])
def list_pages(
    collection: str,
    document: str,
    service: Served,
    caller: Called,
    elements: bool = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> shapes.PageOf[shapes.StoredPageOut]:
    """The pages of a document with their text, and on request their elements."""
    service.collections.get(caller, collection)
    with service.collections.opened(collection) as pipeline:
        info = find_document(pipeline, document)
        numbers = range(info.pages)[offset : offset + limit]
        results = [
            shapes.StoredPageOut.of(pipeline.library.page(info.id, number), collection, info.id, elements=elements)
            for number in numbers
        ]
    end = offset + limit
    return shapes.PageOf[shapes.StoredPageOut](items=results, next=end if end < info.pages else None)


@router.get("/collections/{collection}/documents/{document}/pages/{page}", tags=["pages"])
def get_page(collection: str, document: str, page: int, service: Served, caller: Called) -> shapes.StoredPageOut:
    """One page (counted from 0) with its elements."""
    service.collections.get(caller, collection)
    with service.collections.opened(collection) as pipeline:
        info = find_document(pipeline, document)
        _check_page(page, info.pages, info.name)
        return shapes.StoredPageOut.of(pipeline.library.page(info.id, page), collection, info.id, elements=True)


def _check_page(page: int, pages: int, name: str) -> None:
    if not 0 <= page < pages:
        raise NotFoundError(f"{name} has {pages} pages, counted from 0; there is no page {page}.")


@router.get(
    "/collections/{collection}/documents/{document}/pages/{page}/image",
    tags=["pages"],
    response_class=Response,
    responses={200: {"content": {"image/webp": {}}}},
)
def get_image(
    collection: str,
    document: str,
    page: int,
    service: Served,
    caller: Called,
    width: Annotated[int, Query(ge=0, le=4000, description="pixels; 0: as it was kept")] = 0,
    box: Annotated[str, Query(description="x0,y0,x1,y1 in PDF points: only this part")] = "",
    boxes: Annotated[str, Query(description="boxes to be drawn, joined by semicolons")] = "",
) -> Response:
    """The screenshot of a page, a part of it, a small one, or one with boxes drawn on it; as WebP."""
    service.collections.get(caller, collection)
    cut = _boxes(box)
    drawn = _boxes(boxes)
    if len(cut) > 1:
        raise ServiceError("box is one box: x0,y0,x1,y1.", setting="box")
    with service.collections.opened(collection) as pipeline:
        info = find_document(pipeline, document)
        _check_page(page, info.pages, info.name)
        stored = pipeline.library.page(info.id, page)
        if not (cut or drawn or width):
            content = pipeline.library.image(stored.image)
        else:
            image = pipeline.library.crop(info.id, page, cut[0]) if cut else pipeline.library.screenshot(info.id, page)
            if drawn and not cut:
                marked = Citation(1, info.id, info.name, page, tuple(drawn), "", "")
                image = highlight(pipeline.library, info.id, page, [marked])
            if width and width < image.width:
                image = image.resize((width, max(1, round(image.height * width / image.width))))
            out = BytesIO()
            image.save(out, "WEBP", quality=80, method=2)
            content = out.getvalue()
    return Response(content, media_type="image/webp", headers={"cache-control": "private, max-age=86400"})


def _boxes(text: str) -> list[Box]:
    try:
        results = [Box(*(float(side) for side in part.split(","))) for part in text.split(";") if part]
    except (ValueError, TypeError) as error:
        raise ServiceError("A box is x0,y0,x1,y1 in PDF points.", setting="box") from error
    if len(results) > 100 or not all(abs(side) < 1e6 for box in results for side in box):
        raise ServiceError("At most 100 boxes, each within the page.", setting="boxes")
    return results


# questions


@router.post("/collections/{collection}/search", tags=["questions"])
def search(collection: str, given: shapes.SearchIn, service: Served, caller: Called) -> list[shapes.EvidenceOut]:
    """The entries that fit a question best, at the level of documents, pages, elements or chunks."""
    return [shapes.EvidenceOut.of(item, collection) for item in service.search(caller, collection, given.asked())]


@router.post("/collections/{collection}/ask", tags=["questions"])
async def ask(collection: str, given: shapes.AskIn, service: Served, caller: Called, request: Request) -> Any:
    """Answers a question, or abstains. With `stream`: the events `retrieved`, `step`, `delta`, `answer`."""
    asked = given.asked()
    service.collections.get(caller, collection)
    events = in_thread(service.stream(caller, collection, asked))
    if not given.stream:
        last = None
        async for event in events:
            last = event
        assert isinstance(last, Finished)
        count(request, last)
        return shapes.AnswerOut.of(last.answer, collection)
    _, all_events = await first_or_error(events)

    async def written() -> AsyncGenerator[bytes]:
        async for event in all_events:
            if isinstance(event, Retrieved):
                parts = {"evidence": event.evidence, "candidates": event.candidates}
                result = {
                    name: [shapes.EvidenceOut.of(one, collection).model_dump(mode="json") for one in entries]
                    for name, entries in parts.items()
                }
                yield line(result, "retrieved")
            elif isinstance(event, Step):
                yield line(shapes.StepOut.of(event).model_dump(mode="json"), "step")
            elif isinstance(event, Delta):
                yield line({"text": event.text, "replaces": event.replaces}, "delta")
            elif isinstance(event, Finished):
                count(request, event)
                yield line(shapes.AnswerOut.of(event.answer, collection).model_dump(mode="json"), "answer")

    return streamed(written(), request.state.request_id)


def count(request: Request, finished: Finished) -> None:
    """Counts an answer for the metrics."""
    request.app.state.metrics.answer(abstained=finished.answer.abstained, model=finished.answer.model)


@router.post("/collections/{collection}/feedback", status_code=201, tags=["questions"])
def give_feedback(collection: str, given: shapes.FeedbackIn, service: Served, caller: Called) -> dict[str, str]:
    """Keeps what the caller thinks of an answer."""
    return {"id": service.keep_feedback(caller, collection, given.model_dump())}


@router.get("/collections/{collection}/feedback", tags=["questions"])
def list_feedback(
    collection: str, service: Served, caller: Called, limit: Limit = 100, offset: Offset = 0
) -> shapes.PageOf[dict[str, Any]]:
    """The feedback on a collection, for its owners."""
    return shapes.PageOf[dict[str, Any]](**_part(service.feedback(caller, collection), limit, offset))


# jobs


@router.get("/collections/{collection}/jobs", tags=["jobs"])
def list_jobs(
    collection: str,
    service: Served,
    caller: Called,
    state: Literal["", "queued", "running", "done", "failed", "canceled"] = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> shapes.PageOf[shapes.JobOut]:
    """Files on their way, the latest first; `state=failed` lists what could not be read, with the reason."""
    service.collections.get(caller, collection)
    results = [shapes.JobOut.of(job) for job in service.jobs.of(collection, state, limit + 1, offset)]
    return shapes.PageOf[shapes.JobOut](items=results[:limit], next=offset + limit if len(results) > limit else None)


@router.get("/collections/{collection}/jobs/{job}", tags=["jobs"])
def get_job(collection: str, job: str, service: Served, caller: Called) -> shapes.JobOut:
    """One job."""
    service.collections.get(caller, collection)
    return shapes.JobOut.of(service.jobs.get(collection, job))


@router.get("/collections/{collection}/jobs/{job}/events", tags=["jobs"])
async def watch_job(collection: str, job: str, service: Served, caller: Called, request: Request) -> Response:
    """A job's progress as server-sent events, until it is over."""
    service.collections.get(caller, collection)
    service.jobs.get(collection, job)

    async def steps() -> AsyncGenerator[bytes]:
        before = None
        while True:
            result = await asyncio.to_thread(service.jobs.get, collection, job)
            if result != before:
                yield line(shapes.JobOut.of(result).model_dump(mode="json"), "job")
                before = result
            if result.is_over:
                return
            await asyncio.sleep(0.25)

    return streamed(steps(), request.state.request_id)


@router.post("/collections/{collection}/jobs/{job}/cancel", tags=["jobs"])
def cancel_job(collection: str, job: str, service: Served, caller: Called) -> shapes.JobOut:
    """Takes a file out of the queue, or breaks off its reading."""
    service.collections.get(caller, collection, Role.EDITOR)
    return shapes.JobOut.of(service.jobs.cancel(collection, job))


@router.post("/collections/{collection}/jobs/{job}/retry", tags=["jobs"])
def retry_job(
    collection: str, job: str, service: Served, caller: Called, password: Annotated[str, Form()] = ""
) -> shapes.JobOut:
    """Queues a failed or canceled file again."""
    service.collections.get(caller, collection, Role.EDITOR)
    return shapes.JobOut.of(service.jobs.retry(collection, job, password))


# people


def _admin(caller: Caller) -> None:
    if not caller.is_admin:
        raise ForbiddenError("Only administrators may do this.")


@router.get("/me", tags=["people"])
def me(service: Served, caller: Called) -> dict[str, Any]:
    """The caller, and the collections that they may ask."""
    return {
        "user": caller.user,
        "is_admin": caller.is_admin,
        "collections": {one.name: one.role for one in service.collections.of(caller)},
    }


@router.get("/users", tags=["people"])
def list_users(service: Served, caller: Called) -> list[shapes.UserOut]:
    """All users, for administrators."""
    _admin(caller)
    return [shapes.UserOut.of(user) for user in service.users.all()]


@router.post("/users", status_code=201, tags=["people"])
def add_user(given: shapes.UserIn, service: Served, caller: Called) -> shapes.UserOut:
    """Makes a user, by an administrator."""
    _admin(caller)
    made = service.add_user(given.name, given.password, is_admin=given.is_admin)
    service.record(caller, "user.add", subject=given.name)
    return shapes.UserOut.of(made)


@router.delete("/users/{user}", status_code=204, tags=["people"])
def remove_user(user: str, service: Served, caller: Called) -> None:
    """Removes a user, by an administrator."""
    _admin(caller)
    service.users.remove(user)
    service.record(caller, "user.remove", subject=user)


@router.get("/keys", tags=["people"])
def list_keys(service: Served, caller: Called) -> list[shapes.KeyOut]:
    """The caller's own keys, without their secrets."""
    return [shapes.KeyOut.of(key) for key in service.users.keys(caller.user)]


@router.post("/keys", status_code=201, tags=["people"])
def make_key(given: shapes.KeyIn, service: Served, caller: Called) -> shapes.KeyOut:
    """Makes a key for the caller, which allows at most what the present one does; its secret is shown this once."""
    if not caller.limit.allows(given.role):
        raise ForbiddenError(f"This key allows {caller.limit}: a key that it makes allows no more.")
    key, secret = service.users.make_key(caller.user, given.name, given.role, given.days)
    service.record(caller, "key.make", subject=key.id)
    return shapes.KeyOut.of(key, secret)


@router.delete("/keys/{key}", status_code=204, tags=["people"])
def revoke_key(key: str, service: Served, caller: Called) -> None:
    """Ends one of the caller's keys."""
    service.users.revoke(caller.user, key)
    service.record(caller, "key.revoke", subject=key)


@router.get("/audit", tags=["people"])
def read_audit(
    service: Served, caller: Called, limit: Limit = 100, before: Annotated[int | None, Query(ge=0, le=1 << 40)] = None
) -> JSONResponse:
    """The audit log, the latest entry first, for administrators."""
    return JSONResponse(service.audit(caller, limit, before))
