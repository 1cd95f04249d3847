"""The title of a document: from its metadata if that names it, else from its first pages, else from its file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from octavo.ingest.model import Page

_FILE = re.compile(
    r"\S\.(?:docx?|dotx?|pdf|pptx?|potx?|xlsx?|html?|indd|qx[dp]|tex|dvi|e?ps|rtf|od[tps]|pages|key|md|txt|wpd|pub|ai|cdr|"
    r"tiff?|jpe?g|png)\b",
    re.I,
)
_PROGRAM = re.compile(
    r"(?:microsoft|openoffice|libreoffice|adobe|powerpoint|scan(?:ned)?)\b.*(?: - |document|presentation)", re.I
)
_EMPTY = re.compile(
    r"(?:un(?:titled|named|known|benannt)|sans titre|ohne titel|no ?(?:title|name)|titles?|title (?:page|goes here)|"
    r"(?:click to )?(?:add|insert|enter|edit) (?:the |your )?title.*|docum?ent(?:o|um)?|dokument|presentation|"
    r"präsentation|(?:blank |cover |front |title )?(?:page|slide|cover|sheet|book|doc|layout|section|folie)|template|"
    r"vorlage|draft|print|(?:recommended|suggested) citation|(?:table of )?contents|abstract|summary|"
    r"scan(?:ned)?|image|copy|test|new|final|default|temp|none|null|n/?a)[\s_()-]*\d*",
    re.I,
)
_LIKE_TEXT = 0.5
"""This share of a title's words stands on the first pages at least where they say anything."""


def title_of(metadata: str, path: Path, pages: Sequence[Page]) -> str:
    """Returns the best title known for a file at `path`.

    What its metadata says is taken if it is no name of a file or template and, where the first pages have a heading of
    their own, if they say most of its words too.
    """
    heading = next((page.title for page in pages[:3] if page.title and not is_empty(page.title)), "")
    if metadata and not is_empty(metadata) and (not heading or _is_said(metadata, pages[:3])):
        return metadata
    return heading or path.stem


def is_empty(title: str) -> bool:
    """Returns true for a title that names no document: a file's name, a program's, or a template's.

    >>> [is_empty(title) for title in ("untitled", "Microsoft Word - x.docx", "RECOMMENDED CITATION", "2021_final_v3")]
    [True, True, True, True]
    >>> is_empty("Annual report 2021")
    False
    """
    stripped = title.strip(" .:-_*()[]\"'")
    no_words = not re.search(r"[^\W\d_]{2}", stripped)
    one_name = " " not in stripped and bool(re.search(r"[_\d]", stripped)) and len(stripped) > 4
    return (
        no_words or one_name or bool(_FILE.search(stripped) or _PROGRAM.match(stripped) or _EMPTY.fullmatch(stripped))
    )


def _is_said(title: str, pages: Sequence[Page]) -> bool:
    page_words = {word for page in pages for e in page.elements for word in _words(e.text)}
    words = _words(title)
    return sum(word in page_words for word in words) >= _LIKE_TEXT * len(words)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
