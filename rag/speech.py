"""Speech to text by an endpoint that speaks OpenAI's `/audio/transcriptions`, such as a server of Whisper."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from octavo.ingest import MissingToolError, OctavoError
from octavo.ingest.speech import Cue
from octavo.rag.clients.http import Endpoint, SettingNames
from octavo.rag.settings import SpeechOptions

SETTINGS = SettingNames.under("OCTAVO_SPEECH__")
PIECE = 600
"""Seconds of speech in one request."""
LARGEST = 25_000_000
"""Bytes of a file that endpoints take."""
SOUND_SECONDS = 1_800
"""Seconds that ffmpeg may take to get the sound out of a video."""


def transcribe(video: Path, options: SpeechOptions, language: str = "") -> list[Cue]:
    """Returns what is said in a video or a recording, with its times.

    Parameters
    ----------
    video
        The file. The program `ffmpeg`, where it is there, takes the sound out of it, in pieces of ten minutes; without
        it the file is sent as it is, which endpoints take up to 25 MB.
    options
        The endpoint and its model.
    language
        That of the speech, such as `de`; empty: the model tells it.

    Raises
    ------
    EndpointError
        Where the endpoint cannot be asked, or gives no times.
    MissingToolError
        For a large file without ffmpeg.
    OctavoError
        Where no endpoint is set, or no sound is in the file.
    """
    if not options.url:
        raise OctavoError(f"No endpoint for speech is set: name one of Whisper by {SETTINGS.url}.")
    endpoint = Endpoint(options.url, SETTINGS, key=options.key, timeout=options.timeout)
    body = {"model": options.model, "response_format": "verbose_json", **({"language": language} if language else {})}
    cues: list[Cue] = []
    with _sound_of(video) as pieces, endpoint.open() as http:
        for n, piece in enumerate(pieces):
            answer = endpoint.post(http, "audio/transcriptions", body, piece)
            try:
                cues += [
                    Cue(n * PIECE + float(part["start"]), n * PIECE + float(part["end"]), str(part["text"]).strip())
                    for part in answer["segments"]
                ]
            except (KeyError, TypeError, ValueError) as error:
                raise endpoint.unreadable(f"no segments with their times, as {options.model} should give") from error
    return [cue for cue in cues if cue.text]


@contextmanager
def _sound_of(video: Path) -> Iterator[list[Path]]:
    """Yields the files to send: pieces of the sound, or the file itself."""
    program = shutil.which("ffmpeg")
    if program is None:
        if video.stat().st_size > LARGEST:
            raise MissingToolError(
                f"{video.name} has more than {LARGEST // 1_000_000} MB, which is too large to be sent whole: install "
                "ffmpeg, which takes the sound out of it."
            )
        yield [video]
        return
    with tempfile.TemporaryDirectory() as folder:
        sound = ["-vn", "-ac", "1", "-ar", "16000", "-f", "segment", "-segment_time", str(PIECE), "-c:a", "flac"]
        local = ["-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe"]
        try:
            run = subprocess.run(
                [program, *local, "-i", str(video.absolute()), *sound, f"{folder}/%05d.flac"],
                capture_output=True,
                check=False,
                timeout=SOUND_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise OctavoError(
                f"ffmpeg did not get the sound out of {video.name} in {SOUND_SECONDS} seconds: cut the video up."
            ) from error
        pieces = sorted(Path(folder).glob("*.flac"))
        if run.returncode or not pieces:
            raise OctavoError(f"{video.name} holds no sound that ffmpeg can read.")
        yield pieces
