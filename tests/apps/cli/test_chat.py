"""The chat without its extra, and where it may not listen."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from octavo.apps.chat import ChatOptions, run, users, users_of
from octavo.ingest import MissingToolError, OctavoError
from octavo.rag import Settings
from tests.apps.cli.command import octavo


def test_without_gradio_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    with pytest.raises(MissingToolError, match=r"octavo\[chat\]"):
        run(Settings(library=tmp_path / "library"))
    assert not (tmp_path / "library").exists()


@pytest.mark.parametrize("text", ["ann", "ann:", ":secret", ""])
def test_users_are_names_with_passwords(text: str) -> None:
    with pytest.raises(OctavoError, match="USER:PASSWORD"):
        users([text])


def test_users_come_from_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text("# name:password\n\nann:s3cret\nben:a:b\n")
    file.chmod(0o644)
    with pytest.raises(OctavoError, match="Others can read"):
        users_of(file)
    file.chmod(0o600)
    assert users_of(file) == {"ann": "s3cret", "ben": "a:b"}
    with pytest.raises(OctavoError, match="cannot be read"):
        users_of(tmp_path / "none")


def test_passwords_on_the_command_line_are_warned_of(tmp_path: Path) -> None:
    done = octavo("chat", "--library", tmp_path / "library", "--auth", "ann:s3cret", OCTAVO_K="0")
    assert "list of processes" in done.stderr


def test_options_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTAVO_CHAT_UPLOAD_BYTES", "5")
    assert ChatOptions().upload_bytes == 5


def test_open_to_others_needs_users(tmp_path: Path) -> None:
    done = octavo("chat", "--library", tmp_path / "library", "--host", "0.0.0.0")
    assert done.returncode == 1
    assert "--auth-file" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "library").exists()


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    pytest.importorskip("gradio")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OctavoError, match="another --port"):
        run(Settings(library=tmp_path / "library"), ChatOptions(port=taken.getsockname()[1]))
