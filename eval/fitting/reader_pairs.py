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
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

from octavo.eval.fitting.reader_data import (
    Material,
    Passage,
    Question,
    find,
    held_out,
    names,
    nearest,
    place,
    words,
)
from octavo.eval.fitting.reader_tables import Cell, Style, Table, write_table

SHORTEST, LONGEST = 120, 600
"""Letters of a window; a table's may be a little longer."""
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
_SPARE = 100
_IN_ENGLISH = 0.35
"""The share of questions in other languages that are put to the English passage."""
_NEAR, _WITHOUT, _OTHER, _OTHER_ALONE = 0.45, 0.45, 0.75, 0.3
"""The probabilities that a question gives a near miss, a table without its answer, and another window: with an
answer, without."""
_TITLE, _HEADING = 0.85, 0.3
"""The probabilities that a table's title, and a document's name, stand above the window."""
_GUESSED, _COUNTED = 0.5, 0.6
"""Weights of windows that probably answer, and of questions over many rows."""
_COUNTS = re.compile(
    r"\b(how many|number of|total|sum|average|mean|difference|most|least|fewest|highest|lowest|longest|shortest|"
    r"largest|smallest|biggest|greatest|oldest|youngest|best|worst|first|last|next|before|after|previous|above|below|"
    r"more|less|fewer|than|same|only|consecutive|top|bottom|earliest|latest|percentage|change|increase|decrease|"
    r"ratio|between|both|either|or)\b",
    re.I,
)
_COMPUTED = re.compile(r"\s*(how many|what (is|was) the (total|difference|average|number))", re.I)
_OF_PERIOD = (
    "What was {row} in {column}?",
    "What was the {row} in {column}?",
    "How much was {row} in {column}?",
    "What is the {row} for {column}?",
    "how much {row} did the company have in {column}?",
    "{row} {column}",
)
_OF_ROW = (
    "What is the {column} of {row}?",
    "What {column} does {row} have?",
    "Which {column} is given for {row}?",
    "{row}: {column}?",
    "{column} of {row}",
)
_OF_VALUE = (
    "Which {key} has {cell} as its {column}?",
    "Which {key} has the {column} {cell}?",
    "{key} with {column} {cell}",
)
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
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_VALUE = re.compile(r"\d")
_NAMED_SOURCES = frozenset({"xquad", "covidqa", "ohr"})


@dataclass(frozen=True, slots=True)
class Pair:
    """`spans` are the ranges of the answer in `passage`; an answered pair may have none.

    `kind` says how the window was made, `weight` what it counts.
    """

    question: str
    passage: str
    answered: bool
    spans: tuple[tuple[int, int], ...] = ()
    kind: str = ""
    source: str = ""
    weight: float = 1.0


