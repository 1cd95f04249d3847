"""What documents, files and models say is shown as text, whatever it tries to be."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import Markup

from octavo.apps.chat import conversation as thread, text
from octavo.apps.chat.conversation_list import conversation_list
from octavo.apps.chat.document_list import document_list, queue_list
from octavo.apps.chat.embedder import Renewal
from octavo.apps.chat.evidence_view import panel
from octavo.apps.chat.introductions import Introduction, SummarySentence
from octavo.apps.chat.jobs import IngestJob
from octavo.apps.chat.markup import render
from octavo.apps.chat.model_check import ModelReport
from octavo.apps.chat.store.history import Conversation
from octavo.apps.chat.store.set_aside import REMOVED, WAITING, SetAside
from octavo.apps.chat.suggestions import SuggestedQuestion
from octavo.apps.chat.turns import AskedQuestion, RegionSelection, Turn, TurnId
from octavo.ingest import Box, Region
from octavo.ingest.store.documents import DocumentInfo
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
HARMLESS = {"src": ("/pictures/", "data:image/webp;base64,"), "href": ("/export/", "/files/", "/shared/", "#t")}


class Reader(HTMLParser):
    """Collects tags and attributes as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.outline: list[tuple[str, list[str]]] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.outline.append((tag, [name for name, _ in attrs]))
        self.attributes += [(name, value or "") for name, value in attrs]


def check_harmless(html: str) -> None:
    seen = Reader(html)
    assert not seen.tags & {"script", "style", "iframe", "object", "link", "form", "meta", "base"}
    for name, value in seen.attributes:
        assert not name.startswith("on"), (name, value)
        if name in HARMLESS:
            assert value.startswith(HARMLESS[name]), value


def views(text: str) -> list[str]:
    """All that the chat shows, where everything that people, documents and models wrote is `text`."""
    piece = Evidence("d/p0", Level.PAGE, "d", text, text, 0, text, text, (Region(0, Box(0, 0, 9, 9)),), 0.9)
    region = RegionSelection("d", text, 0, Box(0, 0, 9, 9), text)
    answer = Answer("q", "yes", evidence=(piece,), candidates=(piece, replace(piece, id="x")), model=text)
    answer = replace(answer, problems=(text,))
    turns = [
        Turn(AskedQuestion(text, (text,), (region,)), "searched" + text, 0.3, answer, note=text),
        Turn(AskedQuestion(text), text + "x", 0.3, replace(answer, text=text, abstained=True)),
        Turn(AskedQuestion("q"), "q", error=text),
    ]
    name = text.replace("/", "")
    info = DocumentInfo("d", text, text, "application/pdf", 1, "", (f"/folder/{name}/x",), (text,))
    jobs = [
        IngestJob(Path("/x") / name, "failed", note=text, code="password"),
        IngestJob(Path("/x") / name / "y", "reading", 1, 2),
    ]
    aside = [SetAside(text, reason, "", text, text, text, "2026-01-02") for reason in (WAITING, REMOVED)]
    at = TurnId(text, 0)
    return [
        *(thread.turn(turn, at) for turn in turns),
        thread.past(text, []),
        thread.welcome(text, has_model=False),
        thread.chips((region,), ("a",), {"a": text}),
        thread.chips((), ("a",), {"a": text}),
        panel(turns[0], at),
        document_list([info], None, aside=aside, guarded={"d": text}),
        queue_list(jobs, Renewal(text, 1, 2, text), aside=aside),
        queue_list(jobs, Renewal(text, 1, 2)),
        conversation_list([Conversation(text, text, "2026-01-02T03:04:05", text)], text),
        thread.about_document(
            info, Introduction((SummarySentence(text, 0, Box(0, 0, 1, 1)),), (SuggestedQuestion(text, 0),))
        ),
        thread.about_document(info, None),
        thread.welcome(text, has_model=True, documents=[(text, [text])], unread=text),
        render("model.html", report=ModelReport((text,), text, True, 1.0), error="", model="", supports_images=None),
        render("model.html", report=None, error=text, model="", supports_images=None),
        render("model.html", report=None, error="", model=text, supports_images=True),
        render("embedding.html", name=text, variables={"URL": text}),
    ]


def outline(html: str) -> list[tuple[str, list[str]]]:
    """The tags of HTML in their order, each with the names of its attributes."""
    return Reader(html).outline


@pytest.mark.parametrize("evil", EVIL)
def test_text_of_users_documents_and_models_is_escaped_everywhere(evil: str) -> None:
    for view, plain in zip(views(evil), views("word"), strict=True):
        check_harmless(view)
        line_ends = [tag for tag in outline(view) if tag[0] != "br"]
        assert line_ends == [tag for tag in outline(plain) if tag[0] != "br"]


@pytest.mark.parametrize("evil", EVIL)
def test_an_answer_is_markdown_without_html(evil: str) -> None:
    piece = Evidence("d/p0", Level.PAGE, "d", evil, evil, 0, evil, evil, (Region(0, Box(0, 0, 9, 9)),), 0.9)
    for model in (evil, ""):
        answer = Answer("q", f"{evil} [1]", evidence=(piece,), candidates=(piece,), model=model)
        check_harmless(thread.turn(Turn(AskedQuestion("q"), "q", 0.3, answer), TurnId(evil, 1)))


def test_no_html_is_put_together_in_python() -> None:
    for file in sorted(Path(thread.__file__).parent.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        bodies = [n.body[0] for n in ast.walk(tree) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
        prose = {id(n.value) for n in bodies if isinstance(n, ast.Expr)}
        strings = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        tags = [s.value for s in strings if id(s) not in prose and re.search(r"<[a-z]+[ >]", s.value)]
        allowed = {
            "markdown.py": ["&lt;"],
            "markup.py": ["<br>"],
            "server.py": ["<style>", "</style>"],
            "spelled_formulas.py": ["<p>", "<i>", "<sup>"],
        }
        assert [tag for tag in tags if tag not in allowed.get(file.name, ())] == [], file.name


def test_an_answers_markdown_is_kept_and_each_number_is_given_with_its_claim() -> None:
    given: list[tuple[int, str]] = []

    def button(number: int, claim: str) -> Markup:
        given.append((number, claim))
        return Markup("<button>1</button>" if number == 1 else "")

    html = text.answer("| a | b |\n|---|---|\n| **1** | 2 [1][7] |\n\n`x[1]` \ue0000\ue001 \\[1\\]", button)
    assert "<table>" in html
    assert "<strong>1</strong>" in html
    assert html.count("<button>1</button>") == 2
    assert "[7]" in html
    assert [number for number, _ in given] == [1, 7, 1]
    assert given[0][1] == given[1][1]
    assert given[0][1].endswith("| **1** | 2")
