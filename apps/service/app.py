"""The ASGI application of the service, and the server that runs it."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from octavo import __version__
from octavo.apps.ending import at_end_signal, exit_on_sigterm
from octavo.apps.memory import share_arenas
from octavo.apps.service.collections import DEFAULT
from octavo.apps.service.errors import NotFoundError
from octavo.apps.service.http import (
    description,
    login,
    native,
    openai_batches,
    openai_chat,
    openai_embeddings,
    openai_files,
    openai_responses,
    openai_vector_stores,
)
from octavo.apps.service.http.authentication import Authenticated, Authenticator, ForMembers
from octavo.apps.service.http.openapi import ERRORS, describe, operation_id
from octavo.apps.service.http.requests import CurrentService, Gate, add_error_handlers, error_response
from octavo.apps.service.member_rights import MemberRights
from octavo.apps.service.metrics import Metrics
from octavo.apps.service.oidc import Provider
from octavo.apps.service.options import ServiceOptions
from octavo.apps.service.rights import Caller
from octavo.apps.service.service import Service
from octavo.apps.service.workers import end_with_parent, run_workers
from octavo.ingest import OctavoError, tracing

if TYPE_CHECKING:
    from octavo.apps.chat.service import ChatService
    from octavo.rag import Settings

CHAT_GRACE = 5.0
"""Seconds that answers have to finish where the chat is served, whose open pages never end by themselves."""


def create_app(service: Service, chat: ChatService | None = None) -> FastAPI:
    """Makes the application: `/v1` in OpenAI's shapes, `/api`, `/mcp`, and the chat at `/` where there is one.

    Closing the service, and the chat, is left to the caller.
    """
    options, authenticate = service.options, Authenticator(service)
    metrics = Metrics(service.jobs.waiting, {"answer": service.answering, "search": service.searching})
    mcp_app = mcp = None
    if options.mcp:
        from octavo.apps.service.mcp import make_http_app, make_server

        mcp = make_server(service, read_only=options.mcp_read_only)
        mcp_app = make_http_app(mcp, service)
    chat_app = None
    if chat is not None:
        from octavo.apps.chat.server import application

        chat_app = application(chat)

    def park() -> None:
        service.jobs.park()
        if chat is not None:
            chat.jobs.park()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            service.start_jobs()
            running.enter_context(at_end_signal(park))
            if mcp is not None:
                await running.enter_async_context(mcp.session_manager.run())
            if chat_app is not None:
                await running.enter_async_context(chat_app.router.lifespan_context(chat_app))
            yield

    app = FastAPI(
        title="Octavo",
        version=__version__,
        summary="Ask questions of documents as people see them.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=operation_id,
    )
    describe(app)
    app.state.service, app.state.metrics, app.state.authenticate = service, metrics, authenticate
    app.state.provider = Provider(options, service.logins) if options.oidc_issuer else None
    add_error_handlers(app)
    app.add_middleware(Authenticated, authenticate=authenticate)
    app.add_middleware(Gate, options=options, metrics=metrics)
    _add_probes(app, metrics)
    parts = (openai_files, openai_vector_stores, openai_batches, openai_chat, openai_responses, openai_embeddings)
    for router in (*(part.router for part in parts), *native.ROUTERS, description.router, login.router):
        app.include_router(router, responses=ERRORS)
    app.router.routes += [Mount(path, app=_unknown) for path in ("/api", "/v1")]
    if mcp_app is not None:
        app.router.routes.append(Route("/mcp", endpoint=mcp_app))
    if chat_app is not None:
        app.mount("/", ForMembers(chat_app, service, DEFAULT))
    return app


async def _unknown(scope: Scope, receive: Receive, send: Send) -> None:
    error = NotFoundError(f"There is no {scope['method']} {scope['path'][:200]}; /docs lists what there is.")
    await error_response(error, scope["state"]["request_id"])(scope, receive, send)


def _add_probes(app: FastAPI, metrics: Metrics) -> None:
    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", tags=["probes"], summary="Check that the process lives")
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.head("/readyz", include_in_schema=False)
    @app.get("/readyz", tags=["probes"], summary="Check that it can serve")
    def readyz(service: CurrentService) -> dict[str, str]:
        """The database and the collection `default` can be read."""
        with service.collections.opened("default") as pipeline:
            pipeline.library.documents(limit=1)
        return {"status": "ok"}

    @app.get("/metrics", tags=["probes"], response_class=Response, summary="Read metrics")
    def read_metrics() -> Response:
        """Counters for Prometheus."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def run(settings: Settings, options: ServiceOptions) -> None:
    """Serves until it is stopped, and prints the address; raises `OctavoError` where it cannot listen."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")  # before MCP's SDK sets up its own
    share_arenas()
    exit_on_sigterm()  # uvicorn raises the signal again once it has ended
    with ExitStack() as opened:
        service = opened.enter_context(Service(settings, options))
        if options.admin_password and not len(service.users):
            service.add_user("admin", options.admin_password)
        service.check_exposure()
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        try:
            listener = opened.enter_context(socket.create_server((options.host, options.port), family=family))
        except OSError as error:
            where = f"{options.host}, port {options.port}"
            raise OctavoError(f"The service cannot listen at {where} ({error.strerror}): take another port.") from error
        host = f"[{options.host}]" if family is socket.AF_INET6 else options.host
        address = f"http://{host}:{listener.getsockname()[1]}"
        how = "Ctrl+C ends it" if options.workers == 1 else f"{options.workers} processes, without the chat"
        announcement = f"Octavo serves at {address} (API /v1, /api, /docs; MCP /mcp; {how})"
        if options.workers > 1:
            service.close()
            print(announcement, flush=True)
            run_workers(partial(make_worker, settings, options), options.workers, options.grace_seconds, listener)
        else:
            _run_here(settings, service, listener, announcement)


def make_worker(settings: Settings, options: ServiceOptions) -> FastAPI:
    """Makes the application of one process of several, which closes its service when it ends."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s")
    share_arenas()
    end_with_parent()
    traces = tracing.export_by_otlp(content=options.trace_content) if options.traces else None
    service = Service(settings, options)
    app = create_app(service)
    serving = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            async with serving(app):
                yield
        finally:
            await asyncio.to_thread(service.close)
            if traces is not None:
                traces.shutdown()

    app.router.lifespan_context = lifespan
    return app


