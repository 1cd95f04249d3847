"""Another embedding: chosen and checked in the chat, made while questions go on, and asked with pictures themselves."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from octavo.apps.chat.document_list import queue_list
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.rights import FirstUserOwns
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import AskedQuestion, Turn
from octavo.ingest import Box, OctavoError
from octavo.ingest.store.library import Library
from octavo.rag import Settings
from octavo.rag.embedding import make_embedder
from octavo.rag.index import reembed
from octavo.rag.settings import ServedEmbeddingOptions, StaticEmbeddingOptions
from tests.apps.chat.conftest import wait_for
from tests.rag.embedding_server import TINY, PoolingServer, pooling
from tests.rag.model_server import Reply, serving

DSE = "MrLight/dse-qwen2-2b-mrl-v1"
QUESTION = "What was capital expenditure in 2018?"


@pytest.fixture
def server() -> Iterator[PoolingServer]:
    with pooling() as made:
        yield made


@pytest.fixture
def seeing(service: ChatService, server: PoolingServer) -> Iterator[ChatService]:
    """A service whose library is embedded by a model that sees."""
    folder = service.pipeline.library.folder
    service.close()
    settings = Settings(
        library=folder, llm_url="", embedding=ServedEmbeddingOptions(url=server.url, model="tiny", card=TINY)
    )
    with Library(folder) as library:
        reembed(library, make_embedder(settings))
    server.requests.clear()
    with ChatService(settings, ChatOptions()) as opened:
        yield opened


def pictures(server: PoolingServer) -> list[tuple[int, str]]:
    """How many pictures, other than the empty one that goes with texts, were sent with which text, by request."""
    sent = []
    for _, body in server.requests:
        parts = body["messages"][-1]["content"]
        text = next((part["text"] for part in parts if part["type"] == "text"), "")
        urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
        opened = [Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]
        sent.append((sum(image.size != (TINY.blank, TINY.blank) for image in opened), text))
    return sent


def test_a_picture_and_a_drawn_box_are_searched_for_themselves(
    seeing: ChatService, server: PoolingServer, tmp_path: Path
) -> None:
    report = next(info.id for info in seeing.pipeline.documents() if info.name == "report.pdf")
    seeing.pipeline.library.crop(report, 1, Box(50, 110, 545, 150)).save(tmp_path / "shot.png")
    picture = seeing.picture("", tmp_path / "shot.png")
    conversation = new_conversation()
    turn = seeing.ask("", conversation, AskedQuestion("What is this?", pictures=(picture,))).wait()
    assert not turn.error
    with_picture = [text for count, text in pictures(server) if count == 1]
    assert with_picture
    assert all("What is this? " in text and "Capital expenditure" in text for text in with_picture)
    server.requests.clear()
    region = seeing.region(report, 2, (50, 60, 550, 200))
    turn = seeing.ask("", conversation, AskedQuestion("And here?", regions=(region,))).wait()
    assert not turn.error
    assert any(count == 1 and "And here?" in text for count, text in pictures(server))
    server.requests.clear()
    turn = seeing.ask("", conversation, AskedQuestion("What was capital expenditure in 2018?")).wait()
    assert [count for count, _ in pictures(server)] == [0] * len(server.requests)


def test_a_picture_without_words_can_be_asked_where_the_embedding_sees(
    seeing: ChatService, server: PoolingServer, tmp_path: Path
) -> None:
    Image.new("RGB", (90, 60), "red").save(tmp_path / "red.png")
    picture = seeing.picture("", tmp_path / "red.png")
    with serving(Reply(["It is red [1]."])) as model:
        seeing.preferences = seeing.preferences.model_copy(update={"llm_url": model.url})
        turn = seeing.ask("", new_conversation(), AskedQuestion("", pictures=(picture,))).wait()
        assert turn.answer.text == "It is red [1]."
        assert model.images(0)
    assert any(count == 1 for count, _ in pictures(server))
    assert turn.answer.candidates


def test_another_embedding_is_checked_made_and_kept_while_questions_go_on(
    service: ChatService, server: PoolingServer, ask: Callable[..., Turn]
) -> None:
    vllm = f"{TINY.name} over vLLM"
    with pytest.raises(OctavoError, match="needs its endpoint"):
        service.embed("", "served", "127.0.0.1", "tiny")
    with pytest.raises(OctavoError, match="no model card"):
        service.embed("", "served", server.url, "tiny")
    with pytest.raises(OctavoError, match="cannot be reached"):
        service.embed("", "served", "http://127.0.0.1:9/v1", DSE)
    with pytest.raises(OctavoError, match="by this already"):
        service.embed("", "static")
    server.wait = 0.02
    made = ServedEmbeddingOptions(url=server.url, model="tiny", card=TINY)
    service.embedder.change(made)
    with pytest.raises(OctavoError, match="again already"):
        service.embedder.change(made)
    wait_for(lambda: service.embedder.renewal is None or service.embedder.renewal.of > 0)
    assert "1,577" in ask(QUESTION).answer.text
    assert service.pipeline.index.embedding.model_name != vllm
    wait_for(lambda: service.embedder.renewal is None)
    assert service.pipeline.index.embedding.model_name == vllm
    assert service.embedder.current == made
    assert "1,577" in ask(QUESTION).answer.text
    assert service.history.get("embedding") is not None
    folder = service.pipeline.library.folder
    service.close()
    with ChatService(Settings(library=folder, llm_url=""), ChatOptions()) as again:
        assert again.pipeline.index.embedding.model_name == vllm
        again.embed("", "static")
        wait_for(lambda: again.embedder.renewal is None)
        assert isinstance(again.embedder.current, StaticEmbeddingOptions)


def test_a_change_that_breaks_off_is_told_and_the_old_embedding_serves(
    service: ChatService, server: PoolingServer, ask: Callable[..., Turn]
) -> None:
    asked = iter(range(1000))
    server.respond = lambda path, body: (400, {"error": {"message": "no more"}}) if next(asked) > 3 else None
    service.embedder.change(ServedEmbeddingOptions(url=server.url, model="tiny", card=TINY))
    wait_for(lambda: service.embedder.renewal is not None and bool(service.embedder.renewal.failed))
    shown = queue_list(service.jobs.all(), service.embedder.renewal)
    assert "no more" in shown
    assert "old embedding stays" in shown
    assert "1,577" in ask(QUESTION).answer.text
    service.dismiss("", "embedding")
    assert service.embedder.renewal is None


def test_a_change_goes_on_after_a_restart(service: ChatService, server: PoolingServer) -> None:
    server.wait = 0.2
    service.embedder.change(ServedEmbeddingOptions(url=server.url, model="tiny", card=TINY, concurrency=1))
    wait_for(lambda: service.embedder.renewal is not None and service.embedder.renewal.of > 0)
    folder = service.pipeline.library.folder
    server.wait = 0.0
    service.close()
    with ChatService(Settings(library=folder, llm_url=""), ChatOptions()) as again:
        wait_for(lambda: again.embedder.renewal is None)
        assert again.pipeline.index.embedding.model_name == f"{TINY.name} over vLLM"


def test_only_the_owner_changes_the_embedding(service: ChatService) -> None:
    service.rights = FirstUserOwns(ChatOptions(users={"ann": "a", "ben": "b"}))
    with pytest.raises(OctavoError, match="Only ann"):
        service.embed("ben", "static")
