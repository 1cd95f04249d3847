"""The questions and passages that the reader is fitted on, and where answers stand in passages.

A folder holds `questions.jsonl.gz` with `source, question, doc, positives, answer, language` and `passages.jsonl.gz`
with `id, source, doc, text`.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from octavo.eval.fitting.reader_tables import TrainingTable, parse_table

SHARE_HELD_OUT = 7
"""One document of so many is held out, with all of its questions."""
_TITLED = frozenset({"wikitables", "fetaqa"})
_CLOSE, _LONG = 88, 24
"""An answer of so many letters counts as found where a text is so close to it, in percent."""
_NAME = re.compile(r"\b[A-Z][\w&.'-]*[a-z][\w'-]*(?:\s+(?:(?:of|the|de|and|for)\s+)?[A-Z][\w&.'-]+)*")
_WORD = re.compile(r"\w+")
_STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "by",
        "with",
        "from",
        "and",
        "or",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "that",
        "this",
        "these",
        "those",
        "it",
        "its",
        "as",
        "their",
        "there",
        "than",
        "into",
        "about",
        "any",
        "much",
        "many",
    ]
)


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question with the ids of the passages that answer it; `answers` are the parts of a list."""

    source: str
    question: str
    doc: str
    positives: tuple[str, ...]
    answers: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class TrainingPassage:
    """A passage; `table` is set where its lines are a table that could be read."""

    source: str
    doc: str
    text: str
    is_table: bool
    table: TrainingTable | None


class ReaderCorpus:
    """A folder's questions and passages."""

    def __init__(self, folder: Path) -> None:
        self.passages = {row["id"]: _passage(row) for row in _rows(folder / "passages.jsonl.gz")}
        self.questions = [_question(row) for row in _rows(folder / "questions.jsonl.gz")]
        self.by_doc: dict[str, list[str]] = defaultdict(list)
        self.by_source: dict[str, list[str]] = defaultdict(list)
        for identity, passage in self.passages.items():
            self.by_doc[passage.doc].append(identity)
            self.by_source[passage.source].append(identity)
        self.positives: dict[tuple[str, str], set[str]] = defaultdict(set)
        """All passages that answer a question of a document, which may be asked several times."""
        for question in self.questions:
            self.positives[question.doc, question.question].update(question.positives)
        self.in_english = dict(self._parallel())
        """The English question with the same meaning, by one of another language."""

    def _parallel(self) -> Iterator[tuple[TrainingQuestion, TrainingQuestion]]:
        """XQuAD asks the same questions, in the same order, of the same passages in each language."""
        groups: dict[tuple[str, str, str], list[TrainingQuestion]] = defaultdict(list)
        for question in self.questions:
            if question.source == "xquad":
                groups[question.doc, place(question.positives[0]), question.language].append(question)
        for (doc, where, language), group in groups.items():
            english = groups.get((doc, where, "en"), [])
            if language != "en" and len(english) == len(group):
                yield from zip(group, english, strict=True)


def place(identity: str) -> str:
    """Returns the part of an XQuAD id that is the same in all languages."""
    return identity.rpartition(".json-")[2]


def held_out(doc: str) -> bool:
    """Returns whether a document is kept from fitting."""
    return zlib.crc32(doc.encode()) % SHARE_HELD_OUT == 0


def words(text: str) -> set[str]:
    """Returns the content words of a text, in lower case."""
    return {word for word in _WORD.findall(text.lower()) if word not in _STOP}


def names(question: str) -> list[str]:
    """Returns capitalized names, the first word aside.

    >>> names("When did Karin Holt join the Bank of Norway?")
    ['Karin Holt', 'Bank of Norway']
    """
    return [match.group() for match in _NAME.finditer(question) if match.start() > 0]


def find(text: str, answer: str) -> list[tuple[int, int]]:
    """Returns the ranges of an answer in a text, letter case and white space aside; one that is close to a long answer.

    >>> find("In 2019 sales were 1,234.5 and\\n costs 34.5.", "34.5"), find("A new  Office", "new office")
    ([(38, 42)], [(2, 13)])
    """
    parts = answer.strip().strip(".").split()
    if not parts:
        return []
    pattern = r"\s+".join(map(re.escape, parts))
    if re.match(r"\w", parts[0]):
        pattern = r"(?<!\w)(?<!\d[.,])" + pattern
    if re.search(r"\w$", parts[-1]):
        pattern += r"(?!\w)" + (r"(?![.,]\d)" if parts[-1][-1].isdigit() else "")
    results = [match.span() for match in re.finditer(pattern, text, re.I)]
    if results or len(answer) < _LONG or len(text) < len(answer) or len(text.lower()) != len(text):
        return results
    close = fuzz.partial_ratio_alignment(answer.lower(), text.lower(), score_cutoff=_CLOSE)
    return [_whole_words(text, close.dest_start, close.dest_end)] if close and close.dest_end > close.dest_start else []


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def nearest(
    text: str, ranges: Sequence[tuple[int, int]], question_words: set[str], around: int = 120
) -> list[tuple[int, int]]:
    """Returns those of some ranges around which most of the words that are asked for stand."""
    shared = [len(question_words & words(text[max(0, start - around) : end + around])) for start, end in ranges]
    return [where for where, count in zip(ranges, shared, strict=True) if count == max(shared)]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _passage(row: dict[str, Any]) -> TrainingPassage:
    titled = row["source"] in _TITLED
    is_table = titled or (row["source"] == "tatqa" and row["id"].endswith("table"))
    table = parse_table(row["text"], titled=titled) if is_table else None
    return TrainingPassage(row["source"], row["doc"], row["text"], is_table, table)


def _question(row: dict[str, Any]) -> TrainingQuestion:
    answer = row["answer"]
    if row["source"] == "wikitables":
        answers = answer.split("|")
    elif row["source"] == "tatqa" and answer.startswith(("[", '"')):
        value = json.loads(answer)
        answers = [str(part) for part in value] if isinstance(value, list) else [str(value)]
    else:
        answers = [answer]
    return TrainingQuestion(
        source=row["source"],
        question=row["question"].strip(),
        doc=row["doc"],
        positives=tuple(row["positives"]),
        answers=tuple(part.strip() for part in answers if part.strip()),
        language=row["language"],
    )
