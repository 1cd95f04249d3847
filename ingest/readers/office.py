"""Slides and text documents of office programs, through LibreOffice."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive, odtext, slideml, wordml
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.kinds import DOC, DOCX, ODP, ODT, OFFICE, PPT, PPTX, RTF
from octavo.ingest.readers.libreoffice import convert_each
from octavo.ingest.readers.pdf import describe

_SUFFIXES = {PPTX: ".pptx", PPT: ".ppt", ODP: ".odp", DOCX: ".docx", DOC: ".doc", ODT: ".odt", RTF: ".rtf"}
assert set(_SUFFIXES) == OFFICE
_SLIDES = (PPTX, PPT, ODP)
_COMMENTS = '"ExportNotes":{"type":"boolean","value":"true"}'
_TEXT = f"pdf:writer_pdf_Export:{{{_COMMENTS}}}"
_DECK = f'pdf:impress_pdf_Export:{{{_COMMENTS},"ExportHiddenSlides":{{"type":"boolean","value":"true"}}}}'


@dataclass
class _File:
    """A file on its way: its copy in the form it has reached, and the PDF once it is made."""

    path: Path
    kind: str
    copy: Path = Path()
    pdf: Path = Path()
    problems: tuple[str, ...] = ()
    error: ReadError | None = None


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Returns an office file as the PDF that LibreOffice makes of it, and what a deck's own XML says of its slides."""
    [source] = read_each([(path, media_type)], options, workdir)
    if isinstance(source, ReadError):
        raise source
    return source


def read_each(files: Sequence[tuple[Path, str]], options: ReadOptions, workdir: Path) -> list[Source | ReadError]:
    """Reads files, given with their media types, in as few runs of LibreOffice as there are kinds of steps.

    Each has its source, or the error that it failed with; the others go on.
    """
    with tempfile.TemporaryDirectory(dir=workdir) as name:
        folder = Path(name)
        results = [_File(path, kind) for path, kind in files]
        for n, file in enumerate(results):
            (folder / str(n)).mkdir()
            _try(file, lambda file, n=n: _copy(file, folder / str(n), options))  # type: ignore[misc]
        old = [file for file in results if file.kind in (DOC, RTF)]
        _convert(old, "docx", folder, options)
        for file in old:
            _try(file, lambda file: _prepare_docx(file, options))
        _convert([file for file in results if file.kind not in _SLIDES], _TEXT, workdir, options)
        decks = [file for file in results if file.kind in _SLIDES]
        _convert(decks, _DECK, workdir, options)
        _convert([file for file in decks if file.kind != PPTX], "pptx", folder, options)
        return [_source(file) for file in results]


def _try(file: _File, step: Callable[[_File], None]) -> None:
    """Takes a file one step further, unless it has failed."""
    if file.error is None:
        try:
            step(file)
        except ReadError as error:
            file.error = error


def _copy(file: _File, folder: Path, options: ReadOptions) -> None:
    """Makes a copy with the suffix of what the file is; what LibreOffice would lose is written into it.

    A packed file is repacked, so that its sizes are true.
    """
    file.copy = folder / f"{content_id(file.path)}{_SUFFIXES[file.kind]}"
    with file.path.open("rb") as opened:
        packed = opened.read(2) == b"PK"
    if not packed:
        shutil.copyfile(file.path, file.copy)
        return
    changed: dict[str, bytes] = {}
    if file.kind == DOCX:
        changed, problems = wordml.prepare_docx(file.path, options)
        file.problems = tuple(problems)
    elif file.kind == ODT:
        changed, problems = odtext.prepare_odt(file.path, options)
        file.problems = tuple(problems)
    elif file.kind == PPTX:
        changed = slideml.prepare_pptx(file.path, options)
    archive.repack(file.path, file.copy, options, changed)


def _prepare_docx(file: _File, options: ReadOptions) -> None:
    """Makes a DOCX ready that LibreOffice made of an older file."""
    changed, problems = wordml.prepare_docx(file.copy, options)
    target = file.copy.with_suffix(".ready.docx")
    archive.repack(file.copy, target, options, changed)
    file.copy, file.problems = target, tuple(problems)


def _convert(files: Iterable[_File], target: str, folder: Path, options: ReadOptions) -> None:
    """Converts the copies of files in one run; a PDF is their `pdf`, any other form their new copy."""
    convertible = [file for file in files if file.error is None]
    converted = convert_each(
        [(file.copy, file.path.name) for file in convertible], target, folder, options.convert_timeout
    )
    for file, result in zip(convertible, converted, strict=True):
        if isinstance(result, ReadError):
            file.error = result
        elif target.startswith("pdf"):
            file.pdf = result
        else:
            file.copy = result


def _source(file: _File) -> Source | ReadError:
    if file.error is not None:
        return file.error
    try:
        source = replace(describe(file.path, file.pdf, file.kind), problems=file.problems)
        if file.kind not in _SLIDES:
            return source
        slides = slideml.read(file.copy, file.path.name)
    except ReadError as error:
        return error
    return replace(
        source, notes=slides.notes, hidden=slides.hidden, described=slides.described, problems=slides.problems
    )
