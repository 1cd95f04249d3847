"""What the doctor finds out about model endpoints."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from octavo.apps.cli.doctor import examine
from octavo.apps.cli.endpoints import findings
from octavo.rag import Settings
from tests.rag.embedding_server import TINY, pooling
from tests.rag.model_server import Reply, closed_port, serving


def settings(tmp_path: Any, url: str, **options: Any) -> Settings:
    served = {"url": url, "model": "tiny"}
    return Settings(
        library=tmp_path / "library",
        embedding={"kind": "served", "card": TINY, **served},
        relevancy={"kind": "rerank", **served},
        **options,
    )


def sensible(path: str, body: dict[str, Any]) -> tuple[int, Any]:
    """What is about trains, or is a picture, is alike and relevant."""
    if path == "/v1/rerank":
        related = "train" in str(body["documents"]) or "image_url" in str(body["documents"])
        return 200, {"results": [{"index": 0, "relevance_score": 0.9 if related else 0.2}]}
    row = np.eye(8, dtype=np.float32)[1 if "lentils" in str(body) else 0]
    return 200, {"data": [{"embedding": base64.b64encode(row.tobytes()).decode()}]}


def test_endpoints_that_do_their_work(tmp_path: Any) -> None:
    with serving(Reply(["From platform 7 [1]."])) as chat, pooling(respond=sensible) as server:
        found = list(findings(settings(tmp_path, server.url, llm_url=chat.url)))
        assert len(chat.images()) == 4, "as many as settings send"
    assert [(name, ok) for name, ok, _ in found] == [("model", True), ("embedding", True), ("relevancy", True)]
    model, embedding, relevancy = (text for _, _, text in found)
    assert "tiny answers and reads a picture (" in model
    assert "1.00 to the answer, 1.00 to a picture of it, 0.00 to another text (" in embedding
    assert "0.90 for the answer, 0.90 for a picture of it, 0.20 for another text (" in relevancy


def test_endpoints_that_are_misconfigured(tmp_path: Any) -> None:
    def backwards(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if path == "/v1/rerank":
            return 200, {"results": [{"index": 0, "relevance_score": 0.5}]}
        row = np.eye(8, dtype=np.float32)[1 if "platform" in str(body) and "leave?" not in str(body) else 0]
        return 200, {"data": [{"embedding": base64.b64encode(row.tobytes()).decode()}]}

    refuses = Reply(status=400, message="tiny is not a multimodal model")
    with serving(refuses, Reply(["NOT FOUND"])) as chat, pooling(respond=backwards) as server:
        found = {name: (ok, text) for name, ok, text in findings(settings(tmp_path, server.url, llm_url=chat.url))}
    assert "takes no pictures: set OCTAVO_LLM_IMAGES=0" in found["model"][1]
    assert "an unrelated text is nearer than the answer" in found["embedding"][1]
    assert not found["relevancy"][0]
    assert "octavo models up" in found["relevancy"][1]


def test_endpoints_that_are_not_there_make_the_doctor_fail(tmp_path: Any) -> None:
    url = f"http://127.0.0.1:{closed_port()}/v1"
    found = {check.name: check for check in examine(settings(tmp_path, url, llm_url=url))}
    for name in ("model", "embedding", "relevancy"):
        assert not found[name].ok
        assert found[name].required
        assert "cannot be reached" in found[name].text


def test_a_model_that_does_not_read(tmp_path: Any) -> None:
    with serving(Reply(["A dog [1]."])) as chat:
        ((_, ok, text),) = findings(Settings(library=tmp_path, llm_url=chat.url))
    assert ok
    assert "did not read the picture: it wrote 'A dog [1].'" in text


def test_without_endpoints_nothing_is_asked(tmp_path: Any) -> None:
    assert list(findings(Settings(library=tmp_path))) == []


def test_a_model_that_takes_fewer_pictures_than_settings_send_is_found_out(tmp_path: Any) -> None:
    refused = Reply(status=400, message="At most 2 image(s) may be provided in one prompt.")
    with serving(refused, Reply(["From platform 7 [1]."])) as chat:
        ((_, ok, told),) = findings(Settings(library=tmp_path, llm_url=chat.url))
        assert (len(chat.images(0)), len(chat.images(1))) == (4, 2)
    assert ok
    assert "takes 2 of 4 pictures: set OCTAVO_LLM_IMAGES=2" in told
