"""Slides and text documents of office programs, through LibreOffice."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive, wordml
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.kinds import DOC, DOCX, ODP, ODT, PPT, PPTX
from octavo.ingest.readers.libreoffice import convert
from octavo.ingest.readers.pdf import describe
from octavo.ingest.text_layer import clean

_SUFFIXES = {
    PPTX: ".pptx",
    PPT: ".ppt",
    ODP: ".odp",
    DOCX: ".docx",
    DOC: ".doc",
    ODT: ".odt",
    "application/rtf": ".rtf",
}
_SLIDES = (PPTX, PPT, ODP)
_HIDDEN_TOO = ':{"ExportHiddenSlides":{"type":"boolean","value":"true"}}'


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """An office file as the PDF that LibreOffice makes of it; a deck's notes and hidden slides from its own XML."""
    with tempfile.TemporaryDirectory(dir=workdir) as folder:
        copy, problems = _copied(path, media_type, Path(folder), options)
        if media_type not in _SLIDES:
            pdf = convert(copy, "pdf:writer_pdf_Export", workdir, options.convert_timeout, path.name)
            return replace(describe(path, pdf, media_type), problems=tuple(problems))
        pdf = convert(copy, "pdf:impress_pdf_Export" + _HIDDEN_TOO, workdir, options.convert_timeout, path.name)
        if media_type != PPTX:
            copy = convert(copy, "pptx", Path(folder), options.convert_timeout, path.name)
        notes, hidden = _slides(copy, path.name)
        return replace(describe(path, pdf, media_type), notes=notes, hidden=hidden)


def _copied(path: Path, media_type: str, folder: Path, options: ReadOptions) -> tuple[Path, list[str]]:
    """A copy with the suffix of what the file is, and what is left out of it, in sentences.

    A packed file is packed anew, so that its sizes are true; a DOCX is made ready on the way.
    """
    copy = folder / f"{content_id(path)}{_SUFFIXES[media_type]}"
    with path.open("rb") as file:
        packed = file.read(2) == b"PK"
    if not packed:
        shutil.copyfile(path, copy)
        return copy, []
    changed, problems = wordml.prepared(path, options) if media_type == DOCX else ({}, [])
    archive.repack(path, copy, options, changed)
    return copy, problems


def _slides(deck: Path, name: str) -> tuple[Mapping[int, str], frozenset[int]]:
    """Speaker notes by slide, and which slides are hidden."""
    from pptx import Presentation
    from pptx.exc import PackageNotFoundError

    try:
        slides = list(Presentation(str(deck)).slides)
        notes = {n: s.notes_slide.notes_text_frame for n, s in enumerate(slides) if s.has_notes_slide}
        said = {n: clean(frame.text.replace("\n", " ")) for n, frame in notes.items() if frame is not None}
        hidden = frozenset(n for n, s in enumerate(slides) if s.element.get("show") in ("0", "false"))
    except (PackageNotFoundError, KeyError, ValueError, AttributeError) as error:
        raise ReadError(f"{name} holds slides whose notes cannot be read: it is broken.") from error
    return {n: text for n, text in said.items() if text}, hidden
