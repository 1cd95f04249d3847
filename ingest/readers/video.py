"""Videos as slides: a picture that stands still for a while is a page, and what is said meanwhile are its notes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time

import numpy as np
import pymupdf
from numpy.typing import NDArray

from octavo.ingest.errors import ReadError
from octavo.ingest.markup.charset import decode
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.discover import subtitles_of
from octavo.ingest.readers.pdf import describe
from octavo.ingest.readers.subtitles import parse_cues
from octavo.ingest.speech import Cue, format_time, join_cues, notes_of

STEP = 1.0
"""Seconds between the pictures that are compared."""
MOVING = 30.0
"""Seconds of a video that never stands still which make one page."""
_WIDTH, _HEIGHT = 320, 180
"""Points of the small gray pictures that are compared."""
_INK, _CHANGED = 40, 30
"""Levels of gray by which a point differs from the background, and by which it has changed."""
_GONE = 0.003
"""The share of points whose ink is gone, over which a picture is another slide. One that only adds is the same."""
_POINTS_PER_PIXEL = 0.75


@dataclass(frozen=True, slots=True)
class Slide:
    """A picture, as OpenCV's array of blue, green and red, and when it is shown, in seconds."""

    start: float
    end: float
    picture: NDArray[np.uint8]


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Returns a video as a PDF of its slides, labelled with their times, and what is said with each as its notes.

    Raises `ReadError` for what shows no picture, and, while it is decoded, for one of too many slides.
    """
    sentences = join_cues(_subtitles(path, options))
    pdf = workdir / f"{content_id(path)}.pdf"
    labels: list[str] = []
    notes: dict[int, str] = {}
    with pymupdf.open() as document:
        for slide in slides(frames(path, options.video_timeout)):
            _add(document, slide.picture, options)
            start = slide.start if labels else 0.0
            if spoken_notes := notes_of(sentences, start, slide.end):
                notes[len(labels)] = spoken_notes
            labels.append(f"{format_time(slide.start)}–{format_time(slide.end)}")
            if len(labels) > options.max_pages:
                raise ReadError(
                    f"{path.name} shows more than {options.max_pages:,} slides, the limit of pages: "
                    "raise OCTAVO_READING__MAX_PAGES to read it."
                )
        if not labels:
            raise ReadError(f"{path.name} is no readable video: it is broken, cut off or shows no picture.")
        document.save(pdf)
    problems = [] if sentences else ["what is said is not read: no subtitles that can be read stand in it or beside it"]
    if slide.end + MOVING < _length(path):
        problems.append(f"only its first {format_time(slide.end)} are read: raise OCTAVO_READING__VIDEO_TIMEOUT")
    return replace(describe(path, pdf, media_type), labels=tuple(labels), notes=notes, problems=tuple(problems))


def _length(path: Path) -> float:
    """Returns the seconds that a video lasts, 0 where it does not tell."""
    import cv2

    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        rate, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        return float(count / rate) if rate > 0 else 0.0
    finally:
        capture.release()


def frames(path: Path, timeout: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Yields a picture for each `STEP` of a video, with its time in seconds; OpenCV brings the decoders of FFmpeg.

    It ends after `timeout` seconds of the processor.
    """
    import cv2

    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    started = process_time()
    try:
        following = 0.0
        while capture.grab():
            time = max(0.0, capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
            if time >= following:
                is_whole, picture = capture.retrieve()
                if is_whole:
                    yield time, np.asarray(picture, np.uint8)
                    following = time + STEP
            if process_time() - started > timeout:
                return
    finally:
        capture.release()


def slides(pictures: Iterable[tuple[float, NDArray[np.uint8]]]) -> Iterator[Slide]:
    """Yields the slides among pictures with their times: each is the last picture before another slide.

    A slide that grows, point by point, is one. Pictures between two slides go with the second, and a stretch that never
    stands still has a page for each `MOVING`.
    """
    current: Slide | None = None
    small, is_still = _shrink(None), False
    for time, picture in pictures:
        before, small = small, _shrink(picture)
        is_same = current is not None and not _is_another(before, small)
        if current is None:
            current = Slide(time, time + STEP, picture)
        elif is_same or not (is_still or time - current.start >= MOVING):
            current = replace(current, end=time + STEP, picture=picture)
            is_still = is_still or is_same
        else:
            yield replace(current, end=time)
            current, is_still = Slide(time, time + STEP, picture), False
    if current is not None:
        yield current


def _shrink(picture: NDArray[np.uint8] | None) -> NDArray[np.int16]:
    import cv2

    if picture is None:
        return np.zeros((_HEIGHT, _WIDTH), np.int16)
    small = cv2.resize(picture, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.int16)


def _is_another(before: NDArray[np.int16], after: NDArray[np.int16]) -> bool:
    """Returns whether the ink of one picture is gone in the next, or its background is another."""
    old, new = _background(before), _background(after)
    if abs(old - new) > _CHANGED:
        return True
    gone = (np.abs(before - old) > _INK) & (np.abs(after - new) <= _INK) & (np.abs(before - after) > _CHANGED)
    return float(gone.mean()) > _GONE


def _background(picture: NDArray[np.int16]) -> int:
    return int(np.bincount(picture.ravel() // 4).argmax()) * 4


def _add(document: pymupdf.Document, picture: NDArray[np.uint8], options: ReadOptions) -> None:
    import cv2

    height, width = picture.shape[:2]
    shrink = min(1.0, (options.max_pixels / (width * height)) ** 0.5)
    if shrink < 1:
        picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA).astype(np.uint8)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
    page = document.new_page(width=width * _POINTS_PER_PIXEL, height=height * _POINTS_PER_PIXEL)
    page.insert_image(page.rect, stream=data.tobytes())


def _subtitles(path: Path, options: ReadOptions) -> list[Cue]:
    """Returns the cues of the subtitles beside a video, else of those in it, where the program `ffmpeg` is there."""
    for file in subtitles_of(path):
        return parse_cues(decode(file.read_bytes(), file.name))
    return parse_cues(_within(path, options.convert_timeout))


def _within(path: Path, timeout: float) -> str:
    program = shutil.which("ffmpeg")
    if program is None:
        return ""
    local = ["-protocol_whitelist", "file,pipe"]
    command = [program, "-v", "error", "-nostdin", *local, "-i", str(path), "-map", "0:s:0", "-f", "webvtt", "-"]
    try:
        run = subprocess.run(command, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return run.stdout.decode("utf-8", "replace")
