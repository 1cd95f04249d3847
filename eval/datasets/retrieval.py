"""Data sets whose questions do not name their document: BEIR and ViDoRe corpora, MRAG-Bench, and plain CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from octavo.eval.datasets import parquet
from octavo.eval.datasets.model import Dataset, DatasetError, Question, build_dataset, check_row


def beir(folder: Path) -> Dataset:
    """Returns a corpus with queries and relevance judgements, in BEIR's JSON lines or in ViDoRe's Parquet.

    JSON lines: `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`), `qrels/test.tsv`. Parquet:
    the folders `corpus`, `queries` and `qrels` with `corpus-id` and `image` or `text`, `query-id` and `query`, and
    `query-id`, `corpus-id`, `score`. Each entry of the corpus becomes a document of one page in the folder's `made`;
    any score above 0 is relevant.
    """
    as_lines = (folder / "corpus.jsonl").is_file()
    documents = dict(_texts(folder) if as_lines else _entries(folder))
    relevant: dict[str, list[str]] = {}
    for query, entry, score in _relevance_rows(folder) if as_lines else _qrels(folder):
        if score > 0:
            if entry not in documents:
                raise DatasetError(f"{folder}: the judgements name {entry!r}, which the corpus does not hold.")
            relevant.setdefault(query, []).append(documents[entry])
    questions = (
        Question(id=key, question=text, doc=relevant[key][0], gold_pages=(0,), also=_also(relevant[key]))
        for key, text in (_queries(folder) if as_lines else _question_rows(folder))
        if key in relevant
    )
    files = (
        [folder / "queries.jsonl", folder / "qrels" / "test.tsv"] if as_lines else _files(folder, "queries", "qrels")
    )
    return build_dataset(folder, questions, files, documents.values(), within=False)


def mrag(folder: Path) -> Dataset:
    """MRAG-Bench (arXiv 2410.08182): multiple choice over pictures, in Parquet (`data` or the folder itself).

    The gold pictures of all questions are the documents; `choices` are A to D, `answer` is the letter.
    """
    where = folder / "data" if (folder / "data").is_dir() else folder

    def read(row: dict[str, Any]) -> Question:
        key = str(row["id"])
        gold = [_picture(folder, f"{key}-{i}", cell) for i, cell in enumerate(row["gt_images"])]
        return Question(
            id=key,
            question=row["question"],
            doc=gold[0],
            answer=row["answer_choice"],
            gold_pages=(0,),
            evidence_type=(row["aspect"],) if row.get("aspect") else (),
            domain=row.get("scenario") or "",
            also=_also(gold),
            choices=tuple(str(row[letter]) for letter in "ABCD"),
            picture=_picture(folder, f"{key}-asked", row["image"]),
        )

    questions = (check_row(f"{where}, row {n}", read, row) for n, row in enumerate(parquet.rows(where), 1))
    return build_dataset(folder, questions, sorted(where.glob("*.parquet")), within=False)


def table(path: Path) -> Dataset:
    """Returns a CSV file beside its documents; its header has `question`, and perhaps `id`, `answer`, `doc`, `pages`.

    `pages` are numbers as people say them, from 1: `3`, `3-5`, `3; 7`. Without `doc` all documents beside the file,
    and in folders there, are searched. An answer "Not answerable" makes a question unanswerable. Fields are divided by
    commas, or by the semicolons or tabs that the header has.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not in UTF-8: save it as CSV UTF-8.") from error
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    if "question" not in (rows.fieldnames or ()):
        raise DatasetError(f"{path}, line 1: the header has no column question.")
    questions = [check_row(f"{path}, line {rows.line_num}", _line, (n, row)) for n, row in enumerate(rows, 1)]
    within = all(question.doc for question in questions)
    beside = () if within else _documents(path.parent)
    return build_dataset(path.parent, questions, [path], beside, within)


