"""Relations: the tables of the evidence, whole, as rows under named columns, and the rows that a question selects."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from octavo.rag.answering.candidates import ABOVE, BESIDE, SECTION, Candidate
from octavo.rag.answering.dates import dates
from octavo.rag.answering.days import Day, heading_day
from octavo.rag.answering.legend import LONGEST_CODE, codes_of, legend
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.operands import TOTAL, Operand, of_cell
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.answering.rows import NamedCell
from octavo.rag.query.language import languages

MOST_PAGES = 20
"""Pages on which a table may go on."""
FIRST_PAGES = 6
"""Pages of the best evidence whose tables are read although no row of them was found."""
FEW_WORDS = 40
"""Words beside a page's tables up to which all of them are about the tables."""
LEAST_ADDED = 4
"""Numbers of a table from which on a row that is their sum is no coincidence."""
ROUNDING = 0.001
"""The share by which rounded numbers miss their sum."""
_NUMERIC = re.compile(
    r"[-–−+~≈<>≤≥]?\s?(?:[A-Z]{3}\s|US\$|[$€£¥])?\s?[-–−]?\(?\d[\d.,' \u00a0\u202f]*\)?"
    r"\s?(?:[$€£¥%‰]|°?[^\W\d_]{1,12}[²³]?)?(?:\s?/\s?[^\W\d_]{1,12}[²³]?|\s[^\W\d_]{1,12})?\*?"
)
_WORDS = re.compile(r"[^\W\d_]{3}")
_NAME = re.compile(r"[A-ZÀ-Þ][\w’'.-]*(?:,?\s+[A-ZÀ-Þ][\w’'.-]*)+")


