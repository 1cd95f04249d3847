"""Copies of a library that are consistent while it is written and served."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from octavo.ingest.errors import LibraryError
from octavo.ingest.options import ImageOptions
from octavo.ingest.store.images import FolderImages
from octavo.ingest.store.migrations import WORD_LEVELS
from octavo.ingest.store.remote_images import open_images

_OWN = (".sqlite-wal", ".sqlite-shm", ".lock", ".reserve", ".part")
"""Endings of what belongs to the running process."""
_CACHE = "pages-cache"


def backup(library: Path, target: Path, images: ImageOptions | None = None) -> int:
    """Copies a library's folder, with its collections, uploads and conversations; returns how many bytes it takes.

    Databases are copied as of one moment each. Files are copied before and again after them: what a database refers to
    was there before it, and what is removed meanwhile is in the first copy. The copy is a library itself, with its
    screenshots in its folder also where the library keeps them elsewhere, and with no engine for its index; `images`
    are the options of that location.
    Raises `LibraryError` where there is no library, the target is not empty, or something cannot be read or written.
    """
    if not (library / "library.sqlite").is_file():
        raise LibraryError(f"There is no library in {library}.", path=library)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise LibraryError(f"{target} is not empty: name a new folder for the copy.", path=target)
    if target.resolve().is_relative_to(library.resolve()):
        raise LibraryError(f"{target} lies in the library: name a folder outside of it.", path=target)
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        _copy_files(library, target)
        for file in sorted(library.rglob("*.sqlite")):
            copy = target / file.relative_to(library)
            _copy_database(file, copy)
            if file.name == "library.sqlite":
                _leave_engine(copy)
                _copy_screenshots(file.parent, copy, images or ImageOptions())
        _copy_files(library, target)
    except (OSError, sqlite3.Error) as error:
        raise LibraryError(f"The copy in {target} could not be made: {error}.", path=target) from error
    return sum(file.stat().st_size for file in target.rglob("*") if file.is_file())


def _leave_engine(copy: Path) -> None:
    """Makes a copied library search its own vectors and words: what an engine holds is the original's."""
    with closing(sqlite3.connect(copy)) as database, database:
        if database.execute("SELECT 1 FROM meta WHERE key = 'words' AND value = 'engine'").fetchone():
            for level in WORD_LEVELS:
                database.execute(f"INSERT INTO {level}_words ({level}_words) VALUES ('rebuild')")
            database.execute("DELETE FROM term_counts")
            database.execute("DELETE FROM level_totals")
        database.execute("DELETE FROM meta WHERE key IN ('index', 'identity', 'words')")


def _copy_files(library: Path, target: Path) -> None:
    for file in library.rglob("*"):
        copy = target / file.relative_to(library)
        if _CACHE in file.relative_to(library).parts:
            continue
        if file.is_dir() and not file.is_symlink():
            copy.mkdir(parents=True, exist_ok=True, mode=0o700)
        elif file.is_file() and not file.name.endswith((*_OWN, ".sqlite")) and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = copy.with_name(f"{copy.name}.part")
            try:
                shutil.copy2(file, part)
            except FileNotFoundError:  # removed meanwhile
                continue
            part.replace(copy)


def _copy_database(file: Path, copy: Path) -> None:
    copy.touch(0o600)
    with (
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        (check,) = target.execute("PRAGMA quick_check").fetchone()
        if check != "ok":
            raise sqlite3.DatabaseError(f"{file.name} is damaged ({check})")


def _copy_screenshots(library: Path, copy: Path, options: ImageOptions) -> None:
    """Copies the screenshots of a library that keeps them elsewhere into the folder of its copied database."""
    with closing(sqlite3.connect(copy)) as database:
        location = database.execute("SELECT value FROM meta WHERE key = 'images'").fetchone()
        if location is None:
            return
        source = open_images(location[0], options, library / _CACHE)
        folder = FolderImages(copy.parent / "pages")
        for (image,) in database.execute("SELECT DISTINCT image FROM pages WHERE image != ''").fetchall():
            folder.save(source.read(image))
        with database:
            database.execute("DELETE FROM meta WHERE key = 'images'")
            database.execute("DELETE FROM checkpoints")