class Pairs:
    """Draws pairs from the questions and passages of a folder."""

    def __init__(self, folder: Path) -> None:
        self.material = Material(folder)
        self._names: dict[str, list[str]] = defaultdict(list)
        self._cells: dict[str, list[str]] = defaultdict(list)
        for question in self.material.questions:
            if question.language == "en" and not held_out(question.doc):
                self._names[question.source] += [name for name in names(question.question) if len(name) > 3]
        for passage in self.material.passages.values():
            if passage.table and not held_out(passage.doc):
                for column, name in enumerate(passage.table.header):
                    self._cells[name.lower()] += [row[column] for row in passage.table.rows[:12]]
        weighted = [*self._weighted()]
        self._fitted = [each for each, _ in weighted]
        self._shares = [*accumulate(share for _, share in weighted)]

    def _weighted(self) -> Iterator[tuple[Question | Passage, float]]:
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
            drawn = rng.choices(self._fitted, cum_weights=self._shares)[0]
            pairs += self.lookups(drawn, rng) if isinstance(drawn, Passage) else self.draw(drawn, rng)
        return pairs

    def draw(self, question: Question, rng: random.Random) -> Iterator[Pair]:
        """Yields the pairs of one question."""
        shuffled = rng.sample(question.positives, len(question.positives))
        identity = max(shuffled, key=lambda p: self._count(p, question))
        passage = self.material.passages[identity]
        answered: Pair | None = None
        if passage.table is not None:
            answered = _table_window(question, passage.table, rng)
        elif not passage.is_table or len(passage.text) < LONGEST:
            answered = self._text_window(question, passage, rng)
        if answered:
            yield answered
            if question.language == "en" and rng.random() < _NEAR:
                yield from self._near_miss(question, answered, passage, rng)
        if passage.table is not None and rng.random() < _WITHOUT:
            yield from _table_without(question, passage.table, rng)
        if rng.random() < (_OTHER if answered else _OTHER_ALONE):
            yield from self._other_window(question, identity, rng)

    def lookups(self, passage: Passage, rng: random.Random) -> Iterator[Pair]:
        """Yields a question after a cell of a table with the rows around it, and the same without an answer."""
        assert passage.table
        lookup = _lookup(passage, rng)
        if lookup is None:
            return
        question, (r, c) = lookup
        table, style = passage.table, _style(rng)
        title, columns = table.title if rng.random() < _TITLE else "", [*range(len(table.header))]
        text, ranges = write_table(table, _rows_with({r}, table, rng), columns, style, title)
        if ranges[r, c][1] > LONGEST + 2 * _SPARE:
            text, ranges = write_table(table, [r], columns, style, title)
        pair = Pair(question, text[: LONGEST + 2 * _SPARE], True, (ranges[r, c],), "lookup", passage.source)
        if ranges[r, c][1] > len(pair.passage):
            return
        yield pair
        choice = rng.random()
        if choice < 0.4:
            rows = [n for n in _rows_with({r}, table, rng) if n != r] or [
                n for n in (r - 1, r + 1) if 0 <= n < len(table.rows)
            ]
            text = write_table(table, rows, columns, style, title)[0][:LONGEST]
            if text.strip() and table.rows[r][0].lower() not in text.lower():
                yield replace(pair, passage=text, answered=False, spans=(), kind="lookup without row")
        elif choice < 0.6 and len(columns) > 2:
            columns.remove(c)
            rows = _rows_with({r}, table, rng)
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

    def _count(self, identity: str, question: Question) -> int:
        return sum(bool(find(self.material.passages[identity].text, answer)) for answer in question.answers)

    def _text_window(self, question: Question, passage: Passage, rng: random.Random) -> Pair | None:
        """Returns a window around an answer.

        Without an answer it is the window that shares most of the question's words, if any does.
        """
        text, target = passage.text, question
        english = self.material.in_english.get(question)
        if english and rng.random() < _IN_ENGLISH:
            text, target = self.material.passages[english.positives[0]].text, english
        question_words = words(target.question)
        spans = [span for answer in target.answers for span in _nearest(text, find(text, answer), question_words)]
        spans = [(start, end) for start, end in spans if end - start <= LONGEST - 60]
        if spans:
            start, end = _around(text, rng.choice(spans), rng.randint(SHORTEST, LONGEST), rng)
            inside = tuple((a - start, b - start) for a, b in spans if start <= a and b <= end)
            return _headed(
                Pair(question.question, text[start:end], True, inside, "text", question.source), passage, rng
            )
        if question.source == "policyqa" or not question_words:
            return None
        starts = range(0, max(1, len(text) - 300), 150)
        best = max(starts, key=lambda at: len(question_words & words(text[at : at + LONGEST])))
        start, end = _snapped(text, best, min(len(text), best + LONGEST))
        if len(question_words & words(text[start:end])) < 0.6 * len(question_words):
            return None
        pair = Pair(question.question, text[start:end], True, (), "text without span", question.source, _GUESSED)
        return _headed(pair, passage, rng)

    def _near_miss(self, question: Question, answered: Pair, passage: Passage, rng: random.Random) -> Iterator[Pair]:
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

    def _names_in(self, question: Question, text: str, rng: random.Random) -> Iterator[tuple[str, str]]:
        """Names of the question that the text holds, each with another of the document or of the source."""
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

    def _cells_in(self, question: str, text: str, table: Table, rng: random.Random) -> Iterator[tuple[str, str]]:
        """Cells that the question names, each with one of a column of that name in another table."""
        question_text, lowered = question.lower(), text.lower()
        for row in table.rows[:40]:
            for column, cell in enumerate(row):
                low = cell.lower()
                if len(low) > 3 and re.search("[a-z]", low) and low in question_text and low in lowered:
                    others = self._cells[table.header[column].lower()]
                    if others:
                        yield low, rng.choice(others)

    def _other_window(self, question: Question, identity: str, rng: random.Random) -> Iterator[Pair]:
        """Yields a window without the answer: of its passage, of another of its document, or of another document."""
        passage = self.material.passages[identity]
        beside = self._beside(question, rng)
        many = question.source != "policyqa"  # which asks every document the same
        choice = rng.random() if question.language == "en" else rng.uniform(0.2, 1.4)
        for _ in range(6):
            if choice < 0.3 and len(passage.text) > LONGEST + SHORTEST and not passage.is_table:
                start = rng.randrange(len(passage.text) - SHORTEST)
                end = min(len(passage.text), start + rng.randint(SHORTEST, LONGEST))
                start, end = _snapped(passage.text, start, end)
                other, text, kind = passage, passage.text[start:end], "same passage"
            elif choice < 0.75 and beside and many:
                other = self._closest(question, rng.sample(beside, min(3, len(beside))))
                text, kind = _cut(other, question, rng), "same document"
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
                text, kind = _cut(other, question, rng), "other document"
            if not text.strip():  # rows without values
                continue
            if kind == "other document" or not any(
                find(text, answer) for answer in question.answers if len(answer) > 2
            ):
                is_guess = kind == "same passage" and question.answers[0].lower() in {"yes", "no"}
                weight = _GUESSED if is_guess else 1.0
                yield _headed(Pair(question.question, text, False, (), kind, question.source, weight), other, rng)
                return

    def _beside(self, question: Question, rng: random.Random) -> list[str]:
        """Returns the passages of the question's document that do not answer it.

        They are in one language where there are several.
        """
        gold = self.material.positives[question.doc, question.question]
        beside = [p for p in self.material.by_doc[question.doc] if p not in gold]
        if question.source == "xquad":
            language = question.language if rng.random() < 0.7 else "en"
            beside = [p for p in beside if f".{language}." in p and place(p) != place(question.positives[0])]
        return beside

    def _is_foreign(self, identity: str, question: Question) -> bool:
        doc = self.material.passages[identity].doc
        return doc != question.doc and held_out(doc) == held_out(question.doc)

    def _closest(self, question: Question, identities: Sequence[str]) -> Passage:
        results = [self.material.passages[identity] for identity in identities]
        question_words = words(question.question)
        return max(results, key=lambda passage: len(question_words & words(passage.text)))


