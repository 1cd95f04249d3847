"""Books: EPUB, chapter by chapter as its spine orders them."""

from __future__ import annotations

import posixpath
import urllib.parse
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from octavo.ingest.errors import ReadError
from octavo.ingest.markup import html
from octavo.ingest.markup.blocks import Block, MarkupContent, NewPage, TextBlock
from octavo.ingest.markup.charset import decode
from octavo.ingest.markup.pictures import Find
from octavo.ingest.model import Kind
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive
from octavo.ingest.readers.base import Source
from octavo.ingest.readers.web import source_of

_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTAINER = "META-INF/container.xml"


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Returns a book as its chapters, each beginning on a page of its own, below its title and authors."""
    blocks: list[Block] = []
    problems: list[str] = []
    with archive.open_archive(path, options) as packed:
        try:
            book = _book(packed)
        except (KeyError, etree.XMLSyntaxError, AttributeError) as error:
            raise ReadError(f"{path.name} is no readable book: its contents are not listed.") from error
        if "META-INF/encryption.xml" in packed.namelist():
            problems.append("parts of the book are encrypted and not read")
        for chapter in book.chapters:
            try:
                text = decode(packed.read(chapter), path.name)
            except (KeyError, ReadError):
                problems.append(f"{chapter} is missing or not readable")
                continue
            content = html.read(text, _within(packed, chapter))
            blocks += [NewPage(), *content.blocks] if content.blocks else []
            problems += content.problems
    content = MarkupContent(book.title, (*_title_page(book, blocks), *blocks), tuple(dict.fromkeys(problems)))
    return source_of(content, path, media_type, options, workdir)


@dataclass(frozen=True, slots=True)
class _Book:
    """The title, the authors, and the names of the chapters in order, as a book's package lists them."""

    title: str
    authors: tuple[str, ...]
    chapters: tuple[str, ...]


def _book(packed: zipfile.ZipFile) -> _Book:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    place = etree.fromstring(packed.read(_CONTAINER), parser).find(".//{*}rootfile").get("full-path")
    root = etree.fromstring(packed.read(place), parser)
    items = {item.get("id"): item for item in root.iter("{*}item")}
    names = []
    for reference in root.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        contents = item is not None and "nav" in (item.get("properties") or "").split()
        if item is not None and not (contents and reference.get("linear") == "no"):
            names.append(item.get("href"))
    folder = posixpath.dirname(place)
    authors = (" ".join((node.text or "").split()) for node in root.iter(f"{_DC}creator"))
    return _Book(
        " ".join((root.findtext(f".//{_DC}title") or "").split()),
        tuple(filter(None, authors)),
        tuple(posixpath.normpath(posixpath.join(folder, urllib.parse.unquote(name))) for name in names),
    )


def _title_page(book: _Book, blocks: Sequence[Block]) -> Iterator[Block]:
    """Yields the title and the authors, where the book does not begin with its title."""
    start = " ".join(b.text for b in blocks[:6] if isinstance(b, TextBlock)).lower()
    if book.title and book.title.lower() not in start:
        yield TextBlock.of(book.title, kind=Kind.TITLE)
        if book.authors:
            yield TextBlock.of(", ".join(book.authors))


def _within(packed: zipfile.ZipFile, chapter: str) -> Find:
    folder = posixpath.dirname(chapter)

    def find(address: str) -> bytes | None:
        name = posixpath.normpath(posixpath.join(folder, address))
        return packed.read(name) if name in packed.namelist() else None

    return find
