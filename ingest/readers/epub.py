"""Books: EPUB, chapter by chapter as its spine orders them."""

from __future__ import annotations

import posixpath
import urllib.parse
import zipfile
from pathlib import Path

from lxml import etree

from octavo.ingest.errors import ReadError
from octavo.ingest.markup import html
from octavo.ingest.markup.blocks import Block, Content, NewPage
from octavo.ingest.markup.charset import decode
from octavo.ingest.markup.pictures import Find
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive
from octavo.ingest.readers.base import Source
from octavo.ingest.readers.web import source_of

_CONTAINER = "META-INF/container.xml"


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """A book as its chapters, each beginning on a page of its own."""
    blocks: list[Block] = []
    problems: list[str] = []
    with archive.opened(path, options) as packed:
        try:
            title, chapters = _chapters(packed)
        except (KeyError, etree.XMLSyntaxError, AttributeError) as error:
            raise ReadError(f"{path.name} is no readable book: its contents are not listed.") from error
        if "META-INF/encryption.xml" in packed.namelist():
            problems.append("parts of the book are encrypted and not read")
        for chapter in chapters:
            try:
                said = decode(packed.read(chapter), path.name)
            except (KeyError, ReadError):
                problems.append(f"{chapter} is missing or not readable")
                continue
            content = html.read(said, _within(packed, chapter))
            blocks += [NewPage(), *content.blocks] if content.blocks else []
            problems += content.problems
    return source_of(Content(title, tuple(blocks), tuple(dict.fromkeys(problems))), path, media_type, options, workdir)


def _chapters(packed: zipfile.ZipFile) -> tuple[str, list[str]]:
    """The book's title and the names of its chapters in order."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    place = etree.fromstring(packed.read(_CONTAINER), parser).find(".//{*}rootfile").get("full-path")
    book = etree.fromstring(packed.read(place), parser)
    items = {item.get("id"): item.get("href") for item in book.iter("{*}item")}
    names = [items[ref.get("idref")] for ref in book.iter("{*}itemref") if ref.get("idref") in items]
    folder = posixpath.dirname(place)
    title = book.findtext(".//{http://purl.org/dc/elements/1.1/}title") or ""
    return title, [posixpath.normpath(posixpath.join(folder, urllib.parse.unquote(name))) for name in names]


def _within(packed: zipfile.ZipFile, chapter: str) -> Find:
    folder = posixpath.dirname(chapter)

    def find(address: str) -> bytes | None:
        name = posixpath.normpath(posixpath.join(folder, address))
        return packed.read(name) if name in packed.namelist() else None

    return find
