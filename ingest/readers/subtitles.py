"""Subtitles: SRT and WebVTT, each cue with its time."""

from __future__ import annotations

import html
import re
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.markup.blocks import Content, Grid
from octavo.ingest.markup.charset import decode
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.base import Source
from octavo.ingest.readers.web import source_of
from octavo.ingest.table import Table

_TIME = r"(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_CUE = re.compile(rf"^[ \t]*({_TIME})[ \t]*-->[ \t]*({_TIME})[^\n]*((?:\n[^\n]*\S[^\n]*)*)", re.M)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^>\n]*>|<[\d:.]+>|\{\\[^}]*\}")


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Returns subtitles as a table of times and words."""
    cues = parse_cues(decode(path.read_bytes(), path.name))
    if not cues:
        raise ReadError(f"{path.name} holds no subtitles: no line gives a time (00:00:01,000 --> 00:00:02,000).")
    content = Content("", (Grid(Table.of([["Time", "Words"], *cues], header_rows=1)),))
    return source_of(content, path, media_type, options, workdir)


def parse_cues(text: str) -> list[list[str]]:
    """Returns the cues of subtitles: from when to when, and what is said; a named speaker stands before it.

    >>> parse_cues("1\\n00:01:02,500 --> 00:01:04,000\\n<i>Good</i> morning,\\nall.\\n")
    [['00:01:02–00:01:04', 'Good morning, all.']]
    """
    results = []
    for match in _CUE.finditer(text):
        words = " ".join(html.unescape(_TAG.sub("", _VOICE.sub(r"\1: ", match[3]))).split())
        if words:
            results.append([f"{_short(match[1])}–{_short(match[2])}", words])
    return results


def _short(time: str) -> str:
    """Returns hours, minutes and seconds."""
    parts = re.split(r"[.,]", time)[0].split(":")
    return ":".join(part.zfill(2) for part in ["0"] * (3 - len(parts)) + parts)
