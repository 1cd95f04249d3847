"""Files that hold files: messages with attachments, archives, portfolios. The pages of their parts are joined."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pymupdf

from octavo.ingest.described import DrawingDescription
from octavo.ingest.errors import MissingToolError, PasswordError, ReadError, UnsupportedError
from octavo.ingest.model import Element
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive
from octavo.ingest.readers.base import Source, content_id
from octavo.ingest.readers.pdf import describe, open_pdf

_DEEPEST = 3
"""The depth to which files within files are read."""
_NAMED = 10
_ENCRYPTED = 1
_WITHIN = "octavo-within-"

Part = tuple[str, bytes]
"""A file within a file: its name and its bytes."""


def read_zip(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Returns an archive of documents."""
    with archive.open_archive(path, options) as packed:
        locked = sorted(info.filename for info in packed.infolist() if info.flag_bits & _ENCRYPTED)
        names = [name for name in sorted(packed.namelist()) if _is_meant(name) and name not in locked]
        if locked and not names:
            raise PasswordError(f"{path.name} is protected by a password: unpack it to read what is in it.")
        parts = ((name, packed.read(name)) for name in names)
        source = join_parts(path, media_type, None, parts, options, workdir)
    if source is None:
        raise UnsupportedError(f"{path.name} holds no file of a kind that can be read.")
    problems = (f"protected by a password, and left out: {_some(locked)}",) if locked else ()
    return replace(source, problems=(*source.problems, *problems))


def _some(names: Sequence[str]) -> str:
    """Returns the first names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _is_meant(name: str) -> bool:
    return not name.endswith("/") and not any(part.startswith((".", "__MACOSX", "~$")) for part in name.split("/"))


def join_parts(
    path: Path, media_type: str, first: Source | None, parts: Iterable[Part], options: ReadOptions, workdir: Path
) -> Source | None:
    """Returns the pages of `first` and of all parts that can be read, as one source of the file `path`.

    Returns `None` without any.

    What cannot be read is said in its problems.
    """
    depth = sum(ancestor.name.startswith(_WITHIN) for ancestor in (path, *path.parents))
    if depth >= _DEEPEST:
        return first
    sources: list[tuple[str, Source]] = [("", first)] if first else []
    problems: list[str] = []
    other: list[str] = []
    folder = workdir / f"{_WITHIN}{content_id(path)}"
    for number, (name, data) in enumerate(parts):
        place = folder / str(number) / (PurePosixPath(name.replace("\\", "/")).name[-100:] or "file")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        try:
            sources.append((name, _open_part(place, options, place.parent)))
        except MissingToolError as error:
            problems.append(str(error))
        except UnsupportedError:
            other.append(name)
        except ReadError as error:
            problems.append(str(error) if name in str(error) else f"{name}: {error}")
    if other:
        problems.append(f"of no kind that can be read, and left out: {_some(other)}")
    try:
        if not sources:
            return None
        if len(sources) == 1 and first is not None:
            return replace(first, problems=(*first.problems, *problems))
        return _merge(path, media_type, sources, problems, options, workdir)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open_part(place: Path, options: ReadOptions, workdir: Path) -> Source:
    from octavo.ingest import readers

    return readers.open(place, options, workdir=workdir)


def _merge(
    path: Path,
    media_type: str,
    sources: Sequence[tuple[str, Source]],
    problems: Sequence[str],
    options: ReadOptions,
    workdir: Path,
) -> Source:
    pdf = workdir / f"{content_id(path)}.joined.pdf"
    elements: dict[int, tuple[Element, ...]] = {}
    described: dict[int, tuple[DrawingDescription, ...]] = {}
    notes: dict[int, str] = {}
    hidden: set[int] = set()
    labels: list[str] = []
    outline: list[tuple[int, str, int]] = []
    all_problems = list(problems)
    with pymupdf.open() as document:
        for name, source in sources:
            start = document.page_count
            if start + source.page_count > options.max_pages:
                all_problems.append(f"{name or source.name}: over the limit of {options.max_pages:,} pages")
                continue
            with open_pdf(source.pdf, source.name, source.password) as part:
                document.insert_pdf(part)
            elements |= {start + n: item for n, item in source.elements.items()}
            described |= {start + n: item for n, item in source.described.items()}
            notes |= {start + n: text for n, text in source.notes.items()}
            hidden |= {start + n for n in source.hidden}
            labels += _labels(name, source)
            outline += [(1, name, start)] if name else []
            outline += [(level + bool(name), title, start + page) for level, title, page in source.outline]
            all_problems += [f"{name}: {problem}" if name else problem for problem in source.problems]
        document.save(pdf)
    return replace(
        describe(path, pdf, media_type),
        title=sources[0][1].title if not sources[0][0] else "",
        elements=elements,
        described=described,
        notes=notes,
        hidden=frozenset(hidden),
        labels=tuple(labels),
        outline=tuple(outline),
        problems=tuple(all_problems),
    )


def _labels(name: str, source: Source) -> Iterator[str]:
    """Yields the label of each page: in a part, the part's name and the page's number."""
    for n in range(source.page_count):
        label = source.labels[n] if n < len(source.labels) else ""
        yield f"{name} {label or n + 1}" if name else label
