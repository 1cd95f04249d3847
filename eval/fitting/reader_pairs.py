"""Pairs that the reader is fitted on: a question, a window of text, and where the answer stands in it.

Each question gives a window that answers it, where one can be cut out, and windows that do not:

* of the same passage or document, without the answer;
* of its table, without the row or the column of the answer;
* near misses: the answer's window, and the question after another year, number, period or name that is not in it;
* of other documents.

Tables are asked for single cells as well, in a few fixed ways (`_lookups`), because few questions of people do so. They
are written in each of the styles of `reader_tables`, so that the reader takes any of them.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

from octavo.eval.fitting.reader_data import (
    ReaderCorpus,
    TrainingPassage,
    TrainingQuestion,
    find,
    held_out,
    names,
    place,
    words,
)
from octavo.eval.fitting.reader_table_windows import answering_rows, ask_for_cell, rows_without_answer
from octavo.eval.fitting.reader_tables import TrainingTable, write_table
from octavo.eval.fitting.reader_windows import (
    LONGEST,
    SHORTEST,
    SPARE,
    TITLE,
    Pair,
    around,
    choose_style,
    nearest_spans,
    rows_with,
    snap_to_words,
    window_of,
    with_heading,
)

SHARES = {
    "tatqa": 2.0,
    "ohr": 2.0,
    "covidqa": 1.5,
    "fetaqa": 1.0,
    "wikitables": 0.7,
    "policyqa": 0.2,
    "en": 2.0,
    "de": 0.8,
    "es": 0.8,
    "tr": 0.3,
    "vi": 0.3,
    "ru": 0.15,
    "zh": 0.15,
    "ar": 0.15,
}
"""The relative frequency of a question, by its source or, for XQuAD, by its language."""
LOOKUPS = {"tatqa": 3.0, "wikitables": 0.6, "fetaqa": 0.3}
"""The relative frequency of questions about a table's cell, by source."""
_IN_ENGLISH = 0.35
"""The share of questions in other languages that are put to the English passage."""
_NEAR, _WITHOUT, _OTHER, _OTHER_ALONE = 0.45, 0.45, 0.75, 0.3
"""The probabilities that a question gives a near miss, a table without its answer, and another window: with an
answer, without."""
_GUESSED = 0.5
"""The weight of windows that probably answer."""
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?!\w)")
_PERIODS = (
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    ["first quarter", "second quarter", "third quarter", "fourth quarter"],
    ["Q1", "Q2", "Q3", "Q4"],
)
_VALUE = re.compile(r"\d")
_NAMED_SOURCES = frozenset({"xquad", "covidqa", "ohr"})


