"""What is fuzzed: code of our own that takes what documents, models and browsers say. A target must not raise.

Each takes bytes; those of texts decode them, with halves of characters where they are no UTF-8.
"""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import Markup

from octavo.apps.chat import markup as chat_markup, text as chat_text
from octavo.ingest import OctavoError, ReadOptions
from octavo.ingest.markup import charset, html, text
from octavo.ingest.readers import archive, kinds
from octavo.ingest.sentences import split_sentences
from octavo.rag.answering.citation_marks import CitationFilter, without_citations
from octavo.rag.query.question import parse_query

pytest.importorskip("gradio", reason='the chat is not installed: pip install "octavo[chat]"')
import gradio as gr

from octavo.apps.chat.events import PressedElement, parse_event

_OPTIONS = ReadOptions(max_unpacked_bytes=1_000_000)
_MARK = re.compile(r"\[(\d+)\]")
_OF_FORMULAS = {
    ("math", "display"),
    ("annotation", "encoding"),
    ("mover", "accent"),
    ("mfrac", "linethickness"),
    ("mo", "stretchy"),
}
"""The attributes of MathML that a formula between dollar signs is drawn with, by tag."""
_FORBIDDEN = {"script", "style", "iframe", "object", "link", "form", "meta", "base", "img", "svg", "a", "embed"}


def question(data: bytes) -> None:
    """A question, as someone types it."""
    parse_query(_said(data))


def citations(data: bytes) -> None:
    """A model's answer: any cutting gives the same text, and no invented number comes out."""
    said = _said(data)
    outs = []
    for size in (1, 7, len(said) or 1):
        check = CitationFilter(3)
        fed = "".join(check.feed(said[at : at + size]) for at in range(0, len(said), size))
        outs.append(fed + check.close())
    assert outs[0] == outs[1] == outs[2]
    assert {int(number) for number in _MARK.findall(outs[0])} <= {1, 2, 3}
    assert not _MARK.search(without_citations(said))


def sentences(data: bytes) -> None:
    """Text that is split into sentences: no letter is lost or made up."""
    said = _said(data)
    assert "".join("".join(split_sentences(said)).split()) == "".join(said.split())


def answer_html(data: bytes) -> None:
    """A model's answer as HTML: no tag or attribute of its own comes through."""
    said = _said(data)
    shown = chat_text.answer(chat_text.with_tables(said), lambda number, claim: Markup("<b></b>" * (number == 1)))
    seen = _Tags(shown + chat_markup.lines(said))
    assert not seen.tags & _FORBIDDEN, seen.tags
    assert not {(tag, name) for tag, name in seen.attributes if name not in ("class", "start")} - _OF_FORMULAS


def markup(data: bytes) -> None:
    """A page of HTML."""
    html.read(_said(data), lambda address: None)


def markdown(data: bytes) -> None:
    """A text in Markdown, and the same as plain text."""
    text.read_markdown(_said(data), lambda address: None)
    text.read_text(_said(data))


def encoding(data: bytes) -> None:
    """The bytes of a text file: they become text, or one sentence."""
    with contextlib.suppress(OctavoError):
        charset.decode(data, "a.txt").encode()


def kind(data: bytes) -> None:
    """Which kind a file is, and what is packed in it, within the limits: or one sentence."""
    with _file(data) as path:
        with contextlib.suppress(OctavoError):
            kinds.media_type(path)
        with contextlib.suppress(OctavoError):
            archive.repack(path, path.with_suffix(".out"), _OPTIONS)


def chat_event(data: bytes) -> None:
    """The data of an element that was pressed, as any program could send it: it is understood, or one sentence."""
    said = _said(data)
    values: list[object] = [said, said.split(","), len(said), -len(said), float("nan"), None, {said: said}, said[:3]]
    try:
        values.append(json.loads(said))
    except ValueError:
        values.append(said.split("\n"))
    for n, name in enumerate((*PressedElement.model_fields, said)):
        for event in (values[-1], {name: values[len(data) % len(values)], "open": values[n % len(values)]}):
            with contextlib.suppress(OctavoError):
                parse_event(gr.EventData(None, event))


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (question, citations, sentences, answer_html, chat_event, markup, markdown, encoding, kind)
}  # fmt: skip


class _Tags(HTMLParser):
    """The tags and attributes that a browser would see."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.feed(shown)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}


@contextlib.contextmanager
def _file(data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_bytes(data)
        yield path


def _said(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
