"""Checks of the model endpoints that are set: each is asked about texts and pictures."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from octavo.apps.cli.words import in_cli_words
from octavo.ingest import OctavoError, Page, Region
from octavo.ingest.store.library import Library
from octavo.rag import Entry, Evidence, Finished, Level, Settings
from octavo.rag.answering.generate import ModelAnswerer
from octavo.rag.embedding import StaticEmbedder, make_embedder
from octavo.rag.entry import EntryId
from octavo.rag.image_source import ImageSource
from octavo.rag.images import encode_image
from octavo.rag.index import Index
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import make_scorer
from octavo.rag.relevancy.model_based import ModelScorer

_ASKS = "From which platform does the night train leave?"
_SAYS = "The night train to Lisbon leaves from platform 7."
_OTHER = "Boil the lentils for twenty minutes, then add salt."
_PAGE = Page(0, 800, 200, image="drawn", image_width=800, image_height=200)


def _regions(number: int) -> tuple[Region, ...]:
    return (Region(number, _PAGE.box),)


_REGIONS = _regions(0)
Finding = tuple[str, bool, str]
"""Name of a check, its success, and a message."""


def findings(settings: Settings) -> Iterator[Finding]:
    """Yields one finding for each endpoint that is set; none where the embedded defaults are."""
    if settings.llm_url:
        yield _try("model", lambda: _chat(settings))
    if settings.embedding.kind != "static":
        yield _try("embedding", lambda: _embedding(settings))
    if settings.relevancy.kind != "match":
        yield _try("relevancy", lambda: _relevancy(settings))


def _try(name: str, check: Callable[[], str]) -> Finding:
    started = time.perf_counter()
    try:
        result = check()
    except OctavoError as error:
        return name, False, in_cli_words(str(error), error.code)
    return name, True, f"{result} ({time.perf_counter() - started:.2f} s)"


def _chat(settings: Settings) -> str:
    pages = [
        Evidence(
            EntryId.of_page("d", n),
            Level.PAGE,
            "d",
            "timetable.png",
            "Timetable",
            n,
            "",
            "A timetable.",
            _regions(n),
            1.0,
        )
        for n in range(max(1, settings.llm_images))
    ]
    *_, last = ModelAnswerer(_Drawn(), settings).stream(_ASKS, pages)
    assert isinstance(last, Finished)
    answer = last.answer
    where = f"{settings.llm_url}: {answer.model}"
    if any("took no pictures" in problem for problem in answer.problems):
        return f"{where} answers, and takes no pictures: set OCTAVO_LLM_IMAGES=0"
    if fewer := next(
        (match for p in answer.problems if (match := re.search(r"took (\d+) of (\d+) pictures", p))), None
    ):
        return f"{where} answers, and takes {fewer[1]} of {fewer[2]} pictures: set OCTAVO_LLM_IMAGES={fewer[1]}"
    if "7" in answer.text:
        return f"{where} answers and reads a picture"
    return f"{where} answers, but did not read the picture: it wrote {answer.text[:60]!r}"


def _embedding(settings: Settings) -> str:
    model = make_embedder(settings)
    question = model.embed_question(_ASKS)
    near, far = model.embed_texts([_SAYS, _OTHER]) @ question
    (pictured,) = model.embed_entries([_page()], ImageSource(_Drawn())) @ question
    note = "" if near > far else "; an unrelated text is nearer than the answer: check the model and its template"
    text = f"similarity {near:.2f} to the answer, {pictured:.2f} to a picture of it, {far:.2f} to another text"
    return f"{model.model_name}, {model.dimension} dimensions: {text}{note}"


def _relevancy(settings: Settings) -> str:
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder)) as library:
        model = make_scorer(settings, Index(library, StaticEmbedder()))
        assert isinstance(model, ModelScorer)
        near, far, pictured = model.judge(
            parse_query(_ASKS), [_text(_SAYS), _text(_OTHER), _page()], ImageSource(_Drawn())
        )
    note = "" if near > far else "; an unrelated text scores higher: check the model, its overrides and its template"
    return (
        f"{model.name}: {near:.2f} for the answer, {pictured:.2f} for a picture of it, {far:.2f} for another text{note}"
    )


def _text(text: str) -> Entry:
    return Entry(EntryId("d/c0"), Level.CHUNK, "d", 0, 0, None, "", text, ())


def _page() -> Entry:
    return Entry(EntryId("d/p0"), Level.PAGE, "d", 0, 0, None, "", _SAYS, _REGIONS)


class _Drawn:
    """One page with one line that is drawn, and no text."""

    def page(self, document: str, number: int) -> Page:
        return replace(_PAGE, number=number)

    def image(self, image: str) -> bytes:
        return _picture()


@cache
def _picture() -> bytes:
    image = Image.new("RGB", (_PAGE.image_width, _PAGE.image_height), "white")
    ImageDraw.Draw(image).text((20, 80), _SAYS, fill="black", font=ImageFont.load_default(30))
    return encode_image(image, lossless=True)