@dataclass(frozen=True)
class Relation:
    """A table: its rows in order, each with cells that are called by their columns' names.

    `beside` are the terms of all else that stands on a page of few words, such as a slide; `notes` are the sentences of
    its page and the next, and the lines of keys.
    """

    rows: tuple[Candidate, ...]
    beside: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, the label's first; an unnamed label is the empty string."""
        return tuple(dict.fromkeys(name_of(cell) for c in self.rows for cell in cells_of(c)))

    @property
    def is_named(self) -> bool:
        """True where columns but the label's have names."""
        return any(self.columns[1:])

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The columns whose cells are numbers, but the first."""
        first = name_of(cells_of(self.rows[0])[0])
        return tuple(column for column in self.columns if column and column != first and self._is_numeric(column))

    @cached_property
    def above(self) -> frozenset[str]:
        """The terms of the heading and the caption, which say what the rows are."""
        return frozenset(
            t for c in self.rows[:1] for share, words, _ in c.around if share in (ABOVE, SECTION) for t in words
        ).union(self.beside) - frozenset(words_of(" ".join(self.columns)))

    @cached_property
    def around(self) -> frozenset[str]:
        """The terms of all that belongs to the rows: headings, caption, the document's title."""
        own = (words for c in self.rows[:1] for share, words, _ in c.around if share > BESIDE)
        return self.beside.union(*own)

    @property
    def counted(self) -> tuple[Candidate, ...]:
        """The rows but those of totals."""
        return tuple(c for c in self.rows if not self._is_total(c))

    @cached_property
    def total_rows(self) -> tuple[Candidate, ...]:
        """The rows of totals, by their names or by their sums."""
        return tuple(filter(self._is_total, self.rows))

    def _is_total(self, c: Candidate) -> bool:
        return c is self.total or not TOTAL.isdisjoint(words_of(cells_of(c)[0].text))

    @cached_property
    def total(self) -> Candidate | None:
        """The last row if all of its numbers are the sums of those above, whatever its name; else `None`."""
        *others, last = self.rows
        checked = 0
        for column in self.values:
            if (stated := self.number(last, column)) is None:
                continue
            parts = [o.quantity.amount for c in others if (o := self.number(c, column))]
            if len(parts) < 2 or abs(sum(parts) - stated.quantity.amount) > ROUNDING * abs(stated.quantity.amount):
                return None
            checked += len(parts)
        return last if checked >= LEAST_ADDED else None

    @property
    def labelled(self) -> tuple[Candidate, ...]:
        """The rows but those of totals and, where most have a label, those without one, such as a break."""
        with_label = tuple(c for c in self.counted if cells_of(c)[0].text.strip())
        return with_label if 2 * len(with_label) > len(self.counted) else self.counted

    @cached_property
    def groups(self) -> dict[frozenset[str], tuple[Candidate, ...]]:
        """The rows above each total, by the terms that only this total is called by."""
        result: dict[frozenset[str], tuple[Candidate, ...]] = {}
        members: list[Candidate] = []
        for c in self.rows:
            label = frozenset(words_of(cells_of(c)[0].text))
            if TOTAL & label:
                result[label - TOTAL] = tuple(members)
                members = []
            else:
                members.append(c)
        return {label: rows for label, rows in result.items() if label and rows}

    @cached_property
    def meanings(self) -> dict[str, str]:
        """The meanings of codes in cells and headings, from the notes."""
        return legend(sorted(codes_of(c.passage.row for c in self.rows if c.passage.row)), self.notes)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns of names of people."""
        return tuple(c for c in self.columns if c not in self.values and self._holds_names(c))

    @cached_property
    def day_columns(self) -> tuple[str, ...]:
        """The columns that are called by days."""
        return tuple(column for column in self.columns[1:] if heading_day(column))

    def is_on(self, text: str, day: Day) -> bool:
        """Returns whether a cell or a heading names a day; one without a month is in those of the table's heading."""
        if any(Day(0, d.day, d.month, d.year).fits(day) for d in dates(text)):
            return True
        heading = heading_day(text)
        if heading is None or not heading.fits(day):
            return False
        return bool(heading.month) or not day.month or not self._months or day.month in self._months

    @cached_property
    def _months(self) -> frozenset[int]:
        """The months that the heading, the caption or the title name."""
        return frozenset(
            n
            for language in languages().values()
            for n, month in enumerate(language.months, 1)
            if set(words_of(month)) <= self.around
        )

    def _holds_names(self, column: str) -> bool:
        texts = [cell.text for c in self.counted if (cell := cell_in(c, column))]
        return bool(texts) and sum(_NAME.match(text) is not None for text in texts) > 0.7 * len(texts)

    def number(self, c: Candidate, column: str) -> Operand | None:
        """Returns the number of a row in a column."""
        cell = cell_in(c, column)
        return of_cell(c, cell) if cell and is_number(cell.text) else None

    def label(self, c: Candidate, column: str = "") -> str:
        """Returns a row's name: its cell in a column, else its first cell, with the second where that is a code."""
        cell = cell_in(c, column) if column else None
        is_code = cell is not None and column == self.columns[0] and not _WORDS.search(cell.text)
        if (
            cell is not None
            and not is_code
            and sum(name.text == cell.text for row in self.rows if (name := cell_in(row, column))) == 1
        ):
            return cell.text
        if cell is not None and not is_code and self._is_of_groups and (own := self._telling_apart) != column:
            apart = cell_in(c, own) if own else None
            return f"{cell.text}, {apart.text}" if apart else cell.text
        first, *others = cells_of(c)
        if cell is None and self._is_of_groups and (own := self._telling_apart):
            cell = cell_in(c, own)
            return cell.text if cell else first.text
        if is_code:
            names = [one.text for one in others[:2] if _WORDS.search(one.text) and not is_number(one.text)]
            return " ".join([first.text, ", ".join(names)]).strip()
        word = cell or next(
            (one for one in others[:1] if not _WORDS.search(first.text) and _WORDS.search(one.text)), None
        )
        return first.text if word is None or word is first else f"{first.text} {word.text}"

    @cached_property
    def _is_of_groups(self) -> bool:
        """True where labels stand in several rows, as those of groups do."""
        labels = [cells_of(c)[0].text for c in self.counted]
        return len(set(labels)) < len(labels)

    @cached_property
    def _telling_apart(self) -> str:
        """The first column of words whose cells are all different; the empty string where there is none."""
        for column in self.columns[1:]:
            texts = [cell.text.strip() for c in self.counted if (cell := cell_in(c, column))]
            is_text = all(_WORDS.search(text) and not any(dates(text)) for text in texts)
            if column not in self.values and is_text and len(set(texts)) == len(texts) == len(self.counted):
                return column
        return ""

    def _is_numeric(self, column: str) -> bool:
        texts = [cell.text.strip() for c in self.rows if (cell := cell_in(c, column)) and cell.text.strip(" -–—")]
        return bool(texts) and sum(map(is_number, texts)) > 0.7 * len(texts)


@lru_cache(maxsize=10_000)
def is_number(text: str) -> bool:
    """Returns whether a cell is a number, with its unit or currency, and no day.

    >>> [is_number(text) for text in ("EUR 1,200", "(74.3)", "12 kg", "19 €/m²", "Seal 30 mm", "10 June", "6.5–9.5")]
    [True, True, True, True, False, False, False]
    """
    return _NUMERIC.fullmatch(text.strip()) is not None and not any(dates(text))


def name_of(cell: NamedCell) -> str:
    """Returns the name of a cell's column."""
    return " ".join(dict.fromkeys(cell.names))


