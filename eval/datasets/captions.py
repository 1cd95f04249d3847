"""Captions in many languages as questions for what they describe: WIT's pictures, and MSVD-Indonesian's videos."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from octavo.eval.datasets import parquet
from octavo.eval.datasets.model import Dataset, DatasetError, Question, build_dataset, check_row

MSVD = "MSVD-indonesian.txt"
_IMAGES = "images"
_CAPTION = "caption_reference_description"
_CLIPS = "YouTubeClips"
_TEST = "test_list.txt"
csv.field_size_limit(1 << 24)


def wit(folder: Path) -> Dataset:
    """WIT (arXiv 2103.01913): each reference caption is a question whose gold document is its picture.

    `wit_v1.*.tsv` or `.tsv.gz` as Google publishes it, with the pictures in `images` under the last part of their
    addresses; or Wikimedia's Parquet, which holds the pictures. Pictures that are not there are left out. `domain` is
    the caption's language; a picture has one question in each (1-to-K).
    """
    tables = sorted({*folder.glob("wit_v1.*.tsv"), *folder.glob("wit_v1.*.tsv.gz")})
    captions = _of_tables(folder, tables) if tables else _of_parquet(folder)
    questions: dict[str, Question] = {}
    for picture, language, caption in captions:
        key = f"{Path(picture).name}#{language}"
        questions.setdefault(key, Question(id=key, question=caption, doc=picture, gold_pages=(0,), domain=language))
    if not questions:
        raise DatasetError(
            f"{folder} holds no picture with a caption: put WIT's pictures into {folder / _IMAGES}, each under the "
            "last part of its image_url."
        )
    return build_dataset(folder, questions.values(), tables or parquet_files(folder), within=False)


def is_wit(folder: Path) -> bool:
    """Returns whether the Parquet files of a folder have the columns of Wikimedia's WIT."""
    return {"wit_features", "image", "image_url"} <= set(next(parquet.rows(parquet_folder(folder)), {}))


def msvd(folder: Path) -> Dataset:
    """MSVD-Indonesian (arXiv 2306.11341): each sentence is a question whose gold document is its video.

    `MSVD-indonesian.txt`, lines of a video's name and a sentence, and the videos beside it or in `YouTubeClips`. Where
    `test_list.txt` names videos, only these are asked for and searched.
    """
    path = next(p for p in (folder / MSVD, folder / "data" / MSVD) if p.is_file())
    test = folder / _TEST
    chosen = set(test.read_text(encoding="utf-8").split()) if test.is_file() else None
    clips = {file.stem: file for place in (folder, folder / _CLIPS) for file in place.glob("*_*.*")}

    def sentence(numbered: tuple[int, str]) -> Question:
        number, line = numbered
        name, _, text = line.strip().partition(" ")
        if not text:
            raise ValueError("a line has a video's name, a space and a sentence")
        if name not in clips:
            raise ValueError(f"its video {name} is neither in the folder nor in {_CLIPS}")
        doc = clips[name].relative_to(folder).as_posix()
        return Question(id=f"{name}#{number}", question=text.strip(), doc=doc, gold_pages=(0,), domain="id")

    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    chosen_lines = ((n, line) for n, line in lines if line.strip() and (chosen is None or line.split()[0] in chosen))
    questions = [check_row(f"{path}, line {n}", sentence, (n, line)) for n, line in chosen_lines]
    return build_dataset(folder, questions, [path], within=False)


def parquet_folder(folder: Path) -> Path:
    """Returns where the Parquet files of a set lie: in the folder itself or in its `data`."""
    return folder / "data" if (folder / "data").is_dir() else folder


def parquet_files(folder: Path) -> list[Path]:
    """Returns the Parquet files of a set, by name."""
    return sorted(parquet_folder(folder).glob("*.parquet"))


def _of_tables(folder: Path, tables: list[Path]) -> Iterator[tuple[str, str, str]]:
    """Yields the picture (inside the folder), language and text of each caption whose picture is there."""
    for table in tables:
        opened = gzip.open(table) if table.suffix == ".gz" else table.open("rb")  # noqa: SIM115 - the wrapper closes it
        with io.TextIOWrapper(opened, encoding="utf-8", newline="") as text:
            for number, row in enumerate(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE), 2):
                name, language, caption = check_row(f"{table}, line {number}", _caption, row)
                if caption and (folder / _IMAGES / name).is_file():
                    yield f"{_IMAGES}/{name}", language, caption


def _caption(row: dict[str, Any]) -> tuple[str, str, str]:
    name = Path(unquote(urlsplit(row["image_url"] or "").path)).name
    return name, row["language"], (row[_CAPTION] or "").strip()


def _of_parquet(folder: Path) -> Iterator[tuple[str, str, str]]:
    where = parquet_folder(folder)
    for number, row in enumerate(parquet.rows(where, ("image", "image_url", "wit_features")), 1):
        yield from check_row(f"{where}, row {number}", lambda row: list(_captions(folder, row)), row)


def _captions(folder: Path, row: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    features = row["wit_features"]
    captions = [
        (language, caption.strip())
        for language, caption in zip(features["language"], features[_CAPTION], strict=True)
        if caption and caption.strip()
    ]
    if captions:
        data = parquet.picture(row["image"])
        stem = Path(unquote(urlsplit(row["image_url"]).path)).stem
        picture = parquet.save(folder, f"{stem}{parquet.suffix(data)}", data)
        yield from ((picture, *caption) for caption in captions)
