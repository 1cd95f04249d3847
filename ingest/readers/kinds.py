"""Media types of files by their bytes; the suffix only tells texts of one kind from those of another."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import olefile

from octavo.ingest.errors import PasswordError, ReadError, UnsupportedError

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
DOC, PPT, RTF = "application/msword", "application/vnd.ms-powerpoint", "application/rtf"
ODT, ODP = "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.presentation"
OFFICE = frozenset({DOCX, PPTX, DOC, PPT, RTF, ODT, ODP})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS, XLSB = "application/vnd.ms-excel", "application/vnd.ms-excel.sheet.binary.macroenabled.12"
ODS, CSV = "application/vnd.oasis.opendocument.spreadsheet", "text/csv"
SHEETS = frozenset({XLSX, XLS, XLSB, ODS, CSV})
EML, MSG = "message/rfc822", "application/vnd.ms-outlook"
EPUB, ZIP, SVG = "application/epub+zip", "application/zip", "image/svg+xml"
SRT, VTT = "application/x-subrip", "text/vtt"
MP4, WEBM, MKV, AVI = "video/mp4", "video/webm", "video/x-matroska", "video/x-msvideo"
VIDEOS = frozenset({MP4, WEBM, MKV, AVI})
HTML, MARKDOWN, TEXT = "text/html", "text/markdown", "text/plain"

SUFFIXES = {
    ".pdf": PDF,
    ".pptx": PPTX,
    ".ppt": PPT,
    ".odp": ODP,
    ".docx": DOCX,
    ".doc": DOC,
    ".odt": ODT,
    ".rtf": RTF,
    ".xlsx": XLSX,
    ".xls": XLS,
    ".xlsb": XLSB,
    ".ods": ODS,
    ".csv": CSV,
    ".tsv": CSV,
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".heif": "image/heic",
    ".avif": "image/avif",
    ".svg": SVG,
    ".eml": EML,
    ".mht": EML,
    ".mhtml": EML,
    ".msg": MSG,
    ".epub": EPUB,
    ".srt": SRT,
    ".vtt": VTT,
    ".mp4": MP4,
    ".m4v": MP4,
    ".mov": MP4,
    ".webm": WEBM,
    ".mkv": MKV,
    ".avi": AVI,
    ".zip": ZIP,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".txt": TEXT,
    ".text": TEXT,
    ".log": TEXT,
}
"""The suffixes that are read, with their media types."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"{\\rtf", RTF),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = {
    "WordDocument": DOC,
    "PowerPoint Document": PPT,
    "Workbook": XLS,
    "Book": XLS,
    "__properties_version1.0": MSG,
}
_OOXML = (("word/", DOCX), ("ppt/", PPTX), ("xl/", XLSX))
_BRANDS = {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic", b"avif": "image/avif"}
_MOVIE_BRANDS = (b"iso", b"mp4", b"avc", b"M4V", b"qt ", b"3gp")
_MOVIE_PARTS = (b"ftyp", b"moov", b"mdat", b"wide", b"free")
_MATROSKA = b"\x1aE\xdf\xa3"
_PLAIN = frozenset({CSV, EML, SRT, VTT, HTML, MARKDOWN, TEXT})
_NO_TEXT = (b"%!PS", b"\x7fELF", b"MZ")
_XML_LEAD = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.S)
_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]", re.I)
_DRAWING = re.compile(r"(?:<!doctype\s+svg[^>]*(?:\[.*?\]\s*)?>\s*|<!--.*?-->\s*)*<svg[\s>]", re.I | re.S)
_FRAGMENT = re.compile(r"<(?:head|body|div|table|p|h[1-6]|title|meta|style|font|b|br|a|span|script|iframe)\b", re.I)
_FLAT = re.compile(r"<office:document\s[^>]*office:mimetype=[\"']([^\"']+)", re.S)


