"""Passages of evidence joined into blocks that the reader reads at once, and the way back from a span to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from octavo.ingest import Kind
from octavo.rag.answering.passages import Passage
from octavo.rag.answering.reader.rows import row_text

LETTERS = 600
"""A block is ended before it has more letters."""


@dataclass(frozen=True, slots=True)
class ReaderContext:
    """Neighboring passages of one kind: `text` is what the reader reads, `starts` is where each begins in it.

    A block of table rows begins with the table's caption and headings.
    """

    text: str
    passages: tuple[Passage, ...]
    starts: tuple[int, ...]

    def at(self, start: int, end: int) -> tuple[Passage, ...]:
        """Returns the passages that a range of `text` lies in, in reading order.

        There are none for a range of the caption alone.
        """
        ends = (*(start - 1 for start in self.starts[1:]), len(self.text))
        return tuple(
            passage
            for passage, begin, stop in zip(self.passages, self.starts, ends, strict=True)
            if begin < end and start < stop
        )


def blocks(in_order: Sequence[Passage], letters: int = LETTERS) -> list[ReaderContext]:
    """Joins passages that follow each other, sentences with sentences and rows with rows of the same table."""
    groups: list[list[Passage]] = []
    size = 0
    for passage in in_order:
        length = len(_text(passage)) + 1
        if groups and _belong(groups[-1][-1], passage) and size + length <= letters:
            groups[-1].append(passage)
            size += length
        else:
            groups.append([passage])
            size = length
    return [_block(group) for group in groups]


def _belong(last: Passage, passage: Passage) -> bool:
    if Kind.TABLE in (last.kind, passage.kind):
        return last.kind is passage.kind and last.header == passage.header
    return True


def _block(group: Sequence[Passage]) -> ReaderContext:
    is_table = group[0].kind is Kind.TABLE
    title = " ".join(_title(group[0])) if is_table else ""
    text = f"{title}\n" if title else ""
    starts = []
    for n, passage in enumerate(group):
        text += ("\n" if is_table else " ") if n else ""
        starts.append(len(text))
        text += _text(passage)
    return ReaderContext(text, tuple(group), tuple(starts))


def _title(passage: Passage) -> Iterator[str]:
    """Returns the lines above a table's row, without the row that names the columns and the label of its section."""
    lines = passage.context.split("\n")
    header = passage.header.text if passage.header else ""
    for line in lines:
        if line == header:
            return
        if line.strip():
            yield line.strip()


def _section(passage: Passage) -> str:
    """Returns the label that stands last above a row, below the row that names the columns."""
    header = passage.header.text if passage.header else ""
    last = passage.context.rpartition("\n")[2].strip()
    return "" if last == header else last.rstrip(":")


def _text(passage: Passage) -> str:
    if passage.kind is not Kind.TABLE or " | " not in passage.text:
        return passage.text
    if passage.row is not None:
        cells = passage.row.cells
        return row_text([" ".join(cell.names) for cell in cells], [cell.text for cell in cells], _section(passage))
    header = passage.header.text.split(" | ") if passage.header else []
    return row_text([h.strip() for h in header], [c.strip() for c in passage.text.split(" | ")], _section(passage))