def _run_here(settings: Settings, service: Service, listener: socket.socket, announcement: str) -> None:
    import uvicorn

    options = service.options
    with ExitStack() as opened:
        if options.traces:
            opened.callback(tracing.export_by_otlp(content=options.trace_content).shutdown)
        chat = opened.enter_context(chat_of(settings, service)) if options.has_chat else None
        app = create_app(service, chat)
        print(announcement, flush=True)
        grace = CHAT_GRACE if chat else options.grace_seconds
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=math.ceil(grace))
        uvicorn.Server(config).run(sockets=[listener])


def chat_of(settings: Settings, service: Service) -> ChatService:
    """Returns the chat over the collection `default`, for its members; the model set there answers in the service."""
    from octavo.apps.chat import ChatOptions
    from octavo.apps.chat.host import Host
    from octavo.apps.chat.service import ChatService

    members = service.collections.members("default")
    passwords = {name: password for name, password in service.users.passwords().items() if name in members}
    options = ChatOptions(
        host=service.options.host,
        port=service.options.port,
        users=passwords,
        upload_bytes=service.options.upload_bytes,
        files=service.options.files,
    )

    def record(user: str, action: str, subject: str) -> None:
        service.record(Caller(user), action, DEFAULT, subject)

    host = Host(
        feedback=service.feedback_records,
        rights=MemberRights(service.collections, DEFAULT),
        turns=service.answering,
        places=service.search_places,
        record=record,
        quotas=service.quotas,
        queued=lambda: service.jobs.paths(DEFAULT),
    )
    chat = ChatService(settings, options, host)
    service.apply_preferences = lambda base: chat.preferences.apply_to(base)
    return chat