def cell_in(c: Candidate, column: str) -> NamedCell | None:
    """Returns the cell of a row in a column."""
    return next((cell for cell in cells_of(c) if name_of(cell) == column), None)


def cells_of(c: Candidate) -> tuple[NamedCell, ...]:
    """Returns the cells of a row, the label's first."""
    return c.passage.row.cells if c.passage.row else ()


def beside(relation: Relation, column: str, free_of: Collection[str] = ()) -> str:
    """Returns the column of numbers before another one, or after it where that one is missing or excluded."""
    others = [c for c in relation.values if c != column and not set(free_of) & set(words_of(c))] or [
        c for c in relation.values if c != column
    ]
    before = [c for c in others if relation.values.index(c) < relation.values.index(column)]
    return before[-1] if before else others[0]


def relations(material: Material, *, named: bool = True) -> Iterator[Relation]:
    """Yields the tables on the pages of the evidence, best evidence first, each whole: those with `named` columns.

    With `named` false all are yielded.
    """
    with_rows = dict.fromkeys((c.document, c.page) for c in material.candidates if c.passage.row)
    first = dict.fromkeys((c.document, c.page) for c in material.candidates)
    for place in [*with_rows, *[place for place in list(first)[:FIRST_PAGES] if place not in with_rows]]:
        yield from (r for r in _relations_on(material, *place) if r.is_named or not named)


def relations_of(material: Material, document: str, *, named: bool = True) -> Iterator[Relation]:
    """Yields the tables of a whole document, of its first `MOST_PAGES` pages: those with `named` columns, or all."""
    for page in range(min(MOST_PAGES, _page_count(material, document))):
        yield from (r for r in _relations_on(material, document, page) if r.is_named or not named)


def _relations_on(material: Material, document: str, page: int) -> tuple[Relation, ...]:
    if (document, page) not in material.relations:
        material.relations[document, page] = tuple(_relations_from(material, document, page))
    return material.relations[document, page]


def _relations_from(material: Material, document: str, page: int) -> Iterator[Relation]:
    """Yields the tables that begin on a page."""
    beside, notes = _beside(material, document, page), _notes(material, document, page)
    for rows in _tables(material, document, page):
        relation = Relation(rows, beside, notes)
        if not relation.is_named:
            yield relation
            continue
        if _goes_on(material, relation):
            continue
        for number in range(page + 1, min(page + MOST_PAGES, _page_count(material, document))):
            more = next(iter(_tables(material, document, number)), ())
            if not more or Relation(more).columns != relation.columns:
                break
            relation = Relation(relation.rows + more, beside, notes)
        yield relation


def _notes(material: Material, document: str, page: int) -> tuple[str, ...]:
    """Returns the sentences of a page and of the next, and the rows of keys, a code and its meaning."""
    pages = [page, page + 1] if page + 1 < _page_count(material, document) else [page]
    result = []
    for c in (c for number in pages for c in _candidates(material, document, number)):
        row = c.passage.row
        if row is None:
            result.append(c.passage.text)
        elif len(row.cells) == 2 and len(row.label) <= LONGEST_CODE:
            result.append(f"{row.label} = {row.values[0].text}")
    return tuple(result)


def _goes_on(material: Material, relation: Relation) -> bool:
    """Returns whether a table goes on from the page before."""
    first = relation.rows[0]
    before = _tables(material, first.document, first.page - 1)[-1:] if first.page else []
    return any(Relation(rows).columns == relation.columns for rows in before)


def _beside(material: Material, document: str, page: int) -> frozenset[str]:
    """Returns the terms beside the tables of a page, where they are few."""
    candidates = _candidates(material, document, page)
    others = [c for c in candidates if c.passage.row is None]
    words = sum(len(c.passage.text.split()) for c in others)
    if words > FEW_WORDS:
        return frozenset()
    cells = frozenset().union(*(c.words for c in candidates if c.passage.row is not None))
    return frozenset(t for c in others for t in c.words if not t[0].isdigit()) - cells


def _page_count(material: Material, document: str) -> int:
    return material.library.info(document).pages if material.library is not None else 0


def _tables(material: Material, document: str, page: int) -> list[tuple[Candidate, ...]]:
    """Returns the rows of each table of a page: all of them where the page can be opened."""
    tables: dict[int, list[Candidate]] = {}
    for c in _candidates(material, document, page):
        if c.passage.row is not None:
            tables.setdefault(c.passage.element, []).append(c)
    return [tuple(rows) for rows in tables.values()]


def _candidates(material: Material, document: str, page: int) -> list[Candidate]:
    if material.library is not None:
        return material.page_candidates(document, [page])
    return [c for c in material.candidates if (c.document, c.page) == (document, page)]
