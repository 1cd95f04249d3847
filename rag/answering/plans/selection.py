"""Selections: the rows of a table that meet the conditions of a question, and the column that it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, groupby

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import dates
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.relation import Relation, beside, cell_in, cells_of, name_of, relations
from octavo.rag.answering.quantities import decimal_sign, quantities
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, head_nouns, words_of
from octavo.rag.query.language import any_form, any_of, languages, split

_TOTAL = pattern("totals", "sum")
_BOUNDS: dict[str, Callable[[float, float], bool]] = {
    "above": lambda a, b: a > b,
    "at_least": lambda a, b: a >= b,
    "below": lambda a, b: a < b,
    "at_most": lambda a, b: a <= b,
}
_YEAR_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "after": lambda a, b: a > b,
    "before": lambda a, b: a < b,
    "since": lambda a, b: a >= b,
}
_YEAR = re.compile(r"(?:19|20)\d\d")
_YES = frozenset({language.yes.lower() for language in languages().values()} | {"y", "true", "x", "✓", "✔"})
_NO = frozenset({language.no.lower() for language in languages().values()} | {"n", "none", "never", "false", "✗", "✘"})
MOST_ROWS = 2_000
NOUN = 3
"""Words that may say what is asked for."""
_UNIT = re.compile(r"\s?[^\W\d_]*")
_NEAR = 3
"""Letters between a bound and its number."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows of a relation that meet a question's conditions.

    `explained_terms` are the terms in conditions, column names, headings or titles, `other_terms` the others.
    `bounds` counts the conditions, `used_columns` are their columns, and `said_by_cells` those in cells.
    """

    relation: Relation
    rows: tuple[Candidate, ...]
    explained_terms: frozenset[str]
    other_terms: tuple[str, ...]
    bounds: int
    used_columns: frozenset[str]
    said_by_cells: frozenset[str]


def selections(material: Material, text: str = "") -> Iterator[Selection]:
    """Yields a selection of each table that says all names, numbers and things of the question, best evidence first.

    `text` is what is read in the place of the whole question.
    """
    for relation in relations(material):
        if selection := _ConditionReader(text or material.query.text, relation).selection():
            yield selection


def noun_after(analysis: QuestionAnalysis, text: str) -> list[str]:
    """Returns the terms at the beginning of a text that say what is asked for: `items` of "of the items come"."""
    result: list[str] = []
    for word in dropwhile(lambda word: word in analysis.language.articles, split(text)):
        terms = [t for t in words_of(word) if t in analysis.terms and not t.isdigit()]
        if not terms:
            break
        result += terms
    return result[:NOUN]


def column_of(selection: Selection, analysis: QuestionAnalysis, noun: Sequence[str]) -> str | None:
    """Returns the column without numbers that a noun names; the label's where the heading says the noun."""
    relation = selection.relation
    free = [c for c in relation.columns if c not in selection.used_columns and c not in relation.values]
    words = {c: frozenset(words_of(c)) for c in free}
    named = [(len(set(noun) & (analysis.matched_terms(own) | own)) / max(1, len(own)), c) for c, own in words.items()]
    best, column = max(named, key=lambda pair: pair[0], default=(0.0, ""))
    if best:
        return column
    is_heading = bool(set(noun) & analysis.matched_terms(relation.around))
    return relation.columns[0] if is_heading and relation.columns[0] in free else None


