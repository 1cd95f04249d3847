"""What documents, files and models say is shown as text, whatever it tries to be."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from octavo.apps.chat import conversation as thread, document_list as shelf, evidence_view as evidence, text
from octavo.apps.chat.jobs import Job
from octavo.apps.chat.turns import AskedQuestion, Turn, TurnId
from octavo.ingest import Box, Region
from octavo.ingest.store.library import DocumentInfo
from octavo.rag import Answer, Evidence, Level

EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "![x](http://elsewhere.example/x.png)",
    "[x](javascript:alert(1))",
    "<http://elsewhere.example>",
    "[r]\n\n[r]: http://elsewhere.example",
    '```[1]" onclick="alert(1)\nx\n```',
    "<!-- [1] --><style>*{display:none}</style>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} `",
)
HARMLESS = {"src": "/pictures/", "href": "/export/"}


class Reader(HTMLParser):
    """Collects tags and attributes as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def check_harmless(html: str) -> None:
    seen = Reader(html)
    assert not seen.tags & {"script", "style", "iframe", "object", "link", "form", "meta", "base"}
    for name, value in seen.attributes:
        assert not name.startswith("on"), (name, value)
        if name in HARMLESS:
            assert value.startswith(HARMLESS[name]), value


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_that_is_said_becomes_more_than_text(evil: str) -> None:
    piece = Evidence("d/p0", Level.PAGE, "d", evil, evil, 0, evil, evil, (Region(0, Box(0, 0, 9, 9)),), 0.9)
    said = Answer("q", f"{evil} [1]", evidence=(piece,), looked_at=(piece, replace(piece, id="x")), model=evil)
    turns = [
        Turn(AskedQuestion(evil), evil, 0.3, said),
        Turn(AskedQuestion(evil), evil + "x", 0.3, replace(said, abstained=True)),
        Turn(AskedQuestion("q"), "q", error=evil),
    ]
    check_harmless("".join(thread.turn(turn, TurnId(evil, n)) for n, turn in enumerate(turns)))
    check_harmless(evidence.panel(turns[0], TurnId(evil, 0)))
    info = DocumentInfo("d", evil, evil, "application/pdf", 1, "", (f"/folder/{evil.replace('/', '')}/x",), (evil,))
    jobs = [Job(Path("/x") / evil.replace("/", ""), "failed", note=evil), Job(Path("/x/y"), "reading", 1, 2)]
    check_harmless(shelf.shelf([info], jobs, None))


def test_an_answers_markdown_is_kept_and_each_number_is_given_with_its_claim() -> None:
    given: list[tuple[int, str]] = []

    def button(number: int, claim: str) -> str:
        given.append((number, claim))
        return f"<button>{number}</button>" if number == 1 else ""

    html = text.answer("| a | b |\n|---|---|\n| **1** | 2 [1][7] |\n\n`x[1]` \ue0000\ue001 \\[1\\]", button)
    assert "<table>" in html
    assert "<strong>1</strong>" in html
    assert html.count("<button>1</button>") == 2
    assert "[7]" in html
    assert [number for number, _ in given] == [1, 7, 1]
    assert given[0][1] == given[1][1]
    assert given[0][1].endswith("| **1** | 2")


def test_text_is_cut_to_its_length() -> None:
    assert text.plain("a <b>\n c" * 20, 10) == "a &lt;b&gt; c…" or len(text.plain("abcdef " * 9, 10)) == 10
