"""Files that are packed (ZIP): how much they unpack to is bounded before anything else reads them."""

from __future__ import annotations

import contextlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.options import ReadOptions

_FAULTS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError)
_BLOCK = 1 << 20
_PACKED = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".mp3", ".mp4")


@contextlib.contextmanager
def open_archive(path: Path, options: ReadOptions) -> Iterator[zipfile.ZipFile]:
    """Yields an open archive within the bounds of `options` by its own directory; faults become a `ReadError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > options.max_members:
                raise ReadError(
                    f"{path.name} packs {len(members):,} files, over the limit of {options.max_members:,}: "
                    "raise OCTAVO_READING__MAX_MEMBERS to read it."
                )
            if sum(member.file_size for member in members) > options.max_unpacked_bytes:
                raise _too_large(path, options)
            yield archive
    except _FAULTS as error:
        raise ReadError(f"{path.name} is broken or cut off: what is packed in it cannot be unpacked.") from error


def repack(path: Path, target: Path, options: ReadOptions, changed: Mapping[str, bytes] | None = None) -> None:
    """Rewrites an archive, each member once and at its true size, `changed` members with other content.

    The size is counted as members are unpacked, because the directory of an archive may lie about it.
    """
    changed, remaining = changed or {}, options.max_unpacked_bytes
    with open_archive(path, options) as archive, zipfile.ZipFile(target, "w") as out:
        for name in dict.fromkeys(archive.namelist()):
            if name.startswith("/") or ".." in name.split("/") or name.endswith("/"):
                continue
            plain = name == "mimetype" or name.lower().endswith(_PACKED)
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            with out.open(info, "w", force_zip64=True) as packed_file:
                if name in changed:
                    packed_file.write(changed[name])
                    continue
                with archive.open(name) as member:
                    while block := member.read(_BLOCK):
                        remaining -= len(block)
                        if remaining < 0:
                            raise _too_large(path, options)
                        packed_file.write(block)


def _too_large(path: Path, options: ReadOptions) -> ReadError:
    return ReadError(
        f"{path.name} unpacks to more than {options.max_unpacked_bytes:,} bytes: "
        "raise OCTAVO_READING__MAX_UNPACKED_BYTES to read it."
    )
