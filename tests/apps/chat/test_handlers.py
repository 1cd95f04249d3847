"""Handlers between the page and the desk, over HTTP as the page uses them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.chat.desk import Desk
from tests.apps.chat.conftest import served

pytest.importorskip("gradio", reason='the chat is not installed: pip install "octavo[chat]"')
import gradio as gr

from apps.chat.events import put
from apps.chat.handlers import SHOWN, Handlers
from apps.chat.settings import SettingsHandlers
from tests.apps.chat.visitor import Visitor

QUESTION = "What was capital expenditure in 2018?"


@pytest.fixture
def visitor(desk: Desk) -> Iterator[Visitor]:
    with served(desk) as base:
        opened = Visitor(base)
        yield opened
        opened.close()


def test_an_answer_is_streamed_and_no_copy_of_a_component_is_kept_for_it(visitor: Visitor) -> None:
    from gradio.state_holder import SessionState

    assert "1,577" in visitor.ask(QUESTION)
    before = sizes(SessionState)
    for _ in range(3):
        assert "1,577" in visitor.ask(QUESTION)
    assert sizes(SessionState) == before


def sizes(kind: type) -> list[int]:
    import gc

    gc.collect()
    return sorted(len(one.config_values) for one in gc.get_objects() if type(one) is kind)


def test_only_the_last_turns_are_shown_and_the_rest_is_named(desk: Desk) -> None:
    from tests.apps.chat.turns import TURN

    conversation = desk.history.start("")
    for _ in range(SHOWN + 3):
        desk.history.add("", conversation, TURN)
    handlers = Handlers(desk)
    for _ in range(2):
        past = handlers._past("", conversation, SHOWN + 3)
        assert past.count("<article") == SHOWN
        assert "3 earlier answers are in the export" in past
        assert 'data-turn="3"' in past
        assert 'data-turn="2"' not in past


def test_ticks_choose_documents_and_all_of_them_is_no_choice(desk: Desk) -> None:
    handlers = Handlers(desk)
    first, second = (info.id for info in desk.pipeline.documents())
    assert handlers._ticked(None, [first]) == (second,)
    assert handlers._ticked((second,), [first]) is None
    assert handlers._ticked((second,), [second]) is None


def test_what_an_error_tells_of_a_document_is_text(desk: Desk, tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>.txt"
    (tmp_path / name).write_text("The mirror was polished in 2021.")
    [read] = desk.pipeline.ingest(tmp_path / name)
    (tmp_path / name).unlink()
    event = gr.EventData(None, {"open": "again", "document": read.document})
    with pytest.raises(gr.Error) as shown:
        Handlers(desk).press_shelf(None, None, None, event)
    assert "&lt;img" in shown.value.message
    assert "<" not in shown.value.message


def test_settings_are_shown_as_they_are(desk: Desk) -> None:
    panel = SettingsHandlers(desk)
    desk.prefer("", k=3, threshold=0.5, level="page", llm_url="", llm_model="")
    assert panel.values() == ("", "", 3, 0.5, "page", "static", "", "", "")
    assert "wordllama" in panel.embedded()["value"]
    assert put("x")["value"] == "x"