class PairSampler:
    """Draws pairs from the questions and passages of a folder."""

    def __init__(self, folder: Path) -> None:
        self.material = ReaderCorpus(folder)
        self._names: dict[str, list[str]] = defaultdict(list)
        self._cells: dict[str, list[str]] = defaultdict(list)
        for question in self.material.questions:
            if question.language == "en" and not held_out(question.doc):
                self._names[question.source] += [name for name in names(question.question) if len(name) > 3]
        for passage in self.material.passages.values():
            if passage.table and not held_out(passage.doc):
                for column, name in enumerate(passage.table.header):
                    self._cells[name.lower()] += [row[column] for row in passage.table.rows[:12]]
        weighted = [*self._weights()]
        self._fitted = [each for each, _ in weighted]
        self._shares = [*accumulate(share for _, share in weighted)]

    def _weights(self) -> Iterator[tuple[TrainingQuestion | TrainingPassage, float]]:
        for question in self.material.questions:
            if not held_out(question.doc):
                yield question, SHARES[question.language if question.source == "xquad" else question.source]
        for passage in self.material.passages.values():
            if passage.table and not held_out(passage.doc):
                yield passage, LOOKUPS[passage.source]

    def sample(self, count: int, seed: int) -> list[Pair]:
        """Returns a sample of pairs of questions and of tables from the documents to fit on, by their shares."""
        rng = random.Random(seed)  # noqa: S311 - not for secrets
        pairs: list[Pair] = []
        while len(pairs) < count:
            source = rng.choices(self._fitted, cum_weights=self._shares)[0]
            pairs += self.lookups(source, rng) if isinstance(source, TrainingPassage) else self.draw(source, rng)
        return pairs

    def draw(self, question: TrainingQuestion, rng: random.Random) -> Iterator[Pair]:
        """Yields the pairs of one question."""
        shuffled = rng.sample(question.positives, len(question.positives))
        identity = max(shuffled, key=lambda p: self._count(p, question))
        passage = self.material.passages[identity]
        answered: Pair | None = None
        if passage.table is not None:
            answered = answering_rows(question, passage.table, rng)
        elif not passage.is_table or len(passage.text) < LONGEST:
            answered = self._text_window(question, passage, rng)
        if answered:
            yield answered
            if question.language == "en" and rng.random() < _NEAR:
                yield from self._near_miss(question, answered, passage, rng)
        if passage.table is not None and rng.random() < _WITHOUT:
            yield from rows_without_answer(question, passage.table, rng)
        if rng.random() < (_OTHER if answered else _OTHER_ALONE):
            yield from self._other_window(question, identity, rng)

    def lookups(self, passage: TrainingPassage, rng: random.Random) -> Iterator[Pair]:
        """Yields a question after a cell of a table with the rows around it, and the same without an answer."""
        assert passage.table
        lookup = ask_for_cell(passage, rng)
        if lookup is None:
            return
        question, (r, c) = lookup
        table, style = passage.table, choose_style(rng)
        title, columns = table.title if rng.random() < TITLE else "", [*range(len(table.header))]
        text, ranges = write_table(table, rows_with({r}, table, rng), columns, style, title)
        if ranges[r, c][1] > LONGEST + 2 * SPARE:
            text, ranges = write_table(table, [r], columns, style, title)
        pair = Pair(question, text[: LONGEST + 2 * SPARE], True, (ranges[r, c],), "lookup", passage.source)
        if ranges[r, c][1] > len(pair.passage):
            return
        yield pair
        choice = rng.random()
        if choice < 0.4:
            rows = [n for n in rows_with({r}, table, rng) if n != r] or [
                n for n in (r - 1, r + 1) if 0 <= n < len(table.rows)
            ]
            text = write_table(table, rows, columns, style, title)[0][:LONGEST]
            if text.strip() and table.rows[r][0].lower() not in text.lower():
                yield replace(pair, passage=text, answered=False, spans=(), kind="lookup without row")
        elif choice < 0.6 and len(columns) > 2:
            columns.remove(c)
            rows = rows_with({r}, table, rng)
            text = write_table(table, rows, columns, style, title)[0][:LONGEST]
            if text.strip() and table.header[c].lower() not in text.lower():
                yield replace(pair, passage=text, answered=False, spans=(), kind="lookup without column")
        else:
            years = [year for year in _YEAR.findall(question) if year in text]
            old = rng.choice(years) if years and rng.random() < 0.5 else table.rows[r][0]
            others = (
                [str(int(old) + rng.choice((-6, -3, -2, -1, 1, 2, 4)))]
                if old in years
                else self._cells[table.header[0].lower()]
            )
            new = rng.choice(others) if others else ""
            if (
                len(new) > 3
                and old in question
                and new.lower() not in pair.passage.lower()
                and bool(_VALUE.match(new)) == (old in years)
            ):
                changed = question.replace(old, new)
                yield replace(pair, question=changed, answered=False, spans=(), kind="lookup near miss")

    def _count(self, identity: str, question: TrainingQuestion) -> int:
        return sum(bool(find(self.material.passages[identity].text, answer)) for answer in question.answers)

    def _text_window(self, question: TrainingQuestion, passage: TrainingPassage, rng: random.Random) -> Pair | None:
        """Returns a window around an answer.

        Without an answer it is the window that shares most of the question's words, if any does.
        """
        text, target = passage.text, question
        english = self.material.in_english.get(question)
        if english and rng.random() < _IN_ENGLISH:
            text, target = self.material.passages[english.positives[0]].text, english
        question_words = words(target.question)
        spans = [span for answer in target.answers for span in nearest_spans(text, find(text, answer), question_words)]
        spans = [(start, end) for start, end in spans if end - start <= LONGEST - 60]
        if spans:
            start, end = around(text, rng.choice(spans), rng.randint(SHORTEST, LONGEST), rng)
            inside = tuple((a - start, b - start) for a, b in spans if start <= a and b <= end)
            return with_heading(
                Pair(question.question, text[start:end], True, inside, "text", question.source), passage, rng
            )
        if question.source == "policyqa" or not question_words:
            return None
        starts = range(0, max(1, len(text) - 300), 150)
        best = max(starts, key=lambda at: len(question_words & words(text[at : at + LONGEST])))
        start, end = snap_to_words(text, best, min(len(text), best + LONGEST))
        if len(question_words & words(text[start:end])) < 0.6 * len(question_words):
            return None
        pair = Pair(question.question, text[start:end], True, (), "text without span", question.source, _GUESSED)
        return with_heading(pair, passage, rng)

    def _near_miss(
        self, question: TrainingQuestion, answered: Pair, passage: TrainingPassage, rng: random.Random
    ) -> Iterator[Pair]:
        swaps = [*_dates(question.question, answered.passage, rng), *self._names_in(question, answered.passage, rng)]
        if passage.table is not None:
            swaps += self._cells_in(question.question, answered.passage, passage.table, rng)
        rng.shuffle(swaps)
        passage_text, question_text = answered.passage.lower(), question.question.lower()
        for old, new in swaps:
            if not new or new.lower() in passage_text or new.lower() in question_text:
                continue
            if words(new) & words(old) and not new[0].isdigit() and not any(new in period for period in _PERIODS):
                continue
            changed = re.sub(re.escape(old), lambda _, new=new: new, question.question, flags=re.I)  # type: ignore[misc]
            yield replace(answered, question=changed, answered=False, spans=(), kind="near miss", weight=1.0)
            return

    def _names_in(self, question: TrainingQuestion, text: str, rng: random.Random) -> Iterator[tuple[str, str]]:
        """Yields names of the question that the text holds, each with another of the document or of the source."""
        for name in names(question.question):
            if len(name) <= 3 or name.lower() not in text.lower():
                continue
            others = self._names[question.source]
            if question.source in _NAMED_SOURCES and rng.random() < 0.5:
                beside = [p for p in self.material.by_doc[question.doc] if question.source != "xquad" or ".en." in p]
                result = names(self.material.passages[rng.choice(beside)].text)
                others = [other for other in result if 3 < len(other) < 40] or others
            if others:
                yield name, rng.choice(others)

    def _cells_in(
        self, question: str, text: str, table: TrainingTable, rng: random.Random
    ) -> Iterator[tuple[str, str]]:
        """Yields cells that the question names, each with one of a column of that name in another table."""
        question_text, lowered = question.lower(), text.lower()
        for row in table.rows[:40]:
            for column, cell in enumerate(row):
                low = cell.lower()
                if len(low) > 3 and re.search("[a-z]", low) and low in question_text and low in lowered:
                    others = self._cells[table.header[column].lower()]
                    if others:
                        yield low, rng.choice(others)

    def _other_window(self, question: TrainingQuestion, identity: str, rng: random.Random) -> Iterator[Pair]:
        """Yields a window without the answer: of its passage, of another of its document, or of another document."""
        passage = self.material.passages[identity]
        beside = self._beside(question, rng)
        many = question.source != "policyqa"  # which asks every document the same
        choice = rng.random() if question.language == "en" else rng.uniform(0.2, 1.4)
        for _ in range(6):
            if choice < 0.3 and len(passage.text) > LONGEST + SHORTEST and not passage.is_table:
                start = rng.randrange(len(passage.text) - SHORTEST)
                end = min(len(passage.text), start + rng.randint(SHORTEST, LONGEST))
                start, end = snap_to_words(passage.text, start, end)
                other, text, kind = passage, passage.text[start:end], "same passage"
            elif choice < 0.75 and beside and many:
                other = self._closest(question, rng.sample(beside, min(3, len(beside))))
                text, kind = window_of(other, question, rng), "same document"
            else:
                source = (
                    question.source
                    if choice < 0.88 and many
                    else rng.choice(sorted({*SHARES} & {*self.material.by_source}))
                )
                pool = [p for p in rng.sample(self.material.by_source[source], 6) if self._is_foreign(p, question)]
                if not pool or (source == question.source and not many):
                    continue
                other = self._closest(question, pool)
                text, kind = window_of(other, question, rng), "other document"
            if not text.strip():  # rows without values
                continue
            if kind == "other document" or not any(
                find(text, answer) for answer in question.answers if len(answer) > 2
            ):
                is_guess = kind == "same passage" and question.answers[0].lower() in {"yes", "no"}
                weight = _GUESSED if is_guess else 1.0
                yield with_heading(Pair(question.question, text, False, (), kind, question.source, weight), other, rng)
                return

    def _beside(self, question: TrainingQuestion, rng: random.Random) -> list[str]:
        """Returns the passages of the question's document that do not answer it.

        They are in one language where there are several.
        """
        gold = self.material.positives[question.doc, question.question]
        beside = [p for p in self.material.by_doc[question.doc] if p not in gold]
        if question.source == "xquad":
            language = question.language if rng.random() < 0.7 else "en"
            beside = [p for p in beside if f".{language}." in p and place(p) != place(question.positives[0])]
        return beside

    def _is_foreign(self, identity: str, question: TrainingQuestion) -> bool:
        doc = self.material.passages[identity].doc
        return doc != question.doc and held_out(doc) == held_out(question.doc)

    def _closest(self, question: TrainingQuestion, identities: Sequence[str]) -> TrainingPassage:
        results = [self.material.passages[identity] for identity in identities]
        question_words = words(question.question)
        return max(results, key=lambda passage: len(question_words & words(passage.text)))


def _dates(question: str, text: str, rng: random.Random) -> list[tuple[str, str]]:
    """Returns years of the question that the text holds, each with another; else other numbers, months and quarters."""
    steps = (-9, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 8)
    years = [match.group() for match in _YEAR.finditer(question) if match.group() in text]
    if years:
        return [(year, str(int(year) + rng.choice(steps))) for year in years]
    numbers = [match.group() for match in _NUMBER.finditer(question)]
    swaps = [(number, _other_number(number, rng)) for number in numbers if len(number) > 1 and number in text]
    for period in _PERIODS:
        for name in period:
            if re.search(rf"\b{name}\b", question, re.I) and name.lower() in text.lower():
                swaps.append((name, rng.choice(period)))
    return swaps


def _other_number(number: str, rng: random.Random) -> str:
    return "".join(str(rng.randint(1, 9)) if sign.isdigit() and rng.random() < 0.6 else sign for sign in number)
