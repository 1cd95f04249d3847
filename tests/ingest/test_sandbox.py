"""Files that link to other files or to the network, lie about what they are, or unpack to far more than they weigh."""

from __future__ import annotations

import shutil
import struct
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from octavo.ingest import PasswordError, ReadError, ReadOptions, UnsupportedError
from octavo.ingest.readers import Source, archive, libreoffice, open, open_each
from octavo.ingest.readers.kinds import DOCX, HTML, ODT, PDF, PPTX, TEXT, media_type

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")

_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_BLIP = (
    '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="2000000" cy="2000000"/><wp:docPr id="1" name="p"/><a:graphic>'
    '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
    '<pic:cNvPr id="0" name="x"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:link="rId9"/><a:stretch>'
    '<a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="2000000" cy="2000000"/>'
    '</a:xfrm><a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    "</w:p>"
)


@pytest.fixture
def requests() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and the paths that it was asked for."""
    seen: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def _note(self) -> None:
            seen.append(f"{self.command} {self.path}")
            self.send_response(404)
            self.end_headers()

        do_GET = do_HEAD = do_OPTIONS = do_PROPFIND = _note

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Noting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()


def linked_docx(path: Path, target: str) -> Path:
    """A DOCX with a sentence and a picture that lies at `target`."""
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{DOCX}.main+xml"/>'
            "</Types>",
        )
        out.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_RELS}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        out.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId9" Type="{_RELS}/image" '
            f'Target="{target}" TargetMode="External"/></Relationships>',
        )
        spaces = (
            'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
            f'xmlns:r="{_RELS}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
            'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
            'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
        )
        out.writestr(
            "word/document.xml",
            f"<w:document {spaces}><w:body><w:p><w:r><w:t>Zebras weigh 300 kg.</w:t></w:r></w:p>{_BLIP}"
            "</w:body></w:document>",
        )
    return path


def linked_odt(path: Path, target: str) -> Path:
    """An ODT with a sentence, and a picture and an object that lie at `target`."""
    names = ("office", "text", "drawing", "style")
    spaces = " ".join(
        f'xmlns:{"draw" if name == "drawing" else name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in names
    )
    link = f'xlink:href="{target}" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"'
    frame = '<draw:frame text:anchor-type="as-char" svg:width="5cm" svg:height="5cm">'
    body = f"{frame}<draw:image {link}/></draw:frame>{frame}<draw:object {link}/></draw:frame>"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("mimetype", ODT)
        out.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            "<manifest:file-entry "
            f'manifest:full-path="/" manifest:media-type="{ODT}"/><manifest:file-entry '
            'manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
        )
        out.writestr(
            "content.xml",
            f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" '
            'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2"><office:body>'
            f"<office:text><text:p>Okapis weigh 250 kg. {body}</text:p></office:text></office:body>"
            "</office:document-content>",
        )
    return path


def text_and_pictures(source: Source) -> tuple[str, int]:
    """What a file says once it is opened, and how many pictures its pages hold."""
    with pymupdf.open(source.pdf) as document:
        return " ".join(page.get_text() for page in document), sum(len(page.get_images()) for page in document)


@needs_office
def test_links_of_an_office_file_are_neither_fetched_nor_read(
    tmp_path: Path, requests: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, seen = requests
    monkeypatch.setattr(libreoffice, "without_network", lambda: ())  # the settings alone are enough
    (tmp_path / "work").mkdir()
    with pymupdf.open() as secret:
        secret.new_page(width=300, height=100).insert_text((20, 50), "hunter2", fontsize=24)
        secret.save(tmp_path / "secret.pdf")
    Image.new("RGB", (60, 60), "red").save(tmp_path / "secret.png")
    targets = (f"{url}/picture.png", (tmp_path / "secret.pdf").as_uri(), (tmp_path / "secret.png").as_uri())
    paths = [linked_docx(tmp_path / f"docx{n}.docx", target) for n, target in enumerate(targets)]
    paths += [linked_odt(tmp_path / f"odt{n}.odt", target) for n, target in enumerate(targets)]
    sources = open_each(paths, ReadOptions(), workdir=tmp_path / "work")
    assert seen == []
    for path, source in zip(paths, sources, strict=True):
        assert isinstance(source, Source), source
        text, pictures = text_and_pictures(source)
        assert "weigh" in text, path
        assert "hunter2" not in text, path
        assert path.stem.endswith("1") or pictures == 0, path


def test_markup_that_calls_itself_an_office_file_is_read_as_markup(
    tmp_path: Path, requests: tuple[str, list[str]]
) -> None:
    url, seen = requests
    path = tmp_path / "page.doc"
    path.write_text(
        f'<html><link rel=stylesheet href="{url}/a.css"><p>Ibexes weigh 80 kg.</p><img src="{url}/b.png">'
        f'<iframe src="{url}/c"></iframe></html>'
    )
    text, _ = text_and_pictures(open(path, ReadOptions(), workdir=tmp_path))
    assert text.strip() == "Ibexes weigh 80 kg."
    assert seen == []


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.doc", b"<!-- saved --><!DOCTYPE html><p>x", HTML),
        ("a.pdf", b"\xef\xbb\xbf\r\n<html><body>Log in", HTML),
        ("a.doc", b"{\\rtf1 Hello}", "application/rtf"),
        ("a.doc", b"WEB\n1\nhttp://127.0.0.1/", TEXT),
        ("a.jpg", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("a.bin", b"GIF89a", "image/gif"),
        ("a.txt", b"\xff\xfea\x00", TEXT),
        ("a.txt", b"On <b>bold</b> words", TEXT),
        ("a.md", b"<div align=center>\n\n# Title", "text/markdown"),
        ("a.html", b"No tags at all", HTML),
        ("a.txt", b"%PDF-1.7\n%\xe2\xe3\x00", PDF),
        ("a.docx", b"<?xml version='1.0'?><office:document xmlns='x' office:mimetype='" + ODT.encode() + b"'>", ODT),
    ],
)
def test_a_file_is_what_its_bytes_are(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert media_type(tmp_path / name) == kind


@pytest.mark.parametrize(
    ("name", "members", "kind"),
    [
        ("a.pptx", {"[Content_Types].xml": "", "word/document.xml": ""}, DOCX),
        ("a.zip", {"[Content_Types].xml": "", "ppt/presentation.xml": ""}, PPTX),
        ("a.docx", {"mimetype": ODT, "content.xml": ""}, ODT),
    ],
)
def test_a_packed_file_is_what_it_packs(tmp_path: Path, name: str, members: dict[str, str], kind: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as out:
        for member, content in members.items():
            out.writestr(member, content)
    assert media_type(tmp_path / name) == kind


@pytest.mark.parametrize("content", [b"MZ\x90\x00", b"%!PS-Adobe-3.0 EPSF-3.0", bytes(range(256))])
def test_an_unknown_kind_is_refused_under_any_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(UnsupportedError, match=r"a\.png is of no kind that can be read"):
        media_type(tmp_path / "a.png")


def packed(path: Path, *members: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members:
            out.writestr(name, content)
    return path


def test_a_packed_file_is_bounded_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = packed(tmp_path / "bomb.docx", ("word/document.xml", bytes(3_000_000)))
    with pytest.raises(
        ReadError, match=r"bomb\.docx unpacks to more than 2,000,000 bytes: raise OCTAVO_READING__MAX_UN"
    ):
        open(bomb, ReadOptions(max_unpacked_bytes=2_000_000), workdir=tmp_path)
    many = packed(tmp_path / "many.docx", *((f"word/{n}.xml", b"") for n in range(30)))
    with pytest.raises(
        ReadError, match=r"many\.docx packs 30 files, over the limit of 20: raise OCTAVO_READING__MAX_ME"
    ):
        open(many, ReadOptions(max_members=20), workdir=tmp_path)


def test_the_size_that_an_archive_claims_is_not_believed(tmp_path: Path) -> None:
    """A member that says it has 10 bytes gets no more than them past the copy that is handed on."""
    path = packed(tmp_path / "liar.docx", ("word/document.xml", bytes(3_000_000)))
    claimed = path.read_bytes().replace(struct.pack("<L", 3_000_000), struct.pack("<L", 10))
    path.write_bytes(claimed)
    with pytest.raises(ReadError, match=r"liar\.docx is broken or cut off"):
        archive.repack(path, tmp_path / "copy.docx", ReadOptions())


def test_a_copy_holds_no_paths_that_lead_out(tmp_path: Path) -> None:
    path = packed(tmp_path / "slip.docx", ("word/document.xml", b"<a/>"), ("../../evil", b"x"), ("/abs", b"x"))
    archive.repack(path, tmp_path / "copy.docx", ReadOptions(), {"word/document.xml": b"<b/>"})
    with zipfile.ZipFile(tmp_path / "copy.docx") as copy:
        assert {name: copy.read(name) for name in copy.namelist()} == {"word/document.xml": b"<b/>"}


def test_a_locked_office_file_is_told_from_a_broken_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(ReadError, match=r"locked\.docx is broken or cut off"):
        media_type(path)

    class Directory:
        def __init__(self, _: Path) -> None: ...
        def __enter__(self) -> Directory:
            return self

        def __exit__(self, *_: object) -> None: ...
        def exists(self, stream: str) -> bool:
            return stream == "EncryptedPackage"

    monkeypatch.setattr("octavo.ingest.readers.kinds.olefile.OleFileIO", Directory)
    with pytest.raises(PasswordError, match=r"locked\.docx is protected by a password: save it without one"):
        media_type(path)
