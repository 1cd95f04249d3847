"""What all handlers of Gradio's events share: values, errors, and who asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from octavo.apps.chat.text import plain
from octavo.ingest import OctavoError


def update(value: Any) -> dict[str, Any]:
    """A component's new value, given as a change of the component.

    Where a component is changed once (`gr.skip()` counts) and then given a plain value, Gradio keeps one more copy of
    it, value and all, for each value until the session ends; so all values that an event shows go through this.
    """
    change: dict[str, Any] = gr.update(value=value)
    return change


@contextmanager
def said() -> Iterator[None]:
    """An `OctavoError` within is shown as one sentence instead of a failure; also a decorator, not of generators.

    Gradio shows errors as HTML, and a sentence may hold what a document or a server says.
    """
    try:
        yield
    except OctavoError as error:
        raise gr.Error(plain(str(error)), title="", print_exception=False) from error


def user_of(request: gr.Request) -> str:
    """The user of a request; empty where no users are set."""
    return request.username or ""
