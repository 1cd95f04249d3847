"""HTML, Markdown and text. Nothing is fetched and no script runs: only the file and the pictures beside it are read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from octavo.ingest.markup import html, text
from octavo.ingest.markup.blocks import MarkupContent
from octavo.ingest.markup.charset import decode
from octavo.ingest.markup.pictures import beside
from octavo.ingest.markup.typeset import typeset
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.kinds import HTML, MARKDOWN
from octavo.ingest.readers.pdf import describe


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Returns a text as blocks, set on pages."""
    source_text = decode(path.read_bytes(), path.name)
    if media_type == HTML:
        content = html.read(source_text, beside(path))
    elif media_type == MARKDOWN:
        content = text.read_markdown(source_text, beside(path))
    else:
        content = text.read_text(source_text)
    return source_of(content, path, media_type, options, workdir)


def source_of(content: MarkupContent, path: Path, media_type: str, options: ReadOptions, workdir: Path) -> Source:
    """Returns the source of a file whose `content` is known."""
    typeset_file = typeset(content.blocks, workdir / f"{content_id(path)}.pdf", path.name, options.max_pages)
    return replace(
        describe(path, typeset_file.pdf, media_type),
        title=" ".join(content.title.split()),
        outline=typeset_file.outline,
        elements=dict(enumerate(typeset_file.elements)),
        problems=content.problems,
    )