def _lookup(passage: Passage, rng: random.Random) -> tuple[str, Cell] | None:
    """Returns a question after one cell of a table whose rows have names of their own, and the cell.

    Returns `None` for other tables.
    """
    table = passage.table
    assert table
    labels = [row[0] for row in table.rows]
    named = [r for r, label in enumerate(labels) if 3 < len(label) < 80 and labels.count(label) == 1]
    columns = [c for c, name in enumerate(table.header) if c and 1 < len(name) < 40 and table.header.count(name) == 1]
    cells = [
        (r, c) for r in named for c in columns if 0 < len(table.rows[r][c]) < 60 and re.search(r"\w", table.rows[r][c])
    ]
    if not cells:
        return None
    r, c = rng.choice(cells)
    row, column, cell = labels[r], table.header[c], table.rows[r][c]
    if passage.source == "tatqa":
        return rng.choice(_OF_PERIOD).format(row=row, column=column), (r, c)
    if table.header[0] and sum(line[c] == cell for line in table.rows) == 1 and rng.random() < 0.4:
        return rng.choice(_OF_VALUE).format(key=table.header[0].lower(), column=column.lower(), cell=cell), (r, 0)
    return rng.choice(_OF_ROW).format(row=row, column=column.lower()), (r, c)


def _table_window(question: Question, table: Table, rng: random.Random) -> Pair | None:
    """Rows that answer, with some beside them; the whole table for a question over many rows, where it is short."""
    marks = _marks(question, table)
    counts = bool(_COUNTS.search(question.question)) or not marks
    style, title, columns = _style(rng), table.title if rng.random() < _TITLE else "", range(len(table.header))
    rows = [*range(len(table.rows))] if counts else _rows_with({r for r, _ in marks}, table, rng)
    text, ranges = write_table(table, rows, columns, style, title)
    if len(text) > LONGEST + _SPARE and counts:
        if not marks or rng.random() < 0.5:
            return None
        rows = _rows_with({rng.choice(sorted(marks))[0]}, table, rng)
        text, ranges = write_table(table, rows, columns, style, title)
    if len(text) > LONGEST + 2 * _SPARE:
        if counts:
            return None
        text, ranges = write_table(table, [min(r for r, _ in marks)], columns, style, title)
    if question.source != "tatqa" and _COMPUTED.match(question.question):
        marks = {}
    spans = []
    for cell, answer in marks.items():
        if cell in ranges:
            start, end = ranges[cell]
            inner = find(text[start:end], answer)
            spans.append((start + inner[0][0], start + inner[0][1]) if inner else (start, end))
    kind, weight = "table" if spans else "table without span", _COUNTED if counts or not spans else 1.0
    return Pair(question.question, text, True, tuple(spans), kind, question.source, weight)


