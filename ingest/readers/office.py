"""Slides and text documents of office programs, through LibreOffice."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive, slideml, wordml
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.kinds import DOC, DOCX, ODP, ODT, PPT, PPTX
from octavo.ingest.readers.libreoffice import convert
from octavo.ingest.readers.pdf import describe

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
_COMMENTS = '"ExportNotes":{"type":"boolean","value":"true"}'
_TEXT = f"pdf:writer_pdf_Export:{{{_COMMENTS}}}"
_DECK = f'pdf:impress_pdf_Export:{{{_COMMENTS},"ExportHiddenSlides":{{"type":"boolean","value":"true"}}}}'


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """An office file as the PDF that LibreOffice makes of it, and what a deck's own XML says of its slides."""
    with tempfile.TemporaryDirectory(dir=workdir) as folder:
        copy, problems = _copied(path, media_type, Path(folder), options)
        if media_type not in _SLIDES:
            pdf = convert(copy, _TEXT, workdir, options.convert_timeout, path.name)
            return replace(describe(path, pdf, media_type), problems=tuple(problems))
        pdf = convert(copy, _DECK, workdir, options.convert_timeout, path.name)
        if media_type != PPTX:
            copy = convert(copy, "pptx", Path(folder), options.convert_timeout, path.name)
        slides = slideml.read(copy, path.name)
    return replace(
        describe(path, pdf, media_type),
        notes=slides.notes,
        hidden=slides.hidden,
        described=slides.described,
        problems=slides.problems,
    )


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
    if media_type == PPTX:
        changed = slideml.prepared(path, options)
    archive.repack(path, copy, options, changed)
    return copy, problems
