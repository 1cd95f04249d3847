"""What is installed, what the library is, and whether model endpoints do what they should."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from ingest import LibraryError
from ingest.library import Library
from rag import Settings

from .endpoints import findings


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `required` ones make the doctor fail; the others say what would be missing and what installs it."""

    name: str
    ok: bool
    text: str
    required: bool = False


def examine(settings: Settings) -> list[Check]:
    """All checks, in the order a person would make them."""
    return [*_packages(), *_tools(), _library(settings), *_endpoints(settings)]


def _packages() -> Iterator[Check]:
    yield Check("python", True, platform.python_version(), required=True)
    for name in ("octavo", "pymupdf", "rapidocr", "wordllama", "chromadb", "llama-index-core"):
        try:
            yield Check(name, True, version(name), required=True)
        except PackageNotFoundError:
            yield Check(name, False, "not installed: run `pip install octavo`", required=True)


def _tools() -> Iterator[Check]:
    for program, use, package in (
        ("soffice", "PPTX, PPT, ODP and DOCX", "libreoffice-impress and libreoffice-writer"),
        ("pdftoppm", "the renderer `poppler`", "poppler-utils"),
    ):
        path = shutil.which(program)
        yield Check(program, bool(path), path or f"not found: {use} cannot be read; install {package}")


def _library(settings: Settings) -> Check:
    if not (settings.library / "library.sqlite").is_file():
        return Check("library", True, f"none yet in {settings.library}; `octavo ingest PATH` makes it")
    try:
        with Library(settings.library) as library:
            infos = library.documents()
    except LibraryError as error:
        return Check("library", False, str(error), required=True)
    return Check("library", True, f"{settings.library}: {len(infos)} documents, {sum(i.pages for i in infos)} pages")


def _endpoints(settings: Settings) -> Iterator[Check]:
    for name, ok, text in findings(settings):
        yield Check(name, ok, text, required=True)
    if not settings.llm_url:
        yield Check("model", True, "none set: answers are quotes; OCTAVO_LLM_URL or --llm-url names an endpoint")
