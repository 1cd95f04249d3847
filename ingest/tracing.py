"""Spans of OpenTelemetry from reading to answer, off until a program enables them.

Names and attributes are those of the semantic conventions for generative AI (`gen_ai.…`) where there are such, else
`octavo.…`. What documents, questions and answers say is recorded only with `content=True`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from octavo.ingest.errors import MissingToolError

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

Attributes = dict[str, str | int | float | bool | list[str]]

_tracer: Any = None
_records_content = False


def enable(provider: TracerProvider | None = None, *, content: bool = False) -> None:
    """Records spans from now on, by `provider` or the one that the program has set for OpenTelemetry.

    With `content`, questions, answers and names of documents are recorded too. Raises `MissingToolError` where
    OpenTelemetry is not installed.
    """
    global _tracer, _records_content
    try:
        from opentelemetry import trace
    except ImportError as error:
        raise MissingToolError('Traces need OpenTelemetry: pip install "octavo[otel]".') from error
    _tracer, _records_content = trace.get_tracer("octavo", tracer_provider=provider), content


def disable() -> None:
    """Records no spans any more."""
    global _tracer, _records_content
    _tracer, _records_content = None, False


def export_by_otlp(*, content: bool = False) -> Any:
    """Enables spans that go to the collector which the variables `OTEL_EXPORTER_OTLP_…` name; returns the provider.

    Call its `shutdown()` at the end, so that the last spans are sent. Raises `MissingToolError`.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingToolError('Traces need OpenTelemetry: pip install "octavo[otel]".') from error
    provider = TracerProvider(resource=Resource.create({"service.name": "octavo"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    enable(provider, content=content)
    return provider


@contextmanager
def span(
    name: str, attributes: Mapping[str, Any] | None = None, content: Mapping[str, Any] | None = None, *, kind: str = ""
) -> Iterator[Attributes]:
    """Opens a span around a block, which may add attributes to it; `kind` is `client` for calls of a server.

    `content` are attributes that are recorded only where that is asked for. An error of the block is the span's.
    """
    more: Attributes = {}
    if _tracer is None:
        yield more
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode

    recorded = {**(attributes or {}), **((content or {}) if _records_content else {})}
    with _tracer.start_as_current_span(
        name,
        kind=SpanKind.CLIENT if kind == "client" else SpanKind.INTERNAL,
        attributes=recorded,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield more
        except Exception as error:
            current.set_attribute("error.type", type(error).__qualname__)
            current.set_status(Status(StatusCode.ERROR))
            raise
        finally:
            current.set_attributes(more)


def record_span(
    name: str, started: int, attributes: Mapping[str, Any], content: Mapping[str, Any], *, failed: bool = False
) -> None:
    """Records a span that began at `started` (nanoseconds since 1970) and ends now."""
    if _tracer is None:
        return
    from opentelemetry.trace import Status, StatusCode

    recorded = {**attributes, **(content if _records_content else {})}
    current = _tracer.start_span(name, start_time=started, attributes=recorded)
    if failed:
        current.set_status(Status(StatusCode.ERROR))
    current.end()


def now() -> int:
    """Returns nanoseconds since 1970."""
    return time.time_ns()


def records_content() -> bool:
    """Returns whether questions, answers and names are recorded."""
    return _tracer is not None and _records_content
