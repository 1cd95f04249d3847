"""Parquet files, read in small batches, and the pictures in them as documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from octavo.eval.datasets.model import DatasetError
from octavo.ingest import MissingToolError
from octavo.ingest.store.files import write_file

BATCH = 64


def rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Yields the rows of a file, or of all Parquet files of a folder in the order of their names.

    Raises `DatasetError` where it is none or lacks a column, `MissingToolError` without the extra.
    """
    try:
        import pyarrow as arrow
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise MissingToolError('Parquet files need an extra: pip install "octavo[eval]".') from error
    for file in sorted(path.glob("*.parquet")) if path.is_dir() else [path]:
        try:
            with ParquetFile(file) as result:
                lacking = set(columns or ()) - set(result.schema_arrow.names)
                if lacking:
                    raise DatasetError(f"{file} has no column {', '.join(sorted(lacking))}.")
                for batch in result.iter_batches(BATCH, columns=list(columns) if columns else None):
                    yield from batch.to_pylist()
        except (arrow.ArrowException, OSError) as error:
            raise DatasetError(f"{file} cannot be read as Parquet: {error}.") from error


def picture(cell: Any) -> bytes:
    """Returns the bytes of a picture's cell, which is bytes or `{"bytes": …}`.

    Raises `ValueError` for anything else.
    """
    result = cell.get("bytes") if isinstance(cell, dict) else cell
    if not isinstance(result, bytes):
        raise ValueError("a picture's cell holds no bytes")
    return result


def save(folder: Path, name: str, data: bytes) -> str:
    """Keeps a picture or a text as a document in the folder's `made`, once; returns its path inside the folder."""
    inside = f"made/{_plain(name)}"
    target = folder / inside
    if not target.is_file():
        write_file(target, data)
    return inside


def suffix(data: bytes) -> str:
    """Returns the file suffix of a picture by its first bytes; raises `ValueError` for what is none."""
    for start, name in ((b"\xff\xd8", ".jpg"), (b"\x89PNG", ".png"), (b"RIFF", ".webp"), (b"GIF8", ".gif")):
        if data.startswith(start):
            return name
    raise ValueError("the picture is neither JPEG, PNG, WebP nor GIF")


def as_pdfs(
    folder: Path, pictures: Iterable[tuple[str, bytes]], sizes: dict[tuple[str, int], tuple[float, float]]
) -> dict[str, str]:
    """Returns one PDF for each run of pictures with the same name, kept in `made`.

    The keys are their paths inside the folder.

    `sizes` are page sizes in points by name and page; other pages are as large as the pictures' pixels at 96 dpi.
    """
    import pymupdf

    result = {}
    for name, group in groupby(pictures, key=lambda item: item[0]):
        inside = f"made/{_plain(Path(name).stem)}.pdf"
        if not (folder / inside).is_file():
            with pymupdf.open() as document:
                for number, (_, data) in enumerate(group):
                    try:
                        pixels = pymupdf.Pixmap(data)
                    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError) as error:
                        raise DatasetError(f"{folder}: page {number + 1} of {name} is no readable picture.") from error
                    width, height = sizes.get((name, number), (pixels.width * 0.75, pixels.height * 0.75))
                    page = document.new_page(width=width, height=height)
                    page.insert_image(page.rect, stream=data, keep_proportion=False)
                save(folder, f"{Path(name).stem}.pdf", document.tobytes())
        result[name] = inside
    return result


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_.#" else "_" for c in name)[-150:].lstrip(".")
