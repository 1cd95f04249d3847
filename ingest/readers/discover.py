"""Finding files: in folders, by globs and by name."""

from __future__ import annotations

import glob
import logging
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePath

from octavo.ingest.errors import ReadError
from octavo.ingest.readers.kinds import SRT, SUFFIXES, VIDEOS, VTT

_LIBRARY = "library.sqlite"
_SUBTITLES = frozenset({SRT, VTT})
logger = logging.getLogger(__name__)


def find(paths: Iterable[str | Path]) -> list[Path]:
    """Returns the files that `paths` mean, absolute, sorted, each once.

    A folder means all files in and below it that can be read, leaving out hidden ones, libraries, and subtitles beside
    their video, which are read with it; a glob what it matches; a file that is named is taken whatever its suffix. A
    link in a folder that leads out of it is left out, and the log says so: it is read where it is named itself. Raises
    `ReadError` for a path that is not there.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "note.txt").write_text("Rain.")
    >>> _ = (folder / "photo.raw").write_text("no text")
    >>> [path.name for path in find([folder])], [path.name for path in find_unsupported([folder])]
    (['note.txt'], ['photo.raw'])
    """
    results: set[Path] = set()
    for path in map(path_text, paths):
        if os.path.isdir(path):
            results.update(_below(Path(path)))
        elif os.path.exists(path):
            results.add(_real(path))
        elif matches := glob.glob(path, recursive=True):
            for match in map(Path, matches):
                results.update(_below(match) if match.is_dir() else [_real(match)])
        else:
            raise ReadError(f"There is no file, folder or match for {path}: check the spelling.")
    return sorted(results)


def subtitles_of(video: Path) -> list[Path]:
    """Returns the subtitles beside a video, those without a language first: `talk.vtt`, then `talk.en.srt`.

    A link that leads out of the video's folder is none of them.
    """
    folder = _real(video.parent)
    beside = [
        file
        for file in video.parent.iterdir()
        if is_subtitles(file, {video.stem}) and file.is_file() and _real(file).is_relative_to(folder)
    ]
    return sorted(beside, key=lambda file: (len(file.name), file.suffix != ".vtt", file.name))


def is_video(file: PurePath) -> bool:
    """Returns whether a file's name is that of a video."""
    return _is_of_kind(file, VIDEOS)


def is_subtitles(file: PurePath, videos: Collection[str]) -> bool:
    """Returns whether a file's name is that of subtitles of one of the videos of its folder, given without suffixes.

    >>> is_subtitles(PurePath("talk.en.vtt"), {"talk"}), is_subtitles(PurePath("talk.txt"), {"talk"})
    (True, False)
    """
    return _is_of_kind(file, _SUBTITLES) and any(stem in videos for stem in _stems(file))


def _is_beside_video(path: Path) -> bool:
    if not _is_of_kind(path, _SUBTITLES):
        return False
    return any(
        path.with_name(f"{stem}{form}").is_file()
        for stem in _stems(path)
        for suffix, kind in SUFFIXES.items()
        if kind in VIDEOS
        for form in (suffix, suffix.upper())
    )


def _is_of_kind(path: PurePath, kinds: Collection[str]) -> bool:
    return SUFFIXES.get(path.suffix.lower()) in kinds


def _stems(path: PurePath) -> tuple[str, ...]:
    """Returns a file's name without its suffix, and without the language before that."""
    return path.stem, path.stem.rpartition(".")[0] or path.stem


def path_text(path: str | Path) -> str:
    """Returns a path as text; raises `ReadError` for anything else, such as a list of paths."""
    if not isinstance(path, (str, os.PathLike)):
        raise ReadError(f"A path is a string or a Path, not a {type(path).__name__}: pass the paths one by one.")
    return os.fspath(path)


def find_unsupported(paths: Iterable[str | Path]) -> list[Path]:
    """Returns the files below the folders among `paths` that `find` leaves out for their suffix, but hidden ones."""
    results: set[Path] = set()
    for path in map(Path, paths):
        if path.is_dir():
            results.update(
                Path(parent, name) for parent, name in _names(_real(path)) if Path(name).suffix.lower() not in SUFFIXES
            )
    return sorted(results)


def _names(root: Path) -> Iterator[tuple[str, str]]:
    """Yields the folders and names of the files below a folder, without hidden ones and those of a library."""
    for parent, folders, names in os.walk(root):
        if _LIBRARY in names:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from ((parent, name) for name in names if not name.startswith((".", "~$")))


def _below(folder: Path) -> Iterator[Path]:
    root = _real(folder)
    for parent, name in _names(root):
        path = Path(parent, name)
        if path.suffix.lower() in SUFFIXES and not _is_beside_video(path):
            if (file := _real(path)).is_relative_to(root):
                yield file
            else:
                logger.warning("%s is a link that leads out of %s and is not read: name it to read it.", path, root)


def _real(path: Path | str) -> Path:
    """Returns the absolute path without links; one that is part of a loop of links stays as it is."""
    return Path(os.path.realpath(path))
