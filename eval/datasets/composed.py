"""Composed retrieval: a picture and words that change it ask for another picture, in CIRCO's and FashionIQ's files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from octavo.eval.datasets.model import Dataset, DatasetError, Question, build_dataset, check_row

CIRCO = "annotations/val.json"
FASHIONIQ = "captions/cap.*.val.json"
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def is_circo(folder: Path) -> bool:
    """Returns whether a folder holds CIRCO, whose file has a name that other sets have, too."""
    file = folder / CIRCO
    return file.is_file() and b"reference_img_id" in file.read_bytes()[:2000]


def circo(folder: Path) -> Dataset:
    """Returns CIRCO (arXiv 2303.15247): `annotations/val.json`, pictures by their COCO number below the folder.

    All pictures there are documents. A question asks for its target and for all that the annotators accept beside it.
    """
    pictures = _pictures(folder)

    def read(row: dict[str, Any]) -> Question:
        gold = [_find(pictures, f"{int(n):012d}") for n in dict.fromkeys([row["target_img_id"], *row["gt_img_ids"]])]
        reference = _find(pictures, f"{int(row['reference_img_id']):012d}")
        return _question(str(row["id"]), row["relative_caption"], reference, gold)

    return _dataset(folder, [folder / CIRCO], read, pictures)


def fashioniq(folder: Path) -> Dataset:
    """Returns FashionIQ (arXiv 1905.12794): `captions/cap.*.val.json`, pictures by their names below the folder.

    All pictures there are documents; the two captions of a question are one text.
    """
    pictures = _pictures(folder)

    def read(row: dict[str, Any]) -> Question:
        target, candidate = str(row["target"]), str(row["candidate"])
        text = " and ".join(caption.strip() for caption in row["captions"])
        return _question(f"{candidate}-{target}", text, _find(pictures, candidate), [_find(pictures, target)])

    return _dataset(folder, sorted(folder.glob(FASHIONIQ)), read, pictures)


def _question(identity: str, text: str, reference: str, gold: Sequence[str]) -> Question:
    return Question(
        id=identity,
        question=text,
        doc=gold[0],
        gold_pages=(0,),
        also=tuple((name, 0) for name in gold[1:]),
        picture=reference,
    )


def _dataset(
    folder: Path, files: Sequence[Path], parse: Callable[[dict[str, Any]], Question], pictures: dict[str, str]
) -> Dataset:
    def questions() -> Iterator[Question]:
        for file in files:
            rows = check_row(f"{file}", lambda data: list(json.loads(data)), file.read_bytes())
            for n, row in enumerate(rows, 1):
                yield check_row(f"{file}, row {n}", parse, row)

    return build_dataset(folder, questions(), files, pictures.values(), within=False)


def _pictures(folder: Path) -> dict[str, str]:
    """Returns the paths of pictures in a folder by their names without suffix."""
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file())
    return {file.stem: str(file.relative_to(folder)) for file in files}


def _find(pictures: dict[str, str], name: str) -> str:
    if name not in pictures:
        raise DatasetError(f"The picture {name} is not in the folder.")
    return pictures[name]
