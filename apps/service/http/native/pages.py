"""Pages with their elements and pictures."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from octavo.apps.service.errors import NotFoundError, ServiceError
from octavo.apps.service.http import shapes
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.native.lists import Limit, Offset
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.questions import find_document
from octavo.ingest import Box
from octavo.rag import Citation
from octavo.rag.answering.highlight import highlight
from octavo.rag.entry import EntryId

router = APIRouter(prefix="/api", tags=["pages"])


@router.get("/collections/{collection}/documents/{document}/pages", summary="List pages")
def list_pages(
    collection: str,
    document: str,
    service: CurrentService,
    caller: CurrentCaller,
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
            shapes.StoredPageOut.of_page(pipeline.library.page(info.id, number), collection, info.id, elements=elements)
            for number in numbers
        ]
    end = offset + limit
    return shapes.PageOf[shapes.StoredPageOut](items=results, next=end if end < info.pages else None)


@router.get("/collections/{collection}/documents/{document}/pages/{page}", summary="Get a page")
def get_page(
    collection: str, document: str, page: int, service: CurrentService, caller: CurrentCaller
) -> shapes.StoredPageOut:
    """One page (counted from 0) with its elements."""
    service.collections.get(caller, collection)
    with service.collections.opened(collection) as pipeline:
        info = find_document(pipeline, document)
        _check_page(page, info.pages, info.name)
        return shapes.StoredPageOut.of_page(pipeline.library.page(info.id, page), collection, info.id, elements=True)


def _check_page(page: int, pages: int, name: str) -> None:
    if not 0 <= page < pages:
        raise NotFoundError(f"{name} has {pages} pages, counted from 0; there is no page {page}.")


@router.get(
    "/collections/{collection}/documents/{document}/pages/{page}/image",
    response_class=Response,
    responses={
        200: {"content": {"image/webp": {}}},
        307: {"description": "The whole screenshot lies at a signed URL of object storage for a while."},
    },
    summary="Get the picture of a page",
)
def get_image(
    collection: str,
    document: str,
    page: int,
    service: CurrentService,
    caller: CurrentCaller,
    width: Annotated[int, Query(ge=0, le=4000, description="pixels; 0: as it was kept")] = 0,
    box: Annotated[str, Query(description="x0,y0,x1,y1 in PDF points: only this part")] = "",
    boxes: Annotated[str, Query(description="boxes to be drawn, joined by semicolons")] = "",
) -> Response:
    """The screenshot of a page, a part of it, a small one, or one with boxes drawn on it; as WebP."""
    service.collections.get(caller, collection)
    cut = _boxes(box)
    marks = _boxes(boxes)
    if len(cut) > 1:
        raise ServiceError("box is one box: x0,y0,x1,y1.", setting="box")
    with service.collections.opened(collection) as pipeline:
        info = find_document(pipeline, document)
        _check_page(page, info.pages, info.name)
        stored = pipeline.library.page(info.id, page)
        if not (cut or marks or width):
            seconds = service.options.signed_image_seconds
            if seconds and (url := pipeline.library.signed_image_url(stored.image, seconds)):
                return RedirectResponse(url, headers={"cache-control": f"private, max-age={seconds // 2}"})
            content = pipeline.library.image(stored.image)
        else:
            image = pipeline.library.crop(info.id, page, cut[0]) if cut else pipeline.library.screenshot(info.id, page)
            if marks and not cut:
                marked = Citation(1, info.id, info.name, page, tuple(marks), "", EntryId(""))
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
