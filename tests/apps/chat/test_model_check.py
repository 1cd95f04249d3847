"""A model is tried before it is kept: what it serves, whether it answers, and whether it reads pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.apps.chat import model_check
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.ingest import OctavoError
from octavo.rag import Settings
from tests.rag.model_server import Reply, closed_port, serving

pytest.importorskip("gradio", reason='the chat is not installed: pip install "octavo[chat]"')
import gradio as gr

from octavo.apps.chat.handlers.settings import SettingsHandlers

YES = Reply(["Yes."])


def test_a_model_that_answers_is_kept_with_what_it_sees(service: ChatService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_check.secrets, "randbelow", lambda most: 234)
    with serving(YES, Reply(["1234"]), YES, Reply(["9999"])) as model:
        report = service.choose_model("", model.url, "", "")
        assert report is not None
        assert (report.models, report.model, report.supports_images) == (("tiny",), "tiny", True)
        assert service.preferences.supports_images
        assert service.preferences.apply_to(service.pipeline.settings).llm_images == 4
        assert service.choose_model("", model.url, "", "") is None
        assert len(model.requests) == 2
        report = service.choose_model("", model.url, "tiny", "")
        assert report is not None
        assert not report.supports_images
        assert service.preferences.apply_to(service.pipeline.settings).llm_images == 0
    assert service.choose_model("", "", "", "") is None
    assert service.preferences.llm_url == ""


def test_a_model_that_refuses_pictures_answers_by_text(service: ChatService) -> None:
    with serving(YES, Reply(status=400, message="no images")) as model:
        report = service.check_model("", model.url, "", "")
    assert not report.supports_images


def test_an_unreachable_model_is_not_saved_and_the_error_uses_the_chat_words(service: ChatService) -> None:
    before, gone = service.preferences, f"http://127.0.0.1:{closed_port()}/v1"
    with pytest.raises(OctavoError, match=r"cannot be reached.*the address under Settings"):
        service.choose_model("", gone, "", "")
    with (
        serving(key="secret") as model,
        pytest.raises(OctavoError, match=r"without an API key.*the key under Settings"),
    ):
        service.choose_model("", model.url, "", "")
    with serving(YES) as model:
        model.replies = [Reply(status=404, message="no such model")]
        with pytest.raises(OctavoError, match="only tiny: set the model under Settings"):
            service.choose_model("", model.url, "other", "")
        model.replies = [Reply([" "])]
        with pytest.raises(OctavoError, match="answers with no words"):
            service.choose_model("", model.url, "", "")
    assert service.preferences == before


def test_the_key_of_an_endpoint_is_used_again_and_no_other(service: ChatService) -> None:
    with serving(YES, key="secret") as model:
        service.choose_model("", model.url, "", "secret")
        assert service.check_model("", model.url, "", "").model == "tiny"
    with serving(YES, key="other") as model, pytest.raises(OctavoError, match="without an API key"):
        service.check_model("", model.url, "", "")


def test_only_the_owner_tries_a_model(tmp_path: Path) -> None:
    options = ChatOptions(users={"ann": "a", "ben": "b"})
    with (
        serving(YES) as model,
        ChatService(Settings(library=tmp_path / "library", llm_url=""), options) as service,
        pytest.raises(OctavoError, match="Only ann"),
    ):
        service.check_model("ben", model.url, "", "")
    assert model.requests == []


def test_the_settings_list_models_and_say_what_was_found(service: ChatService) -> None:
    do = SettingsHandlers(service)
    with serving(YES, models=[{"id": "tiny"}, {"id": "big"}]) as model:
        models, state = do.test(model.url, "", "", gr.Request())
    assert models["choices"] == [("tiny", "tiny"), ("big", "big")] or models["choices"] == ["tiny", "big"]
    assert models["value"] == "tiny"
    assert "tiny answers, and sees no pictures" in state["value"]
    _, state = do.test(f"http://127.0.0.1:{closed_port()}/v1", "", "", gr.Request())
    assert "cannot be reached" in state["value"]
    assert "the address under Settings" in state["value"]
    assert "Type the address" in do.test("", "", "", gr.Request())[1]["value"]
    assert "answers are quotes" in do.model("")["value"]
