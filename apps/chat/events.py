"""Common parts of the handlers of Gradio's events: values, errors, and who asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
from markupsafe import Markup, escape
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, field_validator

from octavo.apps.chat.turns import TurnId
from octavo.ingest import OctavoError

WINDOWS = 4096
"""Browser windows that are remembered."""
_MOST = 10**6


def update(value: Any) -> dict[str, Any]:
    """Returns a component's new value, given as a change of the component.

    Where a component is changed once (`gr.skip()` counts) and then given a plain value, Gradio keeps one more copy of
    it, value and all, for each value until the session ends; so all values that an event shows go through this.
    """
    change: dict[str, Any] = gr.update(value=str(value) if isinstance(value, Markup) else value)
    return change


@contextmanager
def show_errors() -> Iterator[None]:
    """Shows an `OctavoError` within the block as one sentence; also a decorator, except of generators.

    Gradio shows errors as HTML, and a sentence may hold what a document or a server says.
    """
    try:
        yield
    except OctavoError as error:
        raise gr.Error(str(escape(str(error))), title="", print_exception=False) from error


def user_of(request: gr.Request) -> str:
    """Returns the user of a request; empty where no users are set."""
    return request.username or ""


class PressedElement(BaseModel):
    """The data of an element that was pressed, or of a box that was drawn; each event has some of them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    open: str = ""
    conversation: str = ""
    turn: int = Field(0, ge=0, le=_MOST)
    number: int = Field(0, ge=0, le=_MOST)
    document: str = ""
    page: int = Field(0, ge=0, le=_MOST)
    step: int = Field(0, ge=-_MOST, le=_MOST)
    box: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat] = (0, 0, 0, 0)
    ids: tuple[str, ...] = ()
    job: str = ""
    file: str = ""
    files: tuple[str, ...] = ()
    text: str = Field("", max_length=_MOST)
    rating: str = Field("", pattern="^(up|down|)$")
    comment: str = Field("", max_length=4_000)
    expected: str = Field("", max_length=4_000)
    wrong_box: bool = False
    password: str = Field("", max_length=1000, repr=False)

    @field_validator("box", "ids", "files", mode="before")
    @classmethod
    def _parts(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value

    @property
    def at(self) -> TurnId:
        """The turn that the element belongs to."""
        return TurnId(self.conversation, self.turn)


def parse_event(event: gr.EventData) -> PressedElement:
    """Returns the data of an event; raises `OctavoError` for what the page does not send."""
    try:
        return PressedElement.model_validate(event._data)
    except ValidationError as error:
        raise OctavoError("The page sent something that cannot be understood: reload it.") from error


class Screens:
    """Which conversation each browser window shows, so that no answer goes on in a window that shows another."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}

    def show(self, request: gr.Request, conversation: str) -> None:
        """Notes what a window shows from now on; of windows, the last `WINDOWS` are remembered."""
        session = _session(request)
        self._shown.pop(session, None)
        self._shown[session] = conversation
        for oldest in list(self._shown)[:-WINDOWS]:
            self._shown.pop(oldest, None)

    def shows(self, request: gr.Request, conversation: str) -> bool:
        """Returns whether a window shows a conversation."""
        return self._shown.get(_session(request)) == conversation


def _session(request: gr.Request) -> str:
    return request.session_hash or ""
