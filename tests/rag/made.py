"""Documents, screenshots and an embedding that the tests of the index make up, and what must hold of an index."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from octavo.ingest import Box, Chunk, Document, Element, Kind, Line, Page, ReadOptions, Region, TextSource
from octavo.ingest.store.library import Library
from octavo.rag import Pipeline, Settings
from octavo.rag.embedding import Embedder, Vectors, unit
from octavo.rag.entry import Entry, Level
from octavo.rag.images import ImageInput
from octavo.rag.index import Index
from octavo.rag.index.build import build_entries as entries_of
from octavo.rag.query.analysis import terms


def start(target: Callable[..., None], *arguments: object) -> BaseProcess:
    """Another process that calls `target`; it need not import everything again."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])
    process = server.Process(target=target, args=arguments)
    process.start()
    return process


@contextmanager
def pipeline_over(folder: Path, texts: Mapping[str, str], *names: str) -> Iterator[Pipeline]:
    """Yields a pipeline that has read `texts`, by file name, and other files of the folder by their names."""
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    with Pipeline(Settings(library=folder / "library", reading=ReadOptions(workers=1))) as pipeline:
        done = pipeline.ingest(*(folder / name for name in (*texts, *names)))
        assert all(document.status == "added" for document in done)
        yield pipeline


class HashEmbedding(Embedder):
    """Texts that share words are near: each term has its own random direction."""

    model_name: str = "hashed"
    dimension: int = 32

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._row(text) for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)

    def embed_image(self, image: ImageInput) -> Vectors:
        raise NotImplementedError

    def _row(self, text: str) -> Vectors:
        row = np.zeros(self.dimension, dtype=np.float32)
        for term in terms(text):
            row += _direction(term, self.dimension)
        return unit(row)


@cache
def _direction(term: str, dimension: int) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(term.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).normal(size=dimension).astype(np.float32)


def screenshot(color: tuple[int, int, int], width: int = 60, height: int = 80) -> bytes:
    """A WebP of one color, kept without loss."""
    buffer = BytesIO()
    Image.new("RGB", (width, height), color).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def document(library: Library, name: str, *texts: str, seed: int = 0) -> Document:
    """A document with one page for each text, whose screenshots are saved; a title, a text and a table a page."""
    identity = hashlib.sha256(f"{name} {seed} {texts}".encode()).hexdigest()[:32]
    pages = tuple(page(n, text, library.save_image(_picture(text))) for n, text in enumerate(texts))
    regions = tuple(Region(p.number, e.box, e.index) for p in pages for e in p.elements[:2])
    chunks = tuple(Chunk(n, f"Page {n}", text, regions[2 * n : 2 * n + 2]) for n, text in enumerate(texts))
    whole = Chunk(len(chunks), "", " ".join(texts), regions)
    return Document(
        id=identity,
        name=name,
        path=f"/made/{name}",
        title=f"About {name}",
        media_type="application/pdf",
        pages=pages,
        chunks=(*chunks, whole),
        outline=((1, "Start", 0),),
        problems=("Page 1 is tilted.",),
    )


def page(number: int, text: str, image: str = "") -> Page:
    """A page of 600 × 800 points with a heading, a text, and a table under it with its caption."""
    frame = Box(50, 100, 550, 200)
    elements = (
        Element(0, Kind.TITLE, Box(50, 40, 550, 80), f"Page {number}", (Line(f"Page {number}", Box(50, 40, 550, 80)),)),
        Element(1, Kind.TEXT, frame, text, (Line(text, frame),)),
        Element(2, Kind.TABLE, Box(50, 300, 550, 500), "a | b", markdown="| a | b |\n|---|---|"),
        Element(3, Kind.CAPTION, Box(50, 510, 550, 530), f"Table {number + 1}", about=2),
        Element(4, Kind.PAGE_FOOTER, Box(50, 780, 550, 795), "running footer"),
    )
    return Page(
        number=number,
        width=600,
        height=800,
        image=image,
        image_width=60,
        image_height=80,
        label=f"A-{number}",
        text=f"Page {number}\n{text}",
        source=TextSource.LAYER,
        elements=elements,
        notes="",
    )


def everything(index: Index, level: Level, question: str = "revenue of the dome") -> list[tuple[str, float]]:
    """All entries of a level by similarity, as Chroma and what came later give them together."""
    return sorted(index.vectors(index.embedding.embed_question(question), level, 10_000))


def check(index: Index, documents: Sequence[Document], *, tidy: bool = True) -> None:
    """The index holds exactly these documents and all of their parts, in every table, in the vectors and on disk.

    With `tidy` false there may be screenshots that nobody needs, as a writer that died leaves them.
    """
    library, connection = index.library, index.library.connection
    assert {info.id for info in library.documents()} == {d.id for d in documents}
    for document in documents:
        assert library.document(document.id) == document
    expected = {entry.id: entry for document in documents for entry in entries_of(document)}
    assert {entry.id: entry for entry in index.entries(list(expected))} == expected
    for table, count in (
        ("pages", sum(len(d.pages) for d in documents)),
        ("elements", sum(len(p.elements) for d in documents for p in d.pages)),
        ("chunks", sum(len(d.chunks) for d in documents)),
        ("entries", len(expected)),
        ("vectors", len(expected)),
    ):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)
    images = {page.image for document in documents for page in document.pages}
    stored = {path.stem for path in (library.folder / "pages").glob("*/*")}
    assert stored == images if tidy else stored >= images
    question = index.embedding.embed_question("revenue of the dome")
    for level in Level:
        own = [entry for entry in expected.values() if entry.level is level]
        assert index.count(level) == len(own)
        hits = everything(index, level)
        assert [identity for identity, _ in hits] == sorted(entry.id for entry in own)
        if level is not Level.DOCUMENT:
            exact = index.embedding.embed_entries(own) @ question
            assert dict(hits) == pytest.approx({e.id: s for e, s in zip(own, exact, strict=True)}, abs=2e-3)
            connection.execute(f"INSERT INTO {level}_words ({level}_words, rank) VALUES ('integrity-check', 1)")
            frequency = {
                term: sum(term in _terms(entry) for entry in own)
                for term in terms("mirror polished revenue grew 12 dome opened 2017 windmills text unknown")
            }
            assert index.document_frequency(list(frequency), level) == frequency


def _terms(entry: Entry) -> set[str]:
    return {*terms(entry.heading), *terms(entry.text)}


def _picture(text: str) -> bytes:
    red, green, blue = hashlib.sha256(text.encode()).digest()[:3]
    return screenshot((red, green, blue))
