"""LibreOffice as a converter that runs nothing, fetches nothing and reads no other file."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
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


def convert(path: Path, target: str, workdir: Path, timeout: float, name: str = "") -> Path:
    """Converts one file into `workdir` within `timeout` seconds, in a profile that is thrown away.

    `target` is LibreOffice's name of a format ("pdf:writer_pdf_Export"); `path` has the suffix of what it is, and
    `name` is what errors call it. Raises `MissingToolError` where LibreOffice is not installed, else `ReadError`.
    """
    name = name or path.name
    program = shutil.which("soffice")
    if program is None:
        raise MissingToolError(
            f"{name} needs LibreOffice: install libreoffice-impress and libreoffice-writer "
            "(Debian, Ubuntu) or LibreOffice (macOS, Windows), so that `soffice` is on the PATH."
        )
    with tempfile.TemporaryDirectory(dir=workdir) as folder:
        profile = Path(folder, "profile")
        _lock_down(profile)
        _run(
            [
                *without_network(),
                program,
                f"-env:UserInstallation={profile.as_uri()}",
                "--headless", "--norestore", "--nolockcheck", "--nodefault",
                "--convert-to", target, "--outdir", folder, str(path),
            ],
            name,
            timeout,
        )  # fmt: skip
        made = Path(folder, f"{path.stem}.{target.partition(':')[0]}")
        if not made.is_file() or not made.stat().st_size:
            raise ReadError(f"{name} cannot be converted by LibreOffice: it is broken or protected by a password.")
        return made.rename(workdir / made.name)


@functools.cache
def without_network() -> tuple[str, ...]:
    """What a command starts with to run without a network; empty where this machine does not allow it."""
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


def _run(command: list[str], name: str, timeout: float) -> None:
    """Runs a command in a process group of its own, which is killed as a whole when its time is over."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise ReadError(
                f"{name} was not converted by LibreOffice within {timeout:.0f} s: raise "
                "OCTAVO_READING__CONVERT_TIMEOUT."
            ) from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
