"""What is said in a video, from an endpoint that hears: requests, times, and what goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from octavo.ingest import MissingToolError, OctavoError
from octavo.ingest.speech import Cue
from octavo.rag import speech
from octavo.rag.clients.errors import EndpointError
from octavo.rag.settings import SpeechOptions
from octavo.rag.speech import transcribe
from tests.apps.cli.command import octavo

SEGMENTS = [{"start": 1.5, "end": 3, "text": " It rains."}, {"start": 4, "end": 5, "text": " "}]


@contextmanager
def hearing(answer: Any, status: int = 200) -> Iterator[tuple[SpeechOptions, list[tuple[str, bytes]]]]:
    """An endpoint that answers every request alike, and what it was sent."""
    requests: list[tuple[str, bytes]] = []

    class Hearing(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            requests.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    with ThreadingHTTPServer(("127.0.0.1", 0), Hearing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield SpeechOptions(url=f"http://127.0.0.1:{server.server_address[1]}/v1", model="whisper"), requests
        server.shutdown()
        thread.join()


@pytest.fixture
def video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(speech.shutil, "which", lambda program: None)
    (tmp_path / "talk.mp4").write_bytes(b"moving pictures")
    return tmp_path / "talk.mp4"


def test_a_video_is_sent_as_a_form_and_segments_come_with_their_times(video: Path) -> None:
    with hearing({"text": "It rains.", "segments": SEGMENTS}) as (options, requests):
        assert transcribe(video, options, "en") == [Cue(1.5, 3, "It rains.")]
    [(path, body)] = requests
    assert path == "/v1/audio/transcriptions"
    assert b'filename="talk.mp4"' in body
    assert b"moving pictures" in body
    for name, value in (("model", "whisper"), ("response_format", "verbose_json"), ("language", "en")):
        assert f'name="{name}"\r\n\r\n{value}'.encode() in body


def test_what_cannot_be_heard_is_one_sentence(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OctavoError, match=r"No endpoint for speech is set.*OCTAVO_SPEECH__URL"):
        transcribe(video, SpeechOptions())
    with hearing({"text": "It rains."}) as (options, _), pytest.raises(EndpointError, match="no segments with their"):
        transcribe(video, options)
    with hearing({}, 401) as (options, _), pytest.raises(EndpointError, match="set OCTAVO_SPEECH__KEY"):
        transcribe(video, options)
    monkeypatch.setattr(speech, "LARGEST", 3)
    with hearing({}) as (options, _), pytest.raises(MissingToolError, match="install ffmpeg"):
        transcribe(video, options)


def test_a_program_that_hangs_on_a_video_is_ended(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = video.with_name("ffmpeg")
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(speech.shutil, "which", lambda name: str(program))
    monkeypatch.setattr(speech, "SOUND_SECONDS", 0.2)
    with hearing({}) as (options, _), pytest.raises(OctavoError, match=r"out of talk\.mp4 in 0\.2 seconds: cut"):
        transcribe(video, options)


def test_the_command_writes_subtitles_beside_the_video_once(video: Path) -> None:
    with hearing({"segments": SEGMENTS}) as (options, requests):
        run = octavo("transcribe", video, OCTAVO_SPEECH__URL=options.url)
        assert "talk.vtt: 1 cues" in run.stdout
        assert video.with_suffix(".vtt").read_text() == "WEBVTT\n\n00:00:01.500 --> 00:00:03.000\nIt rains.\n"
        assert "is there already" in octavo("transcribe", video, OCTAVO_SPEECH__URL=options.url).stdout
    assert len(requests) == 1
