"""Files that are named by an address of a store, such as `s3://bucket/report.pdf`, read through fsspec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from octavo.ingest.errors import MissingToolError, ReadError
from octavo.ingest.fetch import fetch, is_url
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.admission import printable
from octavo.ingest.readers.discover import is_subtitles, is_video
from octavo.ingest.readers.kinds import SUFFIXES

PACKAGES = {
    "s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs",
    "file": "fsspec", "memory": "fsspec",
}  # fmt: skip
"""The schemes of stores that are read, with the package that each needs."""
_BLOCK = 1 << 20
_SCHEME = re.compile(r"([a-z][a-z0-9]*)://")


@dataclass(frozen=True, slots=True, order=True)
class RemoteFile:
    """A file of a store, or of the web.

    >>> file = RemoteFile("s3://bucket/2018/report.PDF")
    >>> file.name, file.suffix, str(file)
    ('report.PDF', '.PDF', 's3://bucket/2018/report.PDF')
    """

    url: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.url).name

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.url).suffix

    def __str__(self) -> str:
        return self.url


File = Path | RemoteFile
"""A file of this machine, or of a store."""


def is_remote(path: str) -> bool:
    """Returns whether a text is an address of a store, or of the web.

    >>> is_remote("s3://bucket/a.pdf"), is_remote("https://example.org/a.pdf"), is_remote("reports/a.pdf")
    (True, True, False)
    """
    scheme = _SCHEME.match(path)
    return is_url(path) or (scheme is not None and scheme[1] in PACKAGES)


def file_of(path: str) -> File:
    """Returns the file that a path or an address names.

    >>> file_of("s3://bucket/a.pdf"), file_of("reports/a.pdf")
    (RemoteFile(url='s3://bucket/a.pdf'), PosixPath('reports/a.pdf'))
    """
    return RemoteFile(path) if is_remote(path) else Path(path)


def find_remote(url: str) -> Iterator[RemoteFile]:
    """Yields the files that an address means: itself, what its pattern matches, or all below it that can be read.

    Hidden files, and subtitles beside their video, are left out. Raises `ReadError` where nothing is there.
    """
    if is_url(url):
        yield RemoteFile(url)
        return
    scheme = url.partition("://")[0]
    system, path = _file_system(url)
    try:
        if any(mark in path for mark in "*?["):
            names = iter(sorted(name for name in system.glob(path) if not system.isdir(name)))
        elif system.isdir(path):
            names = _below(system, path)
        elif system.exists(path):
            names = iter([path])
        else:
            raise ReadError(f"There is no file, folder or match for {url}: check the spelling.")
        for name in names:
            yield RemoteFile(f"{scheme}://{name}")
    except OSError as error:
        raise ReadError(f"{url} cannot be listed: {_reason(error)}.") from error


def download(file: RemoteFile, folder: Path, options: ReadOptions) -> Path:
    """Copies a file of a store, or what is at an address of the web, into a folder, under its own name.

    A video of a store comes with the subtitles beside it. Raises `ReadError` where it is not there, cannot be reached,
    or has more than `max_file_bytes`.
    """
    if is_url(file.url):
        return fetch(file.url, folder, options)
    try:
        system, path = _file_system(file.url)
        copied = _copy(system, path, folder, options)
        if is_video(copied):
            for subtitles in _subtitles_beside(system, path):
                _copy(system, subtitles, folder, options)
    except FileNotFoundError as error:
        raise ReadError(f"{printable(file.url)} is not there.") from error
    except OSError as error:
        raise ReadError(f"{printable(file.url)} cannot be fetched: {_reason(error)}.") from error
    return copied


def _copy(system: Any, path: str, folder: Path, options: ReadOptions) -> Path:
    target = folder / PurePosixPath(path).name
    with system.open(path, "rb") as source, target.open("wb") as out:
        size = 0
        while block := source.read(_BLOCK):
            size += len(block)
            if size > options.max_file_bytes:
                raise ReadError(
                    f"{target.name} has more than {options.max_file_bytes:,} bytes: "
                    "raise OCTAVO_READING__MAX_FILE_BYTES to read it."
                )
            out.write(block)
    return target


def _subtitles_beside(system: Any, video: str) -> list[str]:
    """Returns the paths of a video's subtitles in its folder; links are none of them."""
    path = PurePosixPath(video)
    return [
        entry["name"]
        for entry in system.ls(system._parent(video), detail=True)
        if entry["type"] == "file" and not entry.get("islink")
        if is_subtitles(PurePosixPath(entry["name"]), {path.stem})
    ]


def file_system(scheme: str, **options: Any) -> Any:
    """Returns fsspec's file system for the addresses of a scheme; raises `MissingToolError` without its package."""
    try:
        import fsspec

        return fsspec.filesystem(scheme, **options)
    except ImportError as error:
        package = PACKAGES.get(scheme, "fsspec")
        raise MissingToolError(f"Files of {scheme}:// need the package {package}: pip install {package}.") from error


def _file_system(url: str) -> tuple[Any, str]:
    """Returns the file system of an address, and the path in it, which no slash ends.

    A chain of addresses (`a::b`) is a plain name here.
    """
    system = file_system(url.partition("://")[0])
    path = str(system._strip_protocol(url))
    return system, path.rstrip("/") or path


def _below(system: Any, path: str) -> Iterator[str]:
    """Yields the names of the files below a folder, a folder at a time."""
    for parent, _, names in system.walk(path):
        files = [PurePosixPath(parent, name) for name in sorted(names)]
        videos = {file.stem for file in files if is_video(file)}
        for file in files:
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if not hidden and file.suffix.lower() in SUFFIXES and not is_subtitles(file, videos):
                yield f"{parent}/{file.name}"


def _reason(error: OSError) -> str:
    return str(error.strerror or error or type(error).__name__).partition("\n")[0].rstrip(".")