def _table_without(question: Question, table: Table, rng: random.Random) -> Iterator[Pair]:
    marks = _marks(question, table)
    if not marks or _COUNTS.search(question.question):
        return
    style, title = _style(rng), table.title if rng.random() < _TITLE else ""
    answering, answers = {r for r, _ in marks}, {c for _, c in marks}
    columns = [*range(len(table.header))]
    if rng.random() < 0.35 and len(columns) - len(answers) > 1:
        columns = [c for c in columns if c not in answers]
        rows = _rows_with(answering, table, rng)
    else:
        others = [r for r in range(len(table.rows)) if r not in answering]
        if not others:
            return
        at = rng.randrange(len(others))
        rows = others[at : at + rng.choice((1, 1, 2, 4, 8))]
    text = write_table(table, rows, columns, style, title)[0][: LONGEST + _SPARE]
    if text.strip() and not any(find(text, answer) for answer in question.answers):
        yield Pair(question.question, text, False, (), "table without answer", question.source)


def _marks(question: Question, table: Table) -> dict[Cell, str]:
    """Returns the cells that hold an answer, and which; of many, those whose row and column the question speaks of."""
    cells: dict[Cell, str] = {}
    plain = [[_plain(cell) for cell in row] for row in table.rows]
    for r, row in enumerate(plain):
        for c, cell in enumerate(row):
            for answer in question.answers:
                wanted = _plain(answer)
                if cell and (
                    cell == wanted or (len(wanted) > 3 and wanted in cell and len(cell) < 4 * len(wanted) + 20)
                ):
                    cells[r, c] = answer
    if question.source == "fetaqa" and not cells:
        cells = _told_cells(question, table, plain)
    if len(cells) > 1 and len(question.answers) == 1:
        question_words = words(question.question)

        def shared(cell: Cell) -> int:
            row = [value for c, value in enumerate(table.rows[cell[0]]) if c != cell[1]]
            beside = words(" ".join([*row, table.sections[cell[0]]]))
            return 2 * len(question_words & beside) + len(question_words & words(table.header[cell[1]]))

        most = max(map(shared, cells))
        cells = {cell: answer for cell, answer in cells.items() if shared(cell) == most}
    return cells


