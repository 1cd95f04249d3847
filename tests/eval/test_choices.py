"""Multiple choice over pictures, in the way of MRAG-Bench: the question's picture is searched with."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from octavo.eval.runs import load, rows, run
from octavo.eval.runs.execute import ANSWERS
from octavo.eval.runs.summary import tables
from tests.eval.runs.test_runs import config
from tests.eval.test_formats import mrag, picture, table
from tests.eval.test_modalities import chatting, said
from tests.rag.embedding_server import TINY, pooling


def colors(body: dict[str, Any]) -> list[tuple[int, ...]]:
    """The middle pixel of each picture that a model was shown."""
    content = body["messages"][-1]["content"]
    found = []
    for part in content:
        if part["type"] == "image_url":
            data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
            image = Image.open(BytesIO(data)).convert("RGB")
            found.append(image.resize((1, 1)).getpixel((0, 0)))
    return found


def test_the_questions_picture_is_searched_with_and_the_letter_is_graded(tmp_path: Path) -> None:
    gold = [{"bytes": picture("green")}, {"bytes": picture("blue")}]
    wrong = mrag(gold=[{"bytes": picture("gray")}]) | {"id": 4, "answer_choice": "C", "answer": "crane"}
    table(tmp_path / "set" / "data" / "test.parquet", [mrag(gold=gold), wrong])
    with pooling(respond=chatting("B. It is an otter [1].")) as server:
        embedding = {"kind": "served", "url": server.url, "model": "tiny", "card": TINY.model_dump(mode="json")}
        settings = {"llm_url": server.url, "embedding": embedding, "threshold": 0}
        out = run(load(config(tmp_path, settings=settings, systems=[{"name": "model", "level": "page"}])))
        asked = {said(body): str(body) for path, body in server.requests if path == "/v1/embeddings"}
        shown = [colors(body) for path, body in server.requests if body.get("stream")]
    assert "data:image/jpeg" in asked["both: Which bird?"]
    assert len(shown) == 2
    assert all(any(red > 200 > 50 > blue for red, _, blue in found) for found in shown), "the question's own is red"
    found = {row["id"]: row for row in rows.read(out / ANSWERS)}
    assert (found["3"]["rules"]["grade"], found["4"]["rules"]["grade"]) == ("correct", "incorrect")
    assert "B. otter" in found["3"]["prompt"][-1]["content"]
    (made,) = tables(out)
    assert made.figures()["correct by rules"].mean == 0.5
    assert made.types("correct by rules") == {"angle": (0.5, 2)}
