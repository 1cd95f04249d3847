"""Plain text and Markdown as blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from octavo.ingest.markup import html
from octavo.ingest.markup.blocks import Block, Grid, MarkupContent, TextBlock
from octavo.ingest.markup.pictures import Find
from octavo.ingest.model import HEADINGS, Kind
from octavo.ingest.table import Table

_FRONT = re.compile(r"\A(?:---\n(.*?)\n(?:---|\.\.\.)|\+\+\+\n(.*?)\n\+\+\+)\s*(?:\n|\Z)", re.S)
_TITLE = re.compile(r"^title\s*[:=]\s*[\"']?(.+?)[\"']?\s*$", re.M)
_TASK = re.compile(r"(<li>(?:\s*<p>)?)\[([ xX])\] ")
_BACK = re.compile(r"\s*<a [^>]*class=\"footnote-backref\".*?</a>")
_GAP = re.compile(r"(?<=\S)(?: {2,}|\t+)(?=\S)")
_COLORS = re.compile(r"\x1b\[[\d;]*[A-Za-z]")
_RULE = re.compile(r"[\s|+=:_-]+")
_NUMBER = re.compile(r"[($€£-]*\d[\d.,:/ %-]*[)%]?")
_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d")
_ITEM = re.compile(r"\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+\S")
_FIELD = re.compile(r"\s*[^\W\d_][^:]{0,40}:\s+\S")
_SENTENCE = re.compile(r"[.!?](?:\s|$)")
_NUMBERED = re.compile(r"\s*\(?\d{1,2}(?:\.\d{1,2})*[.)]\s{2,}\S+(?: \S+)*")
"""A heading or an item with its number, apart from nothing else."""
_UNDERLINE = re.compile(r"[=~-]{3,}")
_DIGIT, _AMOUNT = re.compile(r"\d"), re.compile(r"\d+(?:[.,:]\d+)*")
_LONGEST_BLOCK = 200
_ROWS = 50
"""Rows below the first one that tell whether it names the columns."""
_LONGEST_HEADING = 8
"""Words of a line that is a heading."""


def read_markdown(text: str, find: Find) -> MarkupContent:
    """Reads a Markdown text, the HTML in it included; the title of its front matter stands above it.

    >>> content = read_markdown("# Plan\\n\\n~~old~~ <b>new</b>[^1]\\n\\n[^1]: In May.", lambda address: None)
    >>> [block.text for block in content.blocks]
    ['Plan', '~~old~~ new[1]', '1. In May.']
    """
    front = _FRONT.match(text)
    title = _TITLE.search(front[1] or front[2] or "") if front else None
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markup = markdown.use(footnote_plugin).use(deflist_plugin).render(text[front.end() :] if front else text)
    markup = _TASK.sub(lambda m: f"{m[1]}{'☐' if m[2] == ' ' else '☒'} ", _BACK.sub("", markup))
    content = html.read(markup, find)
    if title is None:
        return content
    has_title = any(isinstance(b, TextBlock) and b.kind in HEADINGS and b.text == title[1] for b in content.blocks[:3])
    above = () if has_title else (TextBlock.of(title[1], kind=Kind.TITLE),)
    return MarkupContent(title[1], (*above, *content.blocks), content.problems)


def read_text(text: str) -> MarkupContent:
    """Reads a plain text: its lines stay lines, and those whose columns line up are rows of a table.

    >>> content = read_text("Stock\\n\\nItem     Price\\nNut M8    0.08\\nBolt M8   0.15\\n")
    >>> [block.text if isinstance(block, TextBlock) else block.table.csv() for block in content.blocks]
    ['Stock', 'Item,Price\\r\\nNut M8,0.08\\r\\nBolt M8,0.15\\r\\n']

    A short line above a list, above lines of a form or above sentences is a heading.

    >>> [block.kind.value for block in read_text("Version 2.1\\n- Fixed: printing\\n- New: dark mode\\n").blocks]
    ['section-header', 'text']
    """
    return MarkupContent("", tuple(_blocks(_COLORS.sub("", text))))


def _blocks(text: str) -> Iterator[Block]:
    group: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip() and len(group) < _LONGEST_BLOCK:
            group.append(line.rstrip())
            continue
        if group:
            yield from _group(group)
        group = [line.rstrip()] if line.strip() else []


def _group(lines: Sequence[str]) -> Iterator[Block]:
    """Yields lines that follow each other, with the tables among them."""
    n = 0
    plain: list[str] = []
    heading = _heading_lines(lines)
    if heading:
        yield TextBlock.of(lines[0].strip(), kind=Kind.SECTION_HEADER, level=1)
        lines = lines[heading:]
    while n < len(lines):
        rows = _parse_tabs(lines[n:]) or _parse_bars(lines[n:]) or _table([line.expandtabs(8) for line in lines[n:]])
        if rows:
            table, line_count = rows
            if plain:
                yield _passage(plain)
                plain = []
            yield Grid(table)
            n += line_count
        else:
            plain.append(lines[n].expandtabs(8))
            n += 1
    if plain:
        yield _passage(plain)


def _heading_lines(lines: Sequence[str]) -> int:
    """Returns how many of the first lines are a heading: 1, 2 where it is underlined, or 0."""
    first, following = lines[0], lines[1] if len(lines) > 1 else ""
    is_short = len(first.split()) <= _LONGEST_HEADING and not first.rstrip().endswith((".", ",", ";", ":", "!", "?"))
    if not is_short or first[:1].isspace() or not first[:1].isalnum() or _ITEM.match(first) or _FIELD.match(first):
        return 0
    if _UNDERLINE.fullmatch(following.strip()):
        return 2
    if first.isupper() and not following.isupper():
        return int(sum(map(str.isalpha, first)) > 3)
    is_above_list = bool(_ITEM.match(following) or _FIELD.match(following))
    is_above_prose = len(following.split()) > len(first.split()) and bool(_SENTENCE.search(following))
    return int(first[:1].isupper() and (is_above_list or (is_above_prose and following[:1].isupper())))


def _parse_tabs(lines: Sequence[str]) -> tuple[Table, int] | None:
    """Returns the table of lines that tabs split into the same number of values, at least two, and its line count."""
    count = lines[0].strip().count("\t")
    same = list(takewhile(lambda line: count and line.count("\t") == count and "\t\t" not in line, lines))
    if len(same) < 2 or any(line.startswith("\t") for line in same):
        return None
    rows = [[value.strip() for value in line.split("\t")] for line in same]
    return Table.of(rows, header_rows=header_rows(rows)), len(same)


def _parse_bars(lines: Sequence[str]) -> tuple[Table, int] | None:
    """Returns the table of lines whose values stand between bars (`| a | b |`, `a | b`), and how many lines it takes.

    Only lines with rules, or with bars at both ends, are a table: a bar alone stands in other texts too.
    """
    block = list(takewhile(lambda line: "|" in line or _RULE.fullmatch(line), lines))
    texts = [line.strip() for line in block if not _RULE.fullmatch(line)]
    framed = all(line.startswith("|") and line.endswith("|") for line in texts)
    if len(texts) < 2 or not (framed or len(texts) < len(block)):
        return None
    rows = [[value.strip() for value in (line[1:-1] if framed else line).split("|")] for line in texts]
    if len(rows[0]) < 2 or len({len(row) for row in rows}) > 1:
        return None
    return Table.of(rows, header_rows=header_rows(rows)), len(block)


def _passage(lines: Sequence[str]) -> TextBlock:
    return TextBlock.of(*lines, kind=Kind.TEXT, code=True)


def _table(lines: Sequence[str]) -> tuple[Table, int] | None:
    """Returns the table that `lines` begin with and how many of them it takes: two rows or more whose columns line up.

    Columns are parted by a strip of spaces, two or more, that runs down all rows.
    """
    if not _GAP.search(lines[0].strip()) or _NUMBERED.fullmatch(lines[0]):
        return None
    best: tuple[list[tuple[int, int]], int] | None = None
    ink: list[bool] = []
    for n, line in enumerate(lines):
        if not (_GAP.search(line.strip()) or _RULE.fullmatch(line)) or _NUMBERED.fullmatch(line):
            break
        if not _RULE.fullmatch(line):
            ink += [False] * (len(line) - len(ink))
            for place, character in enumerate(line):
                ink[place] = ink[place] or character != " "
        columns = _columns(ink)
        if len(columns) < 2 or (best and len(columns) < len(best[0]) - 1):
            break
        best = columns, n + 1
    if best is None:
        return None
    columns, line_count = best
    rows = [
        [line[start:stop].strip() for start, stop in columns]
        for line in lines[:line_count]
        if not _RULE.fullmatch(line)
    ]
    filled = sum(1 for row in rows for cell in row if cell)
    if len(rows) < 2 or filled < 0.6 * len(rows) * len(columns):
        return None
    return Table.of(rows, header_rows=header_rows(rows)), line_count


def _columns(ink: Sequence[bool]) -> list[tuple[int, int]]:
    """Returns the ranges of places where any row has letters, parted by two or more where none has."""
    columns: list[tuple[int, int]] = []
    place = 0
    while place < len(ink):
        if not ink[place]:
            place += 1
            continue
        start = place
        while place < len(ink) and any(ink[place : place + 2]):
            place += 1
        columns.append((start, place))
    return columns


def is_number(text: str) -> bool:
    """Returns true for a number that is no year; years name columns as well as words do."""
    return bool(_NUMBER.fullmatch(text)) and not _YEAR.fullmatch(text)


def header_rows(rows: Sequence[Sequence[str]]) -> int:
    """Returns 1 where the first row names the columns, else 0: its cells are words, unlike those below, or short ones.

    Labels with a colon are those of a form, whose first row is a field as well.

    >>> header_rows([["Item", "Price"], ["Nut", "0.08"]]), header_rows([["Nut", "0.08"], ["Bolt", "0.15"]])
    (1, 0)
    >>> header_rows([["Patient:", "Ida Kern"], ["Room:", "12"], ["Review:", "3 May"]])
    0
    """
    if all(row and row[0].rstrip().endswith(":") for row in rows):
        return 0
    first, *rest = rows
    filled = [cell for cell in first if cell.strip()]
    if not rest or len(filled) < 2 or len(filled) < len(first) - 1:
        return 0
    if any(map(is_number, filled)) or is_data(first, rest):
        return 0
    if len(set(filled)) < len(filled):
        return 0
    columns = [[row[n] for row in rest[:_ROWS] if n < len(row) and row[n].strip()] for n in range(len(first))]
    is_above_numbers = any(2 * sum(map(bool, map(_NUMBER.fullmatch, cells))) > len(cells) for cells in columns)
    return int(is_above_numbers or all(len(cell) <= 40 and not cell.endswith(".") for cell in filled))


def is_data(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Returns whether the first row is written as those below it: as a field of a form, or with numbers alike.

    >>> is_data(["Chair:", "Ida Kern"], [["Clerk:", "Ben Holt"]]), is_data(["Week", "Group 1"], [["7", "Room 4"]])
    (True, False)
    >>> is_data(["Delta Ltd", "GBP 1,400"], [["Omega", "GBP 950"]]), is_data(["Seed", "1–9"], [["Flax", "£2.40"]])
    (True, False)
    """
    columns = [
        (cell, [row[n] for row in rest[:_ROWS] if n < len(row) and row[n].strip()]) for n, cell in enumerate(first)
    ]
    return any(
        cells and 2 * sum(_shape(other) == _shape(cell) for other in cells) > len(cells)
        for cell, cells in columns
        if cell.strip().endswith(":") or (_DIGIT.search(cell) and not _YEAR.fullmatch(cell.strip()))
    )


def _shape(text: str) -> str:
    """Returns what two cells of one kind have in common: the first word of an amount or a day, else its end.

    >>> _shape("by 28 November"), _shape("by 5 May"), _shape("EUR 1,200.50"), _shape("Apologies:")
    ('by 0 a', 'by 0 a', 'EUR 0', ':')
    """
    if text.strip().endswith(":"):
        return ":"
    first, *others = _AMOUNT.sub("0", text).split()
    return " ".join([first, *(word if word == "0" else "a" for word in others)])
