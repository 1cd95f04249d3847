"""Systems that see text, pictures or both, with pictures found by embedding or by summary, in one run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from PIL import Image, ImageDraw

from octavo.eval.reports import report
from octavo.eval.runs import load, rows, run
from octavo.eval.runs.config import ConfigError
from octavo.eval.runs.execute import ANSWERS
from octavo.eval.runs.manifest import read as manifest_of
from octavo.eval.runs.summary import RunTable, tables
from tests.eval.judges.faulty import serving
from tests.eval.runs.test_runs import config
from tests.eval.test_datasets import write
from tests.rag.embedding_server import TINY, pooling

Row = dict[str, Any]
SYSTEMS: list[Row] = [
    {"name": "text", "modality": "text"},
    {"name": "image", "modality": "image", "images": "embedding"},
    {"name": "both", "images": "embedding"},
    {"name": "image by summary", "modality": "image", "images": "summary"},
    {"name": "both by summary", "images": "summary"},
]
PAGES = (
    ("Staff", "Of 312 people, 58 work on the night shift."),
    ("Energy", "The figure below is about energy on the hill."),
)
SUMMARY = "A bar chart of windmills built in each year."


def chart() -> bytes:
    """A bar chart without words."""
    image = Image.new("RGB", (700, 400), "white")
    draw = ImageDraw.Draw(image)
    draw.line([(40, 20), (40, 360), (680, 360)], fill="black", width=3)
    for n, height in enumerate((120, 200, 90, 300, 250)):
        draw.rectangle([70 + 120 * n, 360 - height, 140 + 120 * n, 360], fill=(37, 99, 40 * n))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def dataset(folder: Path) -> None:
    """One document: a page of text, a page with a chart; a question about each."""
    folder.mkdir()
    rows = [
        {"id": "t", "question": "How many people work on the night shift?", "answer": "58", "gold_pages": [0]},
        {"id": "i", "question": "How many windmills does the bar chart show?", "answer": "5", "gold_pages": [1]},
    ]
    write(folder, *(row | {"doc": "pdfs/a.pdf"} for row in rows))
    with pymupdf.open() as document:
        for heading, text in PAGES:
            page = document.new_page(width=595, height=842)
            page.insert_text((60, 90), heading, fontsize=22)
            page.insert_text((60, 130), text, fontsize=11)
        page.insert_image(pymupdf.Rect(60, 180, 535, 460), stream=chart())
        document.save(folder / "pdfs" / "a.pdf")


def chatting(answer: str) -> Callable[[str, Row], tuple[int, Any] | None]:
    """A model that streams an answer and describes figures; embeddings are left to the server's rules."""
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "tiny"}
    said = [({"content": answer}, None), ({}, "stop")]
    parts = [chunk | {"choices": [{"index": 0, "delta": d, "finish_reason": f}]} for d, f in said]
    stream = "".join(f"data: {json.dumps(part)}\n\n" for part in parts).encode() + b"data: [DONE]\n\n"

    def respond(path: str, body: Row) -> tuple[int, Any] | None:
        if path != "/v1/chat/completions":
            return None
        return 200, stream if body.get("stream") else {"choices": [{"message": {"content": SUMMARY}}]}

    return respond


def said(body: Row) -> str:
    """The text that an embedding was asked for."""
    return str(body["messages"][0]["content"][-1]["text"])


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str]]]:
    """A run of all systems, and the texts that were embedded."""
    folder = tmp_path_factory.mktemp("modalities")
    dataset(folder / "set")
    with (
        pooling(respond=chatting("There are 5 [1].")) as server,
        serving(reply=lambda _: {"reason": "x", "grade": "YES"}) as judge,
    ):
        embedding = {"kind": "served", "url": server.url, "model": "tiny", "card": TINY.model_dump(mode="json")}
        file = config(
            folder,
            settings={"llm_url": server.url, "embedding": embedding, "threshold": 0},
            systems=SYSTEMS,
            metrics=["aspects"],
            judge={"url": judge.url, "pictures": 4},
        )
        out = run(load(file))
        yield out, [said(body) for path, body in server.requests if path == "/v1/embeddings"]


def test_each_system_searches_and_is_shown_its_modality(done: tuple[Path, list[str]]) -> None:
    out, _ = done
    found = {row["key"].partition("/")[2]: row for row in rows.read(out / ANSWERS)}
    prompts = {key: row["prompt"][-1]["content"] for key, row in found.items()}
    assert "[picture]" not in prompts["text/i"]
    assert SUMMARY not in prompts["text/i"]
    assert "58 work on the night shift" in prompts["text/t"]
    for name in ("image", "image by summary"):
        assert {e["kind"] for e in found[f"{name}/i"]["evidence"]} == {"figure"}
        assert "[picture]" in prompts[f"{name}/i"]
        assert SUMMARY not in prompts[f"{name}/i"]
        assert found[f"{name}/i"]["retrieval"]["page"]["recall@1"] == 1
        assert found[f"{name}/t"]["retrieval"]["page"]["recall@5"] == 0
    assert all(text in prompts["both/t"] for text in ("[picture]", "58 work on the night shift"))
    assert SUMMARY not in prompts["both/i"]
    assert SUMMARY in prompts["both by summary/i"]


def test_pictures_are_embedded_or_described_never_both(done: tuple[Path, list[str]]) -> None:
    out, embedded = done
    libraries = manifest_of(out)["libraries"]
    of = {name.partition("/")[2]: path for name, path in libraries.items()}
    assert of["image"] == of["both"]
    assert of["image by summary"] == of["both by summary"]
    assert len({of["text"], of["both"], of["both by summary"]}) == 3
    assert embedded.count(TINY.page) == 3, "two pages and a figure, once"
    assert any(SUMMARY in text for text in embedded if text.startswith("say:"))


def test_no_document_is_read_twice(done: tuple[Path, list[str]]) -> None:
    """The libraries of other systems are copies: their screenshots were drawn at the same moment."""
    out, _ = done
    drawn = [
        {(file.name, file.stat().st_mtime_ns) for file in Path(folder).rglob("*.webp")}
        for folder in set(manifest_of(out)["libraries"].values())
    ]
    assert len(drawn) == 3
    assert drawn[0] == drawn[1] == drawn[2] != set()


def test_judgements_are_of_what_a_system_was_shown(done: tuple[Path, list[str]], tmp_path: Path) -> None:
    out, _ = done
    of: dict[str, RunTable] = {table.system: table for table in tables(out)}
    for name, kinds in (("text", {"text"}), ("image", {"image"}), ("both", {"text", "image"})):
        judged = {kind for kind in ("text", "image") if f"{kind} faithfulness" in of[name].values}
        assert judged == kinds
        assert set(of[name].values["faithfulness, pooled"].values()) == {1.0}
    text = report([out], tmp_path)[0].read_text()
    assert all(f"</span>{system['name']} (2 questions)" in text for system in SYSTEMS)


@pytest.mark.parametrize(
    ("system", "says_so"),
    [
        ({"modality": "text", "images": "summary"}, "leave out images"),
        ({"modality": "image"}, r"systems\.0: modality image needs a model that is shown pictures: set settings"),
        ({"modality": "image", "level": "chunk", "settings": {"llm_url": "http://x/v1"}}, "set level"),
        ({"images": "embedding"}, "set settings.embedding"),
        ({"images": "summary"}, "set settings.llm_url"),
    ],
)
def test_switches_that_do_not_fit_are_named(tmp_path: Path, system: Row, says_so: str) -> None:
    with pytest.raises(ConfigError, match=says_so):
        load(config(tmp_path, systems=[{"name": "a"} | system]))
