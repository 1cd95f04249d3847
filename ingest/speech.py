"""The speech of a video: sentences with their times, with which each line of a page's notes begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from octavo.ingest.sentences import sentence_ends

_TIME = r"\d+:[0-5]\d:[0-5]\d"
_LEAD = re.compile(rf"^{_TIME} ", re.M)
_PERIOD = re.compile(rf"{_TIME}–{_TIME}")
_PAUSE = 2.0
"""Seconds without speech that end a sentence."""
_LONGEST = 40
"""Words after which a line ends, as some subtitles have no full stops."""


class Cue(NamedTuple):
    """Words that are said from `start` to `end`, in seconds."""

    start: float
    end: float
    text: str


def format_time(seconds: float) -> str:
    """Returns a time as hours, minutes and seconds.

    >>> format_time(3725.6)
    '1:02:05'
    """
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def join_cues(cues: Iterable[Cue]) -> list[Cue]:
    """Returns cues joined to sentences, as subtitles break a sentence where a line is full.

    >>> join_cues([Cue(1, 2, "It rains"), Cue(2, 3, "today."), Cue(3, 4, "Stay in.")])
    [Cue(start=1, end=3, text='It rains today.'), Cue(start=3, end=4, text='Stay in.')]
    """
    results: list[Cue] = []
    for cue in cues:
        last = results[-1] if results else None
        if last is None or cue.start - last.end > _PAUSE or _is_whole(last.text, cue.text):
            results.append(cue)
        else:
            results[-1] = Cue(last.start, cue.end, f"{last.text} {cue.text}")
    return results


def _is_whole(text: str, following: str) -> bool:
    return len(text.split()) >= _LONGEST or len(text) + 1 in sentence_ends(f"{text} {following}")


def notes_of(sentences: Sequence[Cue], start: float, end: float) -> str:
    """Returns the sentences that begin from `start` to before `end`, each on a line with its time.

    >>> notes_of([Cue(1, 3, "It rains."), Cue(65, 66, "Stay in.")], 60, 90)
    '0:01:05 Stay in.'
    """
    return "\n".join(f"{format_time(s.start)} {s.text}" for s in sentences if start <= s.start < end)


def without_times(notes: str) -> str:
    """Returns notes without the times at the beginnings of their lines.

    >>> without_times("0:01:05 Stay in.")
    'Stay in.'
    """
    return _LEAD.sub("", notes)


def time_of(quote: str, notes: str) -> str:
    """Returns the time of the line of `notes` that a quote begins in; empty where none has one."""
    first = quote.partition("\n")[0]
    line = next((line for line in notes.splitlines() if first in line and _LEAD.match(line)), "")
    return line.partition(" ")[0]


def is_period(label: str) -> bool:
    """Returns whether a page's label is the time during which a video shows it.

    >>> is_period("0:01:05–0:02:10"), is_period("12")
    (True, False)
    """
    return _PERIOD.fullmatch(label) is not None
