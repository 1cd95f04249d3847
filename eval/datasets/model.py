"""The model of a data set, whatever its format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from octavo.ingest import OctavoError, Region

R = TypeVar("R")
Q = TypeVar("Q")


class DatasetError(OctavoError):
    """A data set cannot be read; the text names the file and the line."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question with what is known of its answer.

    `doc` is the document's path inside the folder, empty where none is known; `beside` are further documents that a
    question of several is about. `evidence` is the text on the gold pages that holds the answer. `also` are further
    gold places, (document, page), of a question over many documents. `form` is the answer's format (Int, Float, Str,
    List, None) where the data set says it, as MMLongBench-Doc does. `choices` are the answers to choose from, and
    `picture` is what the question is about, as a path in the folder. `accepted` are answers that are right beside
    `answer`. `slices` are further groups that it belongs to, as `skill: counting` (HEMM, arXiv 2407.03418).
    """

    id: str
    question: str
    doc: str
    answer: str = ""
    answerable: bool = True
    gold_pages: tuple[int, ...] = ()
    gold_layouts: tuple[Region, ...] = ()
    evidence_type: tuple[str, ...] = ()
    domain: str = ""
    evidence: str = ""
    also: tuple[tuple[str, int], ...] = ()
    form: str = ""
    choices: tuple[str, ...] = ()
    picture: str = ""
    beside: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()

    @property
    def docs(self) -> tuple[str, ...]:
        """All documents that the question is about."""
        return (self.doc, *self.beside) if self.doc else ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """A folder of documents and questions. `hash` is of the question files' bytes: same hash, same questions.

    `within` is false where a question does not name its document, so that all documents are searched.
    """

    folder: Path
    questions: tuple[Question, ...]
    hash: str
    documents: tuple[str, ...] = ()
    within: bool = True

    @property
    def answerable(self) -> tuple[Question, ...]:
        return tuple(q for q in self.questions if q.answerable)


def build_dataset(
    folder: Path,
    questions: Iterable[Question],
    files: Iterable[Path],
    documents: Iterable[str] = (),
    within: bool = True,
) -> Dataset:
    """Returns a data set from questions and the files that they were read from.

    Raises `DatasetError` for an absent document.

    `documents` are those to be searched beside the ones that questions name.
    """
    result, digest = tuple(questions), hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    if not result:
        raise DatasetError(f"{folder} holds no questions.")
    names = {doc for q in result for doc in q.docs} | {doc for q in result for doc, _ in q.also} | set(documents)
    for doc in sorted(names):
        if not (folder / doc).is_file():
            raise DatasetError(f"{folder} names {doc}, which is not in it.")
    ids: set[str] = set()
    for question in result:
        if question.id in ids:
            raise DatasetError(f"{folder} holds two questions {question.id!r}.")
        ids.add(question.id)
    return Dataset(folder, result, digest.hexdigest()[:16], tuple(sorted(names)), within)


def each_line(path: Path, parse: Callable[[dict[str, Any]], Iterable[Question]]) -> Iterator[Question]:
    """Yields the questions of a JSON-lines file, line by line.

    Raises `DatasetError` naming the file and the bad line.
    """
    return chain.from_iterable(each_row(path, lambda row: list(parse(row))))


def each_row(path: Path, parse: Callable[[dict[str, Any]], Q]) -> Iterator[Q]:
    """Yields what `parse` makes of each line of a JSON-lines file.

    Raises `DatasetError` naming the file and the bad line.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield check_row(f"{path}, line {number}", lambda text: parse(json.loads(text)), line)


def check_row(where: str, parse: Callable[[R], Q], row: R) -> Q:
    """Returns the row that `parse` converts; errors of the data are raised as `DatasetError` with their place."""
    try:
        return parse(row)
    except KeyError as error:
        raise DatasetError(f"{where} has no {error}.") from error
    except json.JSONDecodeError as error:
        raise DatasetError(f"{where} is no JSON: {error}.") from error
    except (ValueError, TypeError, SyntaxError) as error:
        raise DatasetError(f"{where}: {type(error).__name__}: {error}.") from error