class _ConditionReader:
    """Reads the conditions of one question on one table."""

    def __init__(self, text: str, relation: Relation) -> None:
        self.analysis, self.text, self.relation = analyze_question(text), text, relation
        self.words = self.analysis.language.conditions
        self.rows = list(relation.counted[:MOST_ROWS])
        self.explained_terms = set[str]()
        self.used_columns = set[str]()
        self.bounds = 0
        self.by_cells = frozenset[str]()
        self._terms: dict[str, frozenset[str]] = {}

    def selection(self) -> Selection | None:
        """Returns the selection; `None` where a condition cannot be read, or the table does not say what is asked."""
        if not all(
            read()
            for read in (
                self._dates,
                self._years,
                self._bounds,
                self._changes,
                self._nothing,
                self._truths,
                self._empty,
                self._cells,
            )
        ):
            return None
        analysis, relation = self.analysis, self.relation
        self.explained_terms |= analysis.matched_terms(frozenset(words_of(" ".join(relation.columns))))
        self.explained_terms |= analysis.matched_terms(relation.around)
        self.explained_terms |= {t for unit in analysis.units if self._has_unit(unit.name) for t in words_of(unit.name)}
        self.explained_terms.update(words_of(" ".join(match[0] for match in _TOTAL.finditer(self.text))))
        verbs = {t for verb in self.words.verbs for t in words_of(verb)}
        rest = tuple(t for t in analysis.terms if t not in self.explained_terms and t not in verbs)
        meant = {term for _, term in head_nouns(analysis)} | analysis.names
        if len(rest) > 1 or any(t in meant or any(ch.isdigit() for ch in t) for t in rest):
            return None
        return Selection(
            relation,
            tuple(self.rows),
            frozenset(self.explained_terms),
            rest,
            self.bounds,
            frozenset(self.used_columns),
            self.by_cells,
        )

    def _has_unit(self, name: str) -> bool:
        unit = next(unit for unit in self.analysis.units if unit.name == name)
        return any(unit.stands_in(column) for column in self.relation.columns) or any(
            unit.stands_in(cell.text) for c in self.rows[:1] for cell in cells_of(c)
        )

    def _keep(self, test: Callable[[Candidate], bool], said: str, *columns: str) -> bool:
        self.rows = [c for c in self.rows if test(c)]
        self.explained_terms.update(words_of(said))
        self.used_columns.update(columns)
        self.bounds += 1
        return True

    def _dates(self) -> bool:
        """Keeps the rows with the days that the question names. Returns true, as every day can be read."""
        for day in dates(self.text):
            said = self.text[day.start : day.end]
            columns = {
                name_of(cell) for c in self.rows for cell in cells_of(c) if any(d.fits(day) for d in dates(cell.text))
            }
            if not columns:
                continue
            self._keep(
                lambda c, day=day: any(d.fits(day) for cell in cells_of(c) for d in dates(cell.text)),  # type: ignore[misc]
                said,
                *columns,
            )
        return True

    def _years(self) -> bool:
        """Keeps the rows before or after a year that a question names; false where no one column has years."""
        for kind, compare in _YEAR_BOUNDS.items():
            form = rf"{any_form(getattr(self.words, kind))}\s+(?P<year>(?:19|20)\d\d)(?!\d)"
            match = re.search(form, self.text, re.I)
            if match is None:
                continue
            columns = [column for column in self.relation.columns if self._holds_years(column)]
            if len(columns) != 1:
                return False
            (column,) = columns
            self._keep(
                lambda c, column=column, compare=compare, year=int(match["year"]): (  # type: ignore[misc]
                    (cell := cell_in(c, column)) is not None
                    and _YEAR.fullmatch(cell.text.strip()) is not None
                    and compare(int(cell.text), year)
                ),
                match[0],
                column,
            )
        return True

    def _holds_years(self, column: str) -> bool:
        texts = [cell.text.strip() for c in self.rows if (cell := cell_in(c, column))]
        return bool(texts) and all(map(_YEAR.fullmatch, texts))

    def _bounds(self) -> bool:
        """Keeps the rows within a bound, a number or another column; returns false where no one column fits it."""
        for kind, compare in _BOUNDS.items():
            match = any_of(getattr(self.words, kind), re.I).search(self.text)
            if match is None:
                continue
            after = self.text[match.end() :]
            bound = next((q for q in quantities(after, decimal_sign(self.text)) if q.start <= _NEAR), None)
            if bound is not None:
                said = f"{after[bound.start : bound.end]} {_UNIT.match(after, bound.end)[0]}"  # type: ignore[index]
                column = self._number_column(f"{self.text[: match.start()]} {said}", bound.unit)
                if column is None:
                    return False
                self._keep(
                    lambda c, column=column, compare=compare, bound=bound: (  # type: ignore[misc]
                        (o := self.relation.number(c, column)) is not None and compare(o.quantity.amount, bound.amount)
                    ),
                    f"{match[0]} {said}",
                    column,
                )
            elif other := self._named_column(after):
                column = self._number_column(self.text[: match.start()], "", besides=other) or self._next_to(other)
                if column is None or column == other or any(ch.isdigit() for ch in other):
                    return False
                self._keep(
                    lambda c, a=column, b=other, compare=compare: (  # type: ignore[misc]
                        (x := self.relation.number(c, a)) is not None
                        and (y := self.relation.number(c, b)) is not None
                        and compare(x.quantity.amount, y.quantity.amount)
                    ),
                    f"{match[0]} {after}",
                    column,
                    other,
                )
        return True

    def _number_column(self, text: str, unit: str, besides: str = "") -> str | None:
        """Returns the column of numbers that a text or a unit names; the only one where there is one."""
        columns = [column for column in self.relation.values if column != besides]
        fits = [
            (len(self._terms_of_column(text, column)) + (bool(unit) and self._in_unit(column, unit)), column)
            for column in columns
        ]
        best = max(fits, default=(0, ""))[0]
        chosen = [column for fit, column in fits if fit == best]
        return chosen[0] if len(chosen) == 1 and (best or not besides) else None

    def _in_unit(self, column: str, unit: str) -> bool:
        return any(
            (o := self.relation.number(c, column)) is not None and o.quantity.unit.lower() == unit.lower()
            for c in self.rows[:3]
        ) or unit.lower() in words_of(column)

    def _named_column(self, text: str) -> str | None:
        """Returns the column of numbers that a text names."""
        fits = [
            (len(held) / len(words_of(column)), column)
            for column in self.relation.values
            if (held := self._terms_of_column(text, column))
        ]
        return max(fits)[1] if fits else None

    def _terms_of_column(self, text: str, column: str) -> set[str]:
        said = set(words_of(text))
        return {t for t in self.analysis.matched_terms(frozenset(words_of(column))) if t in said}

    def _next_to(self, column: str) -> str | None:
        return beside(self.relation, column) if len(self.relation.values) > 1 else None

    def _changes(self) -> bool:
        """Keeps the rows whose number rose or fell between two years; returns false where the years have no columns."""
        years = sorted(self.analysis.years)
        for words, sign in ((self.words.rose, 1), (self.words.fell, -1)):
            if len(years) != 2 or any_of(words, re.I).search(self.text) is None:
                continue
            columns = [[column for column in self.relation.values if year in column] for year in years]
            if not all(len(own) == 1 for own in columns):
                return False
            (before,), (after,) = columns
            self._keep(
                lambda c, a=before, b=after, sign=sign: (  # type: ignore[misc]
                    (x := self.relation.number(c, a)) is not None
                    and (y := self.relation.number(c, b)) is not None
                    and (y.quantity.amount - x.quantity.amount) * sign > 0
                ),
                " ".join([*words, *years]),
                before,
                after,
            )
        return True

    def _nothing(self) -> bool:
        """Keeps the rows with a number of 0 in the one column that has such; returns false where not one column has."""
        match = any_of(self.words.nothing, re.I).search(self.text)
        if match is None:
            return True
        columns = [
            column
            for column in self.relation.values
            if any((o := self.relation.number(c, column)) and not o.quantity.value for c in self.rows)
        ]
        if len(columns) != 1:
            return False
        (column,) = columns
        return self._keep(
            lambda c: (o := self.relation.number(c, column)) is not None and not o.quantity.value, match[0], column
        )

    def _truths(self) -> bool:
        """Keeps the rows with a yes, or a no where the question negates, in a column of such that it names."""
        for column in self.relation.columns:
            said = self._terms_of_column(self.text, column)
            values = {cell.text.strip().lower() for c in self.rows if (cell := cell_in(c, column))}
            denies = any_of(self.words.without, re.I).search(self.text) or "n't" in self.text.replace("’", "'")
            is_asked = values <= _YES | _NO or (denies and values & _NO)
            if not said or not values or not is_asked or self.used_columns & {column}:
                continue
            wanted_values = _NO if denies else _YES
            self._keep(
                lambda c, column=column, values=wanted_values: (  # type: ignore[misc]
                    (cell := cell_in(c, column)) is not None and cell.text.strip().lower() in values
                ),
                " ".join([*said, *(self.words.without if denies else ())]),
                column,
            )
        return True

    def _empty(self) -> bool:
        """Keeps the rows with an empty cell in the one column that has such, where a question asks for what is free."""
        match = any_of(self.words.empty, re.I).search(self.text)
        if match is None or any(
            self._in_cell(cell.text) & {*words_of(match[0])} for c in self.rows for cell in cells_of(c)
        ):
            return True
        columns = [column for column in self.relation.columns[1:] if self._has_gaps(column)]
        if len(columns) != 1:
            return True
        (column,) = columns
        return self._keep(lambda c: not self._is_filled(c, column), match[0], column)

    def _has_gaps(self, column: str) -> bool:
        filled = sum(self._is_filled(c, column) for c in self.rows)
        return 0 < filled < len(self.rows)

    @staticmethod
    def _is_filled(c: Candidate, column: str) -> bool:
        cell = cell_in(c, column)
        return cell is not None and bool(cell.text.strip(" -–—"))

    def _cells(self) -> bool:
        """Keeps the rows whose cells have the words that no column name and no heading has; false where none does."""
        analysis, relation = self.analysis, self.relation
        named = analysis.matched_terms(frozenset(words_of(" ".join(relation.columns)))) | analysis.matched_terms(
            relation.around
        )
        free = [t for t in analysis.terms if t not in self.explained_terms and t not in named]
        in_cells = {t for c in self.rows for cell in cells_of(c) for t in self._in_cell(cell.text)}
        denied = self._negated_terms()
        for is_value, group in groupby(analysis.terms, lambda t: t in free and t in in_cells):
            run = frozenset(group)
            if is_value and not self._keep_run(run, denied=bool(run & denied)):
                return False
        return True

    def _keep_run(self, run: frozenset[str], *, denied: bool) -> bool:
        """Keeps the rows that hold words that stand together, in one cell where any row does; or all others."""
        columns = self._columns_of_number(run) or self.relation.columns
        held = {
            c: {name_of(cell): self._in_cell(cell.text) & run for cell in cells_of(c) if name_of(cell) in columns}
            for c in self.rows
        }
        whole = [c for c, cells in held.items() if run in cells.values()]
        fitting = frozenset(whole or [c for c, cells in held.items() if run <= frozenset().union(*cells.values())])
        if not fitting:
            return False
        used = {column for c in fitting for column, terms in held[c].items() if terms}
        self.by_cells |= run
        self.explained_terms |= run
        return self._keep(lambda c: (c in fitting) is not denied, "", *used)

    def _columns_of_number(self, run: frozenset[str]) -> tuple[str, ...]:
        """Returns the columns that the word after a number names, where the run is a number alone."""
        if len(run) != 1 or not all(t.isdigit() for t in run):
            return ()
        place = self.analysis.terms.index(next(iter(run)))
        following = set(self.analysis.terms[place + 1 : place + 2])
        return tuple(
            c for c in self.relation.columns if following & self.analysis.matched_terms(frozenset(words_of(c)))
        )

    def _negated_terms(self) -> frozenset[str]:
        """Returns the terms after a negation."""
        match = any_of(self.words.without, re.I).search(self.text)
        return frozenset(words_of(self.text[match.end() :])) if match else frozenset()

    def _in_cell(self, text: str) -> frozenset[str]:
        if text not in self._terms:
            words = words_of(text)
            held = self.analysis.matched_terms(frozenset(words), " ".join(words))
            self._terms[text] = frozenset(t for t in held if t in words or not t.isdigit())
        return self._terms[text]
