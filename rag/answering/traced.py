"""A span around an answer as it is streamed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import wraps
from typing import ParamSpec

from octavo.ingest.tracing import records_content, span
from octavo.rag.evidence import Event, Finished, Retrieved

P = ParamSpec("P")


def trace_answer(stream: Callable[P, Generator[Event]]) -> Callable[P, Generator[Event]]:
    """Records a span, `invoke_agent octavo`, from the question to the end of its answer."""

    @wraps(stream)
    def traced(*args: P.args, **options: P.kwargs) -> Generator[Event]:
        attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "octavo"}
        with span("invoke_agent octavo", attributes) as recorded:
            for event in stream(*args, **options):
                if isinstance(event, Retrieved):
                    recorded["octavo.evidence"] = len(event.evidence)
                elif isinstance(event, Finished):
                    answer = event.answer
                    recorded |= {
                        "octavo.abstained": answer.abstained,
                        "octavo.citations": len(answer.citations),
                    }
                    if answer.model:
                        recorded["gen_ai.request.model"] = answer.model
                    if records_content():
                        recorded |= {"octavo.question": answer.question, "octavo.answer": answer.text}
                yield event

    return traced
