"""The `octavo` command as a user types it: in this process, whose start would take longer than most of its work."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from octavo.apps.cli.main import main


def octavo(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a folder and with variables of its own; its output goes to no terminal."""
    command = ["octavo", *map(str, arguments)]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", command)
        for name, value in environment.items():
            patch.setenv(name, value)
        with contextlib.chdir(cwd or os.curdir), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as leaving:
                code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    return subprocess.CompletedProcess(command, code, *(_text(stream) for stream in (out, err)))


def octavo_apart(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a command as a program of its own."""
    command = [sys.executable, "-c", "from octavo.apps.cli.main import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
