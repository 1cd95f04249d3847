"""Slides and text documents of office programs, through LibreOffice."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from octavo.ingest.errors import MissingToolError, ReadError
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.pdf import describe
from octavo.ingest.text_layer import clean

_SLIDES = {".pptx", ".ppt", ".odp"}
_HIDDEN_TOO = ':{"ExportHiddenSlides":{"type":"boolean","value":"true"}}'


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """An office file as the PDF that LibreOffice makes of it; a deck's notes and hidden slides from its own XML."""
    if path.suffix.lower() in _SLIDES:
        pdf = convert(path, "pdf:impress_pdf_Export" + _HIDDEN_TOO, workdir, options.convert_timeout)
        source = describe(path, pdf, media_type)
        notes, hidden = _slides(path, workdir, options)
        return replace(source, notes=notes, hidden=hidden)
    pdf = convert(path, "pdf:writer_pdf_Export", workdir, options.convert_timeout)
    return describe(path, pdf, media_type)


def convert(path: Path, target: str, workdir: Path, timeout: float) -> Path:
    """Converts one file by LibreOffice into `workdir`, in a profile of its own that is thrown away; bounded in time."""
    program = shutil.which("soffice")
    if program is None:
        raise MissingToolError(
            f"{path.name} needs LibreOffice: install libreoffice-impress and libreoffice-writer "
            "(Debian, Ubuntu) or LibreOffice (macOS, Windows), so that `soffice` is on the PATH."
        )
    suffix = target.partition(":")[0]
    with tempfile.TemporaryDirectory(dir=workdir) as folder:
        copy = Path(folder) / f"{content_id(path)}{path.suffix.lower()}"
        shutil.copyfile(path, copy)
        _run(
            [
                program,
                f"-env:UserInstallation={Path(folder, 'profile').as_uri()}",
                "--headless", "--norestore", "--nolockcheck", "--nodefault",
                "--convert-to", target, "--outdir", folder, str(copy),
            ],
            path.name,
            timeout,
        )  # fmt: skip
        made = copy.with_suffix(f".{suffix}")
        if not made.is_file() or not made.stat().st_size:
            raise ReadError(f"{path.name} cannot be converted by LibreOffice: it is broken or protected by a password.")
        return made.rename(workdir / made.name)


def _run(command: list[str], name: str, timeout: float) -> None:
    """Runs a command in a process group of its own, which is killed as a whole when its time is over."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise ReadError(
                f"{name} was not converted by LibreOffice within {timeout:.0f} s: raise "
                "OCTAVO_READING__CONVERT_TIMEOUT."
            ) from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _slides(path: Path, workdir: Path, options: ReadOptions) -> tuple[Mapping[int, str], frozenset[int]]:
    """Speaker notes by slide, and which slides are hidden; old formats are converted to PPTX for it."""
    from pptx import Presentation
    from pptx.exc import PackageNotFoundError

    pptx = path if path.suffix.lower() == ".pptx" else convert(path, "pptx", workdir, options.convert_timeout)
    try:
        slides = list(Presentation(str(pptx)).slides)
        notes = {n: s.notes_slide.notes_text_frame for n, s in enumerate(slides) if s.has_notes_slide}
        said = {n: clean(frame.text.replace("\n", " ")) for n, frame in notes.items() if frame is not None}
        hidden = frozenset(n for n, s in enumerate(slides) if s.element.get("show") in ("0", "false"))
    except (PackageNotFoundError, KeyError, ValueError, AttributeError) as error:
        raise ReadError(f"{path.name} holds slides whose notes cannot be read: it is broken.") from error
    return {n: text for n, text in said.items() if text}, hidden