def _line(numbered: tuple[int, dict[str | Any, Any]]) -> Question:
    n, row = numbered
    if None in row:
        raise ValueError("there are more fields than the header has: put a field with commas in quotes")
    if not (row["question"] or "").strip():
        raise ValueError("the question is empty")
    answer, doc = row.get("answer") or "", row.get("doc") or ""
    return Question(
        id=row.get("id") or str(n),
        question=row["question"],
        doc=doc,
        answer=answer,
        answerable=answer.strip().lower() != "not answerable",
        gold_pages=_pages(row.get("pages") or "") if doc else (),
    )


def _pages(text: str) -> tuple[int, ...]:
    """Returns pages as people write them, 0-based.

    >>> _pages("3; 5-6")
    (2, 4, 5)
    """
    results: set[int] = set()
    for part in re.split(r"[;,]\s*|\s+", text.strip()):
        if match := re.fullmatch(r"(\d+)(?:[-–](\d+))?", part):
            results |= set(range(int(match[1]) - 1, int(match[2] or match[1])))
        elif part:
            raise ValueError(f"pages are numbers such as 3, 3-5 or 3; 7, not {text!r}")
    if -1 in results:
        raise ValueError("pages are counted from 1")
    return tuple(sorted(results))


def _documents(folder: Path) -> list[str]:
    from octavo.ingest.readers import find

    return [str(file.relative_to(folder.resolve())) for file in find([str(folder)]) if file.suffix != ".csv"]


def _also(documents: list[str]) -> tuple[tuple[str, int], ...]:
    return tuple((document, 0) for document in documents[1:])


def _picture(folder: Path, name: str, cell: Any) -> str:
    data = parquet.picture(cell)
    return parquet.save(folder, name + parquet.suffix(data), data)


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields rows of a JSON-lines file, each with where it stands."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            where = f"{path}, line {number}"
            try:
                yield where, json.loads(line)
            except ValueError as error:
                raise DatasetError(f"{where}: {error}.") from error


def _field(where: str, row: dict[str, Any], name: str) -> str:
    if row.get(name) is None:
        raise DatasetError(f"{where}: there is no {name}.")
    return str(row[name])


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for where, row in _lines(folder / "corpus.jsonl"):
        key, text = _field(where, row, "_id"), _field(where, row, "text")
        title = row.get("title") or ""
        whole = f"# {title}\n\n{text}" if title else text
        yield key, parquet.save(folder, f"{key}.md", whole.encode())


def _queries(folder: Path) -> Iterator[tuple[str, str]]:
    for where, row in _lines(folder / "queries.jsonl"):
        yield _field(where, row, "_id"), _field(where, row, "text")


def _relevance_rows(folder: Path) -> Iterator[tuple[str, str, float]]:
    path = folder / "qrels" / "test.tsv"
    if not path.is_file():
        raise DatasetError(f"{folder} holds no qrels/test.tsv.")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        parts = line.split("\t")
        if number == 1 and not parts[-1].lstrip("-").replace(".", "", 1).isdigit():
            continue
        try:
            yield parts[0], parts[-2], float(parts[-1])
        except (ValueError, IndexError) as error:
            raise DatasetError(f"{path}, line {number}: not query, entry and score.") from error


def _entries(folder: Path) -> Iterator[tuple[str, str]]:
    for n, row in enumerate(parquet.rows(folder / "corpus"), 1):
        where = f"{folder / 'corpus'}, row {n}"
        key = _field(where, row, "corpus-id")
        try:
            text = row.get("text") or row.get("markdown")
            inside = (
                _picture(folder, key, row["image"])
                if row.get("image")
                else parquet.save(folder, f"{key}.md", str(text or "").encode())
            )
        except ValueError as error:
            raise DatasetError(f"{where}: {error}.") from error
        yield key, inside


def _question_rows(folder: Path) -> Iterator[tuple[str, str]]:
    for row in parquet.rows(folder / "queries", ("query-id", "query")):
        yield str(row["query-id"]), row["query"]


def _qrels(folder: Path) -> Iterator[tuple[str, str, float]]:
    for row in parquet.rows(folder / "qrels", ("query-id", "corpus-id", "score")):
        yield str(row["query-id"]), str(row["corpus-id"]), float(row["score"])


def _files(folder: Path, *names: str) -> list[Path]:
    return [file for name in names for file in sorted((folder / name).glob("*.parquet"))]
