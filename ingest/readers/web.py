"""HTML, Markdown and text, laid out on pages. Nothing is fetched and no script runs: only the file itself is read."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pymupdf
from markdown_it import MarkdownIt

from octavo.ingest.errors import ReadError
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.pdf import describe

PAGE = pymupdf.paper_rect("a4")
_MARGIN = 54
_CSS = (
    "body { font-family: sans-serif; font-size: 11px; line-height: 1.4 } pre, code { font-family: monospace }"
    " table { border-collapse: collapse } td, th { border: 1px solid #888; padding: 3px }"
)
_DROPPED = re.compile(r"<(script|style|noscript|template|svg|iframe|object)\b.*?(?:</\1\s*>|\Z)", re.I | re.S)
_EMBEDDED = re.compile(r"<(?:img|link|meta|base|source|video|audio|embed|input)\b[^>]*>", re.I)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.I | re.S)
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.I | re.S)
_TAG = re.compile(r"<[^>]+>")


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """A text as a PDF of A4 pages."""
    text = _decoded(path)
    if media_type == "text/markdown":
        body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    elif media_type == "text/html":
        body = text
    else:
        body = "".join(f"<p>{html.escape(part)}</p>" for part in re.split(r"\n\s*\n", text))
    title = next((m[1] for pattern in (_TITLE, _HEADING) if (m := pattern.search(body))), "")
    pdf = workdir / f"{content_id(path)}.pdf"
    _lay_out(_EMBEDDED.sub("", _DROPPED.sub("", _TITLE.sub("", body))), pdf, path.name, options)
    source = describe(path, pdf, media_type)
    plain = html.unescape(_TAG.sub("", title)).strip()
    return replace(source, title=" ".join(plain.split()))


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReadError(f"{path.name} is no text: it holds binary data.")
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _lay_out(body: str, pdf: Path, name: str, options: ReadOptions) -> None:
    where = pymupdf.Rect(_MARGIN, _MARGIN, PAGE.width - _MARGIN, PAGE.height - _MARGIN)
    try:
        story = pymupdf.Story(body, user_css=_CSS)
        writer = pymupdf.DocumentWriter(str(pdf))
        more, pages = 1, 0
        while more and pages <= options.max_pages:
            device = writer.begin_page(PAGE)
            more, _ = story.place(where)
            story.draw(device)
            writer.end_page()
            pages += 1
        writer.close()
    except (RuntimeError, ValueError) as error:
        raise ReadError(f"{name} cannot be laid out on pages: its markup is broken.") from error
