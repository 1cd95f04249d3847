"""What all handlers of Gradio's events share: values, errors, and who asks."""

from __future__ import annotations

from functools import wraps
from typing import Any

import gradio as gr

from ingest import OctavoError


def put(value: Any) -> dict[str, Any]:
    """A component's new value, given as a change of the component.

    Where a component is changed once (`gr.skip()` counts) and then given a plain value, Gradio keeps one more copy of
    it, value and all, for each value until the session ends; so all values that an event shows go through this.
    """
    change: dict[str, Any] = gr.update(value=value)
    return change


def said(handler: Any) -> Any:
    """An `OctavoError` of a handler is shown as one sentence instead of a failure."""

    @wraps(handler)
    def guarded(*arguments: Any, **named: Any) -> Any:
        try:
            return handler(*arguments, **named)
        except OctavoError as error:
            raise gr.Error(str(error), title="", print_exception=False) from error

    return guarded


def user_of(request: gr.Request) -> str:
    """The user of a request; empty where no users are set."""
    return request.username or ""
