"""Questions and windows of tables: rows that answer, rows that do not, and single cells."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from octavo.eval.fitting.reader_data import TrainingPassage, TrainingQuestion, find, words
from octavo.eval.fitting.reader_tables import Cell, TrainingTable, write_table
from octavo.eval.fitting.reader_windows import LONGEST, SPARE, TITLE, Pair, choose_style, rows_with

_COUNTED = 0.6
"""The weight of windows of questions over many rows."""
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


def ask_for_cell(passage: TrainingPassage, rng: random.Random) -> tuple[str, Cell] | None:
    """Returns a question after one cell of a table whose rows have names of their own, and the cell.

    Returns `None` for other tables.
    """
    table = passage.table
    assert table
    labels = [row[0] for row in table.rows]
    unique_rows = [r for r, label in enumerate(labels) if 3 < len(label) < 80 and labels.count(label) == 1]
    columns = [c for c, name in enumerate(table.header) if c and 1 < len(name) < 40 and table.header.count(name) == 1]
    cells = [
        (r, c)
        for r in unique_rows
        for c in columns
        if 0 < len(table.rows[r][c]) < 60 and re.search(r"\w", table.rows[r][c])
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


def answering_rows(question: TrainingQuestion, table: TrainingTable, rng: random.Random) -> Pair | None:
    """Returns rows that answer, with some beside them; a short table whole for a question over many rows."""
    marks = _marks(question, table)
    counts = bool(_COUNTS.search(question.question)) or not marks
    style, title, columns = choose_style(rng), table.title if rng.random() < TITLE else "", range(len(table.header))
    rows = [*range(len(table.rows))] if counts else rows_with({r for r, _ in marks}, table, rng)
    text, ranges = write_table(table, rows, columns, style, title)
    if len(text) > LONGEST + SPARE and counts:
        if not marks or rng.random() < 0.5:
            return None
        rows = rows_with({rng.choice(sorted(marks))[0]}, table, rng)
        text, ranges = write_table(table, rows, columns, style, title)
    if len(text) > LONGEST + 2 * SPARE:
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


def rows_without_answer(question: TrainingQuestion, table: TrainingTable, rng: random.Random) -> Iterator[Pair]:
    """Yields a window of a table without the rows, or the columns, of the answer."""
    marks = _marks(question, table)
    if not marks or _COUNTS.search(question.question):
        return
    style, title = choose_style(rng), table.title if rng.random() < TITLE else ""
    answering, answers = {r for r, _ in marks}, {c for _, c in marks}
    columns = [*range(len(table.header))]
    if rng.random() < 0.35 and len(columns) - len(answers) > 1:
        columns = [c for c in columns if c not in answers]
        rows = rows_with(answering, table, rng)
    else:
        others = [r for r in range(len(table.rows)) if r not in answering]
        if not others:
            return
        at = rng.randrange(len(others))
        rows = others[at : at + rng.choice((1, 1, 2, 4, 8))]
    text = write_table(table, rows, columns, style, title)[0][: LONGEST + SPARE]
    if text.strip() and not any(find(text, answer) for answer in question.answers):
        yield Pair(question.question, text, False, (), "table without answer", question.source)


def _marks(question: TrainingQuestion, table: TrainingTable) -> dict[Cell, str]:
    """Returns the cells that hold an answer, and which; of many, those whose row and column the question speaks of."""
    cells: dict[Cell, str] = {}
    plain = [[_plain(cell) for cell in row] for row in table.rows]
    for r, row in enumerate(plain):
        for c, cell in enumerate(row):
            for answer in question.answers:
                target = _plain(answer)
                if cell and (
                    cell == target or (len(target) > 3 and target in cell and len(cell) < 4 * len(target) + 20)
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


def _told_cells(question: TrainingQuestion, table: TrainingTable, plain: Sequence[Sequence[str]]) -> dict[Cell, str]:
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
