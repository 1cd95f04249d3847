"""Videos, drawn here: their slides, what is said with them, and the times of both in citations."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest

from octavo import Pipeline
from octavo.ingest import ReadError, ReadOptions
from octavo.ingest.readers import find, open
from octavo.ingest.readers.discover import subtitles_of
from octavo.ingest.readers.kinds import AVI, MP4, media_type
from octavo.ingest.readers.subtitles import format_cues, parse_cues
from octavo.ingest.readers.video import frames, slides
from octavo.ingest.speech import Cue

SUBTITLES = """WEBVTT

00:00:01.000 --> 00:00:02.000
The Harrow pump moves

00:00:02.000 --> 00:00:03.000
forty liters a minute.

00:00:05.500 --> 00:00:07.000
Its filter is changed every March.
"""


def drawn(*lines: str, shade: int = 255) -> np.ndarray:
    picture = np.full((360, 640, 3), shade, np.uint8)
    for n, line in enumerate(lines):
        cv2.putText(picture, line, (30, 80 + 60 * n), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)
    return picture


def write(path: Path, shown: Iterable[tuple[np.ndarray, int]]) -> Path:
    """Writes a video of pictures, each with the seconds that it is shown, at four frames a second."""
    out = cv2.VideoWriter(
        str(path), cv2.VideoWriter_fourcc(*("MJPG" if path.suffix == ".avi" else "mp4v")), 4, (640, 360)
    )
    assert out.isOpened()
    for picture, seconds in shown:
        for _ in range(4 * seconds):
            out.write(picture)
    out.release()
    return path


TALK = [(drawn("Pumps"), 3), (drawn("Pumps", "Harrow: 40 l/min"), 2), (drawn("Filters", "Change in March"), 4)]


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    (tmp_path / "talk.en.vtt").write_text(SUBTITLES)
    return write(tmp_path / "talk.mp4", TALK)


def test_a_slide_that_grows_is_one_page_and_another_slide_the_next(talk: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    source = open(talk, ReadOptions(), workdir=tmp_path / "work")
    assert source.labels == ("0:00:00–0:00:05", "0:00:05–0:00:09")
    assert source.notes == {
        0: "0:00:01 The Harrow pump moves forty liters a minute.",
        1: "0:00:05 Its filter is changed every March.",
    }
    with pymupdf.open(source.pdf) as document:
        assert document[0].rect == (0, 0, 480, 270)
    assert not source.problems


def test_a_video_that_takes_too_long_is_read_in_part(tmp_path: Path) -> None:
    long = write(tmp_path / "long.mp4", [(drawn("Pumps"), 50)])
    source = open(long, ReadOptions(video_timeout=1e-9), workdir=tmp_path)
    assert source.problems == (
        "what is said is not read: no subtitles that can be read stand in it or beside it",
        "only its first 0:00:01 are read: raise OCTAVO_READING__VIDEO_TIMEOUT",
    )


def test_a_video_of_too_many_slides_is_refused_while_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = write(tmp_path / "many.avi", [(drawn(str(n), shade=255 - 60 * (n % 2)), 2) for n in range(6)])
    times = list[float]()
    monkeypatch.setattr(
        "octavo.ingest.readers.video.frames",
        lambda path, timeout: (times.append(time) or (time, picture) for time, picture in frames(path, timeout)),
    )
    with pytest.raises(ReadError, match="shows more than 2 slides"):
        open(video, ReadOptions(max_pages=2), workdir=tmp_path)
    assert max(times) < 8


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_subtitles_in_a_video_are_read_by_ffmpeg(talk: Path, tmp_path: Path) -> None:
    lecture, words = tmp_path / "lecture.mp4", tmp_path / "talk.en.vtt"
    command = ["ffmpeg", "-v", "error", "-i", talk, "-i", words, "-c:v", "copy", "-c:s", "mov_text", lecture]
    subprocess.run(command, check=True)
    source = open(lecture, ReadOptions(), workdir=tmp_path)
    assert source.notes[0] == "0:00:01 The Harrow pump moves forty liters a minute."
    assert not source.problems


def test_pictures_that_never_stand_still_make_a_page_for_each_half_minute() -> None:
    source = np.random.default_rng(0)
    moving = [(float(t), source.integers(0, 255, (360, 640, 3), dtype=np.uint8)) for t in range(70)]
    assert [(s.start, s.end) for s in slides(moving)] == [(0, 30), (30, 60), (60, 70)]
    flash = [(0.0, drawn("A")), (1.0, drawn("A")), (2.0, drawn("x", shade=90)), (3.0, drawn("B")), (4.0, drawn("B"))]
    assert [(s.start, s.end) for s in slides(flash)] == [(0, 2), (2, 5)]


def test_subtitles_beside_a_video_are_no_document_of_a_folder(talk: Path) -> None:
    (talk.parent / "other.srt").write_text("1\n00:00:01,0 --> 00:00:02,0\nYes\n")
    assert [path.name for path in find([talk.parent])] == ["other.srt", "talk.mp4"]
    assert [path.name for path in find([talk.parent / "talk.en.vtt"])] == ["talk.en.vtt"]


def test_kinds_are_told_by_their_bytes(tmp_path: Path) -> None:
    assert media_type(write(tmp_path / "a.mp4", TALK[:1])) == MP4
    assert media_type(write(tmp_path / "a.avi", TALK[:1])) == AVI
    broken = tmp_path / "broken.mp4"
    broken.write_bytes((tmp_path / "a.mp4").read_bytes()[:200])
    with pytest.raises(ReadError, match=r"broken.mp4 is no readable video"):
        open(broken, ReadOptions(), workdir=tmp_path)


def test_citations_name_the_time_of_what_is_said_and_shown(talk: Path, tmp_path: Path) -> None:
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(talk)
        spoken = pipeline.ask("How often is the filter changed?")
        assert "every March" in spoken.text
        assert "0:00" not in spoken.text
        assert [(c.page_number, c.part, c.boxes) for c in spoken.citations] == [(2, "speech at 0:00:05", ())]
        shown = pipeline.ask("What does the slide say of the Harrow in l/min?")
        assert {(c.page_number, c.part) for c in shown.citations if c.boxes} == {(1, "frame at 0:00:00–0:00:05")}


def test_subtitles_that_a_link_leads_to_elsewhere_and_folders_are_not_read(talk: Path, tmp_path: Path) -> None:
    (talk.parent / "talk.en.vtt").unlink()
    inside = tmp_path / "inside"
    inside.mkdir()
    video = talk.rename(inside / "talk.MP4")
    (inside / "talk.vtt").mkdir()
    (tmp_path / "secret.vtt").write_text(SUBTITLES)
    (inside / "talk.de.vtt").symlink_to(tmp_path / "secret.vtt")
    assert subtitles_of(video) == []
    (inside / "talk.en.srt").write_text("1\n00:00:01,0 --> 00:00:02,0\nYes\n")
    assert [path.name for path in subtitles_of(video)] == ["talk.en.srt"]
    assert find([inside]) == [video]


def test_what_is_written_as_subtitles_is_read_back() -> None:
    cues = [Cue(1, 2, "If a < b, or b > c: R&D"), Cue(2, 3, "see\n\n00:00:09.000 --> 00:00:10.000 here")]
    assert [cue.text for cue in parse_cues(format_cues(cues))] == [" ".join(cue.text.split()) for cue in cues]