def media_type(path: Path) -> str:
    """Returns the media type of a file that can be read; raises `UnsupportedError` for any other kind."""
    with path.open("rb") as file:
        start = file.read(4096)
    declared = SUFFIXES.get(path.suffix.lower())
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _type_in_archive(path)
    if start.startswith(_OLE):
        return _compound(path)
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start[4:8] == b"ftyp" and start[8:12] in _BRANDS:
        return _BRANDS[start[8:12]]
    if video := _video(start, declared):
        return video
    for signature, kind in _SIGNATURES:
        if start.startswith(signature) and (signature != b"BM" or b"\x00" in start[:32]):
            return kind
    if b"%PDF-" in start[:1024] and (declared == PDF or start.lstrip().startswith(b"%PDF-") or b"\x00" in start):
        return PDF
    return _text(path, start, declared)


def _video(start: bytes, declared: str | None) -> str:
    """Returns the media type of a video by its first bytes; empty for any other file."""
    if start.startswith(_MATROSKA):
        return WEBM if b"webm" in start[:64] else MKV
    if start[:4] == b"RIFF" and start[8:12] == b"AVI ":
        return AVI
    is_movie = start[4:8] == b"ftyp" and start[8:12].startswith(_MOVIE_BRANDS)
    return MP4 if is_movie or (declared == MP4 and start[4:8] in _MOVIE_PARTS) else ""


def _text(path: Path, start: bytes, declared: str | None) -> str:
    if start.startswith(_NO_TEXT):
        raise _unsupported(path)
    head = start.replace(b"\x00", b"").decode("latin-1").removeprefix("ï»¿")
    head = head[_XML_LEAD.match(head).end() :]  # type: ignore[union-attr]
    if flat := _FLAT.match(head):
        return _office(path, flat[1])
    if _DRAWING.match(head):
        return SVG
    if head.startswith("WEBVTT"):
        return VTT
    if _PAGE.match(head) and declared != EML:
        return HTML
    if declared in _PLAIN and not (declared == CSV and head.startswith("<table")):
        return declared
    if _FRAGMENT.match(head):
        return HTML
    if declared in SHEETS and not head.startswith("<"):
        return CSV
    if (declared is None and path.suffix) or (b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise _unsupported(path)
    return TEXT


def _type_in_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            declared = ""
            if "mimetype" in names:
                with archive.open("mimetype") as member:
                    declared = member.read(200).decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise ReadError(f"{path.name} is broken or cut off: what is packed in it cannot be listed.") from error
    if declared:
        return _office(path, declared)
    if "xl/workbook.bin" in names:
        return XLSB
    for folder, kind in _OOXML:
        is_office = kind == SUFFIXES.get(path.suffix.lower()) or "[Content_Types].xml" in names
        if is_office and any(name.startswith(folder) for name in names):
            return kind
    if path.suffix.lower() in (".zip", ""):
        return ZIP
    raise _unsupported(path)


def _office(path: Path, declared: str) -> str:
    for kind in (ODT, ODP, ODS, EPUB):
        if declared.removesuffix("-template") == kind:
            return kind
    raise _unsupported(path)


def _compound(path: Path) -> str:
    """Returns the kind of a compound file (OLE 2), which old office programs write."""
    try:
        with olefile.OleFileIO(path) as file:
            for stream, kind in _OLE_STREAMS.items():
                if file.exists(stream):
                    return kind
            if file.exists("EncryptedPackage"):
                raise PasswordError(f"{path.name} is protected by a password: save it without one to read it.")
    except (OSError, ValueError, IndexError) as error:
        raise ReadError(f"{path.name} is broken or cut off: its directory cannot be read.") from error
    raise _unsupported(path)


def _unsupported(path: Path) -> UnsupportedError:
    return UnsupportedError(
        f"{path.name} is of no kind that can be read: PDF, office files, spreadsheets, images, HTML, Markdown, text, "
        "mail, books, videos, subtitles and archives of these are."
    )
