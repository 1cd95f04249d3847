"""Checks of what is installed, of the library and of model endpoints."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, version

from octavo import __version__
from octavo.apps.chat import ChatOptions
from octavo.apps.cli.endpoints import findings
from octavo.apps.cli.output import count_of, older
from octavo.apps.cli.words import in_cli_words
from octavo.ingest import LibraryError
from octavo.ingest.readers.libreoffice import without_network
from octavo.rag import Settings
from octavo.rag.library import open_library


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `required` ones make the doctor fail; the others say what would be missing and what installs it."""

    name: str
    ok: bool
    text: str
    required: bool = False


_OTHER_PREFIXES = ("OCTAVO_TEST_", "OCTAVO_SCREENSHOTS")
"""Variables of the project's own tests."""


def examine(settings: Settings) -> list[Check]:
    """Returns all checks, in the order in which a person would make them."""
    return [*_packages(), *_tools(), *_library(settings), *_variables(), *_endpoints(settings)]


def _packages() -> Iterator[Check]:
    yield Check("octavo", True, __version__, required=True)
    yield Check("python", True, platform.python_version(), required=True)
    for name in ("pymupdf", "rapidocr", "wordllama", "chromadb", "llama-index-core"):
        try:
            yield Check(name, True, version(name), required=True)
        except PackageNotFoundError:
            yield Check(name, False, "not installed: run `pip install octavo`", required=True)


def _tools() -> Iterator[Check]:
    for program, use, package in (
        (
            "soffice",
            "PPTX, PPT, ODP, DOCX, DOC, ODT and RTF cannot be read",
            "libreoffice-impress and libreoffice-writer",
        ),
        ("pdftoppm", "the renderer `poppler` cannot be used", "poppler-utils"),
    ):
        path = shutil.which(program)
        yield Check(program, bool(path), path or f"not found: {use}; install {package}")
    if shutil.which("soffice"):
        is_isolated = bool(without_network())
        text = "LibreOffice runs without one" if is_isolated else "LibreOffice is kept off it by its settings alone: "
        yield Check(
            "network", is_isolated, text if is_isolated else f"{text}user namespaces (`unshare --net`) are not allowed"
        )


def _library(settings: Settings) -> Iterator[Check]:
    if not (settings.library / "library.sqlite").is_file():
        yield Check("library", True, f"none yet in {settings.library}; `octavo ingest PATH` makes it")
        return
    try:
        with open_library(settings) as library:
            infos = library.documents()
    except LibraryError as error:
        yield Check("library", False, in_cli_words(str(error), error.code), required=True)
        return
    pages = count_of(sum(info.pages for info in infos), "page")
    yield Check("library", True, f"{settings.library}: {count_of(len(infos), 'document')}, {pages}")
    if note := older(infos):
        yield Check("library", False, note)


def _variables() -> Iterator[Check]:
    """Environment variables that look like settings and are none; names within a setting are checked as it is read."""
    variables = ["OCTAVO_" + name.upper() for name in Settings.model_fields]
    variables += ["OCTAVO_CHAT_" + name.upper() for name in ChatOptions.model_fields]
    for name in sorted(os.environ):
        if (
            name.startswith("OCTAVO_")
            and not name.startswith(_OTHER_PREFIXES)
            and name.partition("__")[0] not in variables
        ):
            near = get_close_matches(name, variables, 1)
            yield Check(name, False, f"is no setting{f': did you mean {near[0]}?' if near else ''}")


def _endpoints(settings: Settings) -> Iterator[Check]:
    for name, ok, text in findings(settings):
        yield Check(name, ok, text, required=True)
    if not settings.llm_url:
        yield Check("model", True, "none set: answers are quotes; OCTAVO_LLM_URL or --llm-url names an endpoint")
