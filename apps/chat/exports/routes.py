"""The routes of exported and shared conversations."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Request, Response

from octavo.apps.chat.exports import markdown
from octavo.apps.chat.exports.page import to_html
from octavo.apps.chat.exports.pdf import to_pdf
from octavo.apps.chat.guard import user_of
from octavo.apps.chat.markup import render
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.turns import TurnId
from octavo.apps.chat.uploads import file_name
from octavo.ingest import OctavoError

_TYPES = {"zip": "application/zip", "html": "text/html; charset=utf-8", "pdf": "application/pdf"}
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'"


def add_exports(app: FastAPI, service: ChatService) -> None:
    """Routes of a user's conversation as a file, and of a shared one as a page that runs nothing."""

    def written(user: str, conversation: str, kind: str, note: str = "") -> Response:
        try:
            service.history.turn(user, TurnId(conversation, 0))
            turns, pages = service.history.turns(user, conversation), service.pages(user)
            title = service.history.title(user, conversation)
            if kind == "pdf":
                content = to_pdf(turns, title, pages)
            elif kind == "html":
                content = to_html(turns, title, pages, note).encode()
            else:
                markdown.write(turns, title, pages, out := BytesIO())
                content = out.getvalue()
        except OctavoError as error:
            raise HTTPException(404, str(error)) from error
        headers = {"cache-control": "no-store", "content-security-policy": _POLICY}
        if not note:
            name = quote(file_name(f"{title.removesuffix('.')}.{kind}"))
            headers["content-disposition"] = f"attachment; filename*=UTF-8''{name}"
        return Response(content, media_type=_TYPES[kind], headers=headers)

    @app.get("/export/{conversation}.zip")
    def as_markdown(conversation: str, request: Request) -> Response:
        return written(user_of(request), conversation, "zip")

    @app.get("/export/{conversation}.html")
    def as_page(conversation: str, request: Request) -> Response:
        return written(user_of(request), conversation, "html")

    @app.get("/export/{conversation}.pdf")
    def as_pdf(conversation: str, request: Request) -> Response:
        return written(user_of(request), conversation, "pdf")

    @app.get("/shared/{token}")
    def shared(token: str) -> Response:
        share = service.history.shares.find(token)
        if share is None:
            gone = "This link shows nothing any more: ask who gave it to you for another."
            page = render("exported.html", title="Nothing is shared here", body=gone, note="")
            return Response(page, 404, {"content-security-policy": _POLICY}, _TYPES["html"])
        return written(*share, "html", "A shared conversation, to read only.")