def _told_cells(question: Question, table: Table, plain: Sequence[Sequence[str]]) -> dict[Cell, str]:
    """Returns the cells that an answer in sentences takes from its main rows and the question does not hold."""
    answer_text, question_text = _plain(" ".join(question.answers)), _plain(question.question)
    counts = [sum(len(cell) > 2 and cell in answer_text for cell in row) for row in plain]
    most = max(counts, default=0)
    return {
        (r, c): table.rows[r][c]
        for r, count in enumerate(counts)
        if most and count == most
        for c, cell in enumerate(plain[r])
        if len(cell) > 2 and cell in answer_text and cell not in question_text
    }


def _plain(text: str) -> str:
    return re.sub(r"[\s\"'“”‘’.,$€£]+", " ", text.lower()).strip()


def _rows_with(needed: set[int], table: Table, rng: random.Random) -> list[int]:
    """Returns up to four of the rows that are needed, and some of those next to them."""
    rows = set(sorted(needed)[:4])
    middle = rng.choice(sorted(rows))
    near = sorted((r for r in range(len(table.rows)) if r not in rows), key=lambda r: abs(r - middle))
    return sorted(rows | set(near[: rng.choice((0, 0, 1, 2, 4, 8))]))


def _style(rng: random.Random) -> Style:
    styles: tuple[Style, ...] = ("cells", "lines", "markdown")
    return rng.choices(styles, (0.6, 0.3, 0.1))[0]


def _dates(question: str, text: str, rng: random.Random) -> list[tuple[str, str]]:
    """Years of the question that the text holds, each with another; else other numbers, months and quarters."""
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


def _cut(passage: Passage, question: Question, rng: random.Random) -> str:
    """Returns a window of a passage: of three, the one that shares most words with the question.

    Of a table it is a few rows.
    """
    if passage.table and rng.random() < 0.7:
        table = passage.table
        at = rng.randrange(len(table.rows))
        rows = range(at, min(len(table.rows), at + rng.choice((1, 2, 4, 8))))
        title = table.title if rng.random() < _TITLE else ""
        return write_table(table, rows, range(len(table.header)), _style(rng), title)[0][:LONGEST]
    text, size = passage.text, rng.randint(SHORTEST, LONGEST)
    if len(text) <= size:
        return text
    question_words = words(question.question)
    starts = [rng.randrange(len(text) - size + 1) for _ in range(3)]
    start = max(starts, key=lambda at: len(question_words & words(text[at : at + size])))
    start, end = _snapped(text, start, start + size)
    return text[start:end]


def _headed(pair: Pair, passage: Passage, rng: random.Random) -> Pair:
    """Returns the pair, at times with the document's name above the window, as a heading stands there."""
    if passage.source not in {"xquad", "policyqa"} or rng.random() > _HEADING:
        return pair
    heading = passage.doc.rpartition("/")[2].replace("_", " ") + "\n"
    spans = tuple((start + len(heading), end + len(heading)) for start, end in pair.spans)
    return replace(pair, passage=heading + pair.passage, spans=spans)


def _nearest(text: str, ranges: list[tuple[int, int]], question_words: set[str]) -> list[tuple[int, int]]:
    return nearest(text, ranges, question_words) if len(ranges) > 1 else ranges


def _around(text: str, span: tuple[int, int], size: int, rng: random.Random) -> tuple[int, int]:
    """Returns a range of about `size` letters around a span, at a random offset, cut at the ends of sentences."""
    start = max(0, span[0] - rng.randint(0, max(0, size - (span[1] - span[0]))))
    end = max(span[1], min(len(text), start + size))
    first, last = _snapped(text, start, end)
    return (first if first <= span[0] else start), (last if last >= span[1] else end)


def _snapped(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns the range with its ends moved inwards to the ends of lines, sentences or words."""
    if start > 0:
        match = _SENTENCE.search(text, start, start + 80) or re.compile(r"\s").search(text, start, end)
        start = match.end() if match and match.end() < end else start
    if end < len(text):
        breaks = [match.start() for match in _SENTENCE.finditer(text, max(start + 1, end - 80), end)]
        end = breaks[-1] if breaks else end
    return start, max(end, start + 1)
