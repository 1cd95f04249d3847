"""The description of the API by OpenAPI: tags, errors, and who may call."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from octavo.apps.service.http.authentication import OPEN
from octavo.apps.service.http.shapes import example

DESCRIPTION = """\
Ask questions of documents. `/v1` has the shapes of OpenAI's API, where a collection is a model and a vector store;
`/api` is the native API. Pages are counted from 0 as `page` and from 1 as `page_number`; boxes are `[x0, y0, x1, y1]`
in PDF points (1/72 inch) from the page's top left corner; times are UTC."""
TAGS = {
    "OpenAI": "OpenAI's shapes, for any of its clients: models, answers, files, vector stores, embeddings.",
    "collections": "Collections and their members. One that the caller is no member of reads like none.",
    "documents": "Documents of a collection: uploads, metadata, exports.",
    "pages": "Pages of a document with their elements and pictures.",
    "questions": "Searches, questions, and feedback on answers.",
    "jobs": "Files on their way into a collection.",
    "people": "The caller, API keys, users and the audit log.",
    "probes": "Health and metrics, for what runs the service. They need no key.",
}


class ErrorDetail(BaseModel):
    """An error: a sentence for people, a `code` for programs, and the request's id, which the server's log has too."""

    message: str
    type: str
    code: str
    param: str | None = Field(description="the field or option that is wrong, where one is")
    request_id: str


class ErrorOut(BaseModel):
    """The one shape of errors, which OpenAI's clients understand."""

    model_config = example(
        {
            "error": {
                "message": "There is no collection 'x'.",
                "type": "invalid_request_error",
                "code": "not-found",
                "param": None,
                "request_id": "req-6f1a0c2b9d3e4f50",
            }
        }
    )

    error: ErrorDetail


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorOut, "description": text}
    for status, text in {
        400: "The request is not valid.",
        401: "The key, session or password is missing or wrong.",
        403: "The caller may not do this.",
        404: "It is not there, or the caller may not see it.",
        409: "The name is taken, or the state does not allow this.",
        413: "The request, or what it asks for, is too large.",
        429: "Too many requests, or a quota is used up: `retry-after` says when to try again.",
    }.items()
}
"""Responses that every operation may give."""


def operation_id(route: APIRoute) -> str:
    """Returns the name of an operation in clients that are generated from the description."""
    return route.name


def describe(app: FastAPI) -> None:
    """Makes an application describe itself as FastAPI does, with tags and callers, without errors it never gives."""
    description: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not description:
            description.update(_description(app))
        return description

    app.openapi = openapi  # type: ignore[method-assign]


def _description(app: FastAPI) -> dict[str, Any]:
    described = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    described["security"] = [{"key": []}, {"password": []}, {"session": []}]
    described["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "an API key: octavo_…"},
        "password": {"type": "http", "scheme": "basic", "description": "a name and a password"},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "octavo_session",
            "description": "a login in the browser",
        },
    }
    for path, operations in described["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)  # what is not valid is answered with 400
            if path in OPEN:
                operation["security"] = []
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)
    return described
