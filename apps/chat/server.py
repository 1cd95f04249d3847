"""The chat's server: the app, and the pictures and files that it shows."""

from __future__ import annotations

import asyncio
import atexit
import math
import os
import shutil
import socket
import tempfile
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, HTTPException, Request, Response
from starlette.responses import FileResponse

from octavo.apps.chat.accounts import Accounts
from octavo.apps.chat.exports.routes import add_exports
from octavo.apps.chat.guard import Guard, user_of
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import History
from octavo.apps.ending import exit_on_sigterm
from octavo.apps.memory import share_arenas
from octavo.ingest import Box, OctavoError
from octavo.ingest.imaging import encode

if TYPE_CHECKING:
    from PIL import Image

    from octavo.rag import Pipeline, Settings

IDLE_SECONDS = 0.01
"""Seconds between two looks of Gradio at its empty queue; each millisecond, as it has it, takes 2 % of a processor."""
_FOREVER = {"cache-control": "private, max-age=31536000, immutable"}
_SIDES = (80, 120, 320)


def add_pictures(app: FastAPI, pipeline: Pipeline, history: History) -> None:
    """Routes of the only files that can be fetched: pages of the library, parts of them, a user's own pictures."""
    library = pipeline.library

    @lru_cache(maxsize=256)
    def small(document: str, page: int, side: int) -> bytes:
        return _webp(library.screenshot(document, page), side)

    @app.get("/pictures/pages/{document}/{page}.webp")
    def page_picture(document: str, page: int, width: int = 0) -> Response:
        if width in _SIDES:
            return _picture(lambda: small(document, page, width))
        return _picture(lambda: library.image(library.page(document, page).image))

    @app.get("/pictures/crops/{document}/{page}/{box}.webp")
    def crop(document: str, page: int, box: str, width: int = 640) -> Response:
        try:
            x0, y0, x1, y1 = map(float, box.split(","))
        except ValueError as error:
            raise HTTPException(404) from error
        if not all(map(math.isfinite, (x0, y0, x1, y1))):
            raise HTTPException(404)
        return _picture(lambda: _webp(library.crop(document, page, Box(x0, y0, x1, y1)), min(max(width, 16), 1600)))

    @app.get("/pictures/questions/{picture}.webp")
    def question_picture(picture: str, request: Request) -> Response:
        return _picture(lambda: history.picture(user_of(request), picture)[0])


def add_files(app: FastAPI, pipeline: Pipeline) -> None:
    """The route of the files that documents were read from: a PDF is shown, any other is saved."""

    @app.get("/files/{document}")
    def original(document: str) -> Response:
        try:
            info = pipeline.library.info(document)
        except OctavoError as error:
            raise HTTPException(404, str(error)) from error
        path = next((path for path in map(Path, info.paths) if path.is_file()), None)
        if path is None:
            raise HTTPException(404, f"The file of {info.name} is not there any more.")
        is_pdf = info.media_type == "application/pdf" and path.suffix.lower() == ".pdf"
        return FileResponse(
            path,
            media_type="application/pdf" if is_pdf else "application/octet-stream",
            filename=path.name,
            content_disposition_type="inline" if is_pdf else "attachment",
        )


def _picture(make: Callable[[], bytes]) -> Response:
    try:
        return Response(make(), media_type="image/webp", headers=_FOREVER)
    except OctavoError as error:
        raise HTTPException(404, str(error)) from error


def _webp(image: Image.Image, side: int) -> bytes:
    return encode(image, "WEBP", 80, side=side, height=2 * side)


@cache
def received_files() -> Path:
    """Returns the folder that the browser's files come into: this process's own, deleted at its end."""
    folder = Path(tempfile.mkdtemp(prefix="octavo-received-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def set_up_gradio() -> None:
    """Gives Gradio a folder for files, and keeps it from telling its makers anything and from making statistics."""
    os.environ["GRADIO_TEMP_DIR"] = str(received_files())
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "100"
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_HUB_OFFLINE"] = "1"


def run(settings: Settings, options: ChatOptions) -> None:
    """Serves the chat until it is stopped, and prints its address; raises `OctavoError` where it cannot listen."""
    import uvicorn

    share_arenas()
    exit_on_sigterm()  # uvicorn raises the signal again once it has ended
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        listener = socket.create_server((options.host, options.port), family=family)
    except OSError as error:
        where = f"{options.host}, port {options.port}"
        raise OctavoError(f"The chat cannot listen at {where} ({error.strerror}): pass another --port.") from error
    with listener, ChatService(settings, options) as service:
        app = application(service)
        host = f"[{options.host}]" if family is socket.AF_INET6 else options.host
        print(f"Octavo's chat is at http://{host}:{listener.getsockname()[1]} (Ctrl+C ends it)", flush=True)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        uvicorn.Server(config).run(sockets=[listener])


def application(service: ChatService) -> FastAPI:
    """Returns the whole as an ASGI application."""
    set_up_gradio()
    return asyncio.run(_application(service))


async def _application(service: ChatService) -> FastAPI:
    """Returns the application, made within a running loop: without one, Gradio opens several and closes none."""
    import gradio as gr

    from octavo.apps.chat import ui

    app = FastAPI(title="Octavo", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, options=service.options, accounts=Accounts(service.options.users))
    add_pictures(app, service.pipeline, service.history)
    add_exports(app, service)
    add_files(app, service.pipeline)

    @app.get("/state")
    def state(request: Request) -> Response:
        return Response(service.state(user_of(request)), media_type="text/plain", headers={"cache-control": "no-store"})

    blocks = ui.build(service, received_files())
    blocks._queue.sleep_when_free = IDLE_SECONDS
    blocks.has_launched = True  # only then does Gradio refuse files that were not uploaded; mounting does not set it
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        auth_dependency=user_of,
        max_file_size=service.options.upload_bytes,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        show_error=False,  # what breaks is for the log; sentences for users are raised as `gr.Error`
        pwa=False,
        enable_monitoring=False,
        theme=ui.theme(),
        head=f"<style>{ui.asset('chat.css')}</style>",
        js=ui.asset("app.js"),
    )
    return mounted
