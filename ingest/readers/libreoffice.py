"""LibreOffice as a converter that runs nothing, fetches nothing and reads no other file."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from octavo.ingest.errors import MissingToolError, ReadError

_SETTINGS = (
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Writer/Content/Update", "Link", "2"),
    ("Office.Calc/Content/Update", "Link", "2"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
    ("Inet/Settings", "ooInetNoProxy", ""),
)
"""The profile's settings: no links to other files, no active content, no macros, and a proxy that nobody serves."""


def convert_each(
    files: Sequence[tuple[Path, str]], target: str, folder: Path, timeout: float
) -> list[Path | ReadError]:
    """Converts files, given with the names that errors call them, into `folder`; each has its result or its error.

    `target` is LibreOffice's name of a format ("pdf:writer_pdf_Export"); each path has the suffix of what it is. All
    are converted in one run, in a profile that is thrown away. Those that it does not make have a run of their own, so
    that one that is broken or takes more than `timeout` seconds costs no other.
    """
    program = shutil.which("soffice")
    if program is None:
        return [_missing(name) for _, name in files]
    results: dict[Path, Path | ReadError] = {}
    if len(files) > 1:
        results.update(_together(program, [path for path, _ in files], target, folder, timeout))
    for path, name in files:
        if path not in results:
            results[path] = _alone(program, path, name, target, folder, timeout)
    return [results[path] for path, _ in files]


def convert(path: Path, target: str, folder: Path, timeout: float, name: str = "") -> Path:
    """Converts one file; raises `ReadError`, which calls it `name`, where it cannot be converted."""
    [result] = convert_each([(path, name or path.name)], target, folder, timeout)
    if isinstance(result, ReadError):
        raise result
    return result


def _together(program: str, paths: Sequence[Path], target: str, folder: Path, timeout: float) -> dict[Path, Path]:
    """Converts files in one run and returns those that it made before none was made for `timeout` seconds."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        converted = [(path, Path(place, f"{path.stem}.{target.partition(':')[0]}")) for path in paths]
        with _start(program, paths, target, place) as process:
            count, since = 0, time.monotonic()
            while process.poll() is None and time.monotonic() < since + timeout:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.2)
                if (done := sum(file.is_file() for _, file in converted)) > count:
                    count, since = done, time.monotonic()
            ended = process.returncode == 0
        results = [(path, file) for path, file in converted if file.is_file() and file.stat().st_size]
        if not ended:  # it hangs or crashed, and the file that it made last may not be whole
            results = sorted(results, key=lambda pair: pair[1].stat().st_mtime)[:-1]
        return {path: file.rename(folder / file.name) for path, file in results}


def _alone(program: str, path: Path, name: str, target: str, folder: Path, timeout: float) -> Path | ReadError:
    with tempfile.TemporaryDirectory(dir=folder) as place, _start(program, [path], target, place) as process:
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            return ReadError(
                f"{name} was not converted by LibreOffice within {timeout:.0f} s: raise "
                "OCTAVO_READING__CONVERT_TIMEOUT."
            )
        converted = Path(place, f"{path.stem}.{target.partition(':')[0]}")
        if not converted.is_file() or not converted.stat().st_size:
            return ReadError(f"{name} cannot be converted by LibreOffice: it is broken or protected by a password.")
        return converted.rename(folder / converted.name)


def _missing(name: str) -> MissingToolError:
    return MissingToolError(
        f"{name} needs LibreOffice: install libreoffice-impress and libreoffice-writer "
        "(Debian, Ubuntu) or LibreOffice (macOS, Windows), so that `soffice` is on the PATH."
    )


@functools.cache
def without_network() -> tuple[str, ...]:
    """Returns the start of a command that runs without a network; empty where this machine does not allow it."""
    program = shutil.which("unshare")
    if program is None:
        return ()
    for flags in (("--user", "--map-current-user", "--net"), ("--net",)):
        command = (program, *flags, "--")
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if subprocess.run([*command, "true"], capture_output=True, timeout=10, check=False).returncode == 0:
                return command
    return ()


def _lock_down(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="/org.openoffice.{node}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop>'
        "</item>"
        for node, name, value in _SETTINGS
    )
    file = profile / "user" / "registrymodifications.xcu"
    file.parent.mkdir(parents=True)
    file.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        f"{items}</oor:items>"
    )


@contextlib.contextmanager
def _start(program: str, paths: Sequence[Path], target: str, place: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs LibreOffice, which converts files into `place`, in a process group of its own that is killed as a whole."""
    profile = Path(place, "profile")
    _lock_down(profile)
    command = [
        *without_network(),
        program,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless", "--norestore", "--nolockcheck", "--nodefault",
        "--convert-to", target, "--outdir", place, *map(str, paths),
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
