"""Concepts in the chat: who may change them, and what the form does."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest
from PIL import Image

from octavo.apps.chat.handlers import Handlers
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.rights import FirstUserOwns
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.shared_concepts import SharedConcepts
from octavo.ingest import OctavoError


class ReadersOnly(FirstUserOwns):
    """Rights of users who may change nothing."""

    def can_edit(self, user: str) -> bool:
        return False


def pressed(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


def test_readers_change_no_concepts(service: ChatService) -> None:
    service.pipeline.concepts.add("Auk", note="A bird.")
    concepts = SharedConcepts(service.pipeline, ReadersOnly(ChatOptions()), lambda *_: None)
    assert [concept.name for concept in concepts.all()] == ["Auk"]
    for change in (
        lambda: concepts.save("ben", "", "Gull", aliases=(), category="", note=""),
        lambda: concepts.drop_pictures("ben", "Auk"),
        lambda: concepts.remove("ben", "Auk"),
    ):
        with pytest.raises(OctavoError, match="You may read here"):
            change()


def test_the_form_adds_and_changes_a_concept(service: ChatService, tmp_path: Path) -> None:
    do, request = Handlers(service, tmp_path).concepts, gr.Request()
    Image.new("RGB", (30, 20), "red").save(tmp_path / "auk.png")
    *form, shown = do.save(
        "", "Auk", "our bird; black diver", "bird", "It dives.", [str(tmp_path / "auk.png")], request
    )
    assert form == ["", "", "", "", "", None]
    assert "also our bird, black diver" in shown["value"]
    assert not (tmp_path / "auk.png").exists()
    *form, _ = do.press_concept("", pressed(open="concept", text="Auk"), request)
    assert form == ["Auk", "Auk", "our bird, black diver", "bird", "It dives.", None]
    do.save("Auk", "Cliff bird", "", "bird", "It dives.", None, request)
    concept = service.concepts.get("cliff bird")
    assert (concept.aliases, len(concept.pictures)) == ((), 1)
    do.press_concept("", pressed(open="unpicture", text="Cliff bird"), request)
    assert service.concepts.get("Cliff bird").pictures == ()
    *form, shown = do.press_concept("Cliff bird", pressed(open="forget", text="Cliff bird"), request)
    assert form == ["", "", "", "", "", None]
    assert "There are none yet" in shown["value"]
    with pytest.raises(gr.Error, match="The name of a concept has 1 to 200 letters"):
        do.save("", " ", "", "", "", None, request)
