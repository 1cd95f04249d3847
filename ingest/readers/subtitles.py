"""Subtitles: SRT and WebVTT, each cue with its time."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.markup.blocks import Grid, MarkupContent
from octavo.ingest.markup.charset import decode
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.base import Source
from octavo.ingest.readers.web import source_of
from octavo.ingest.speech import Cue, format_time
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
    rows = [[f"{_clock(cue.start)}–{_clock(cue.end)}", cue.text] for cue in cues]
    content = MarkupContent("", (Grid(Table.of([["Time", "Words"], *rows], header_rows=1)),))
    return source_of(content, path, media_type, options, workdir)


def parse_cues(text: str) -> list[Cue]:
    """Returns the cues of subtitles, in seconds; a named speaker stands before what is said.

    >>> parse_cues("1\\n00:01:02,500 --> 00:01:04,000\\n<i>Good</i> morning,\\nall.\\n")
    [Cue(start=62.5, end=64.0, text='Good morning, all.')]
    """
    results = []
    for match in _CUE.finditer(text):
        words = " ".join(html.unescape(_TAG.sub("", _VOICE.sub(r"\1: ", match[3]))).split())
        if words:
            results.append(Cue(_seconds(match[1]), _seconds(match[2]), words))
    return results


def format_cues(cues: Iterable[Cue]) -> str:
    """Returns cues as WebVTT, which `parse_cues` reads back.

    >>> format_cues([Cue(62.5, 64, "Good morning, all.")])
    'WEBVTT\\n\\n00:01:02.500 --> 00:01:04.000\\nGood morning, all.\\n'
    """
    return "WEBVTT\n\n" + "\n".join(f"{_stamp(c.start)} --> {_stamp(c.end)}\n{_escaped(c.text)}\n" for c in cues)


def _escaped(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=False)


def _seconds(time: str) -> float:
    total = 0.0
    for part in time.replace(",", ".").split(":"):
        total = 60 * total + float(part)
    return total


def _clock(seconds: float) -> str:
    return format_time(seconds).zfill(8)


def _stamp(seconds: float) -> str:
    """Returns a time to the millisecond, in hours, minutes and seconds."""
    milliseconds = round(1000 * seconds)
    return f"{_clock(milliseconds // 1000)}.{milliseconds % 1000:03}"
