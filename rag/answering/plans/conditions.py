"""Conditions: the rows of a table that meet what a question says of them: days, bounds, changes, words of cells."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import takewhile

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.bound_conditions import BoundReader
from octavo.rag.answering.plans.day_conditions import DayReader
from octavo.rag.answering.plans.matching import is_day, is_order, is_without, measures, place_terms, ranges, row_terms
from octavo.rag.answering.plans.relation import cell_in, cells_of
from octavo.rag.answering.question_analysis import terms_of_words, words_of
from octavo.rag.answering.question_nouns import head_nouns
from octavo.rag.answering.units import unit_of
from octavo.rag.query.concepts import COMPOUNDS
from octavo.rag.query.language import any_of, languages, split

_TOTAL = pattern("rows", "total")
_WHICH, _COUNTED = pattern("rows", "which"), pattern("rows", "counted")
_UNCOUNTED = pattern("totals", "sum")
_YES = frozenset({language.yes.lower() for language in languages().values()} | {"y", "true", "x", "✓", "✔"})
_NO = frozenset({language.no.lower() for language in languages().values()} | {"n", "none", "never", "false", "✗", "✘"})
_WON = pattern("rows", "won")
_PLACE = re.compile(r"(\d{1,3})(?:st|nd|rd|th|\.|º|ª|e|er|ère)?(?!\w)")
PODIUM = pattern("rows", "podium")
ON_PODIUM = 3
"""Places on a podium."""
_PERIOD = re.compile(r"(?:19|20)\d\d(?:\s?[/–-]\s?\d\d(?:\d\d)?)?")
NEGATED_WORDS = 3
"""Words after a negation that may name a column."""
HEAD = 4
"""Letters of a column's name that may be the last part of a compound, as in "beehive"."""
LAST_PART = 5
"""Letters of a word that may be the last part of a compound of the heading."""


def _period(column: str) -> str:
    """Returns the year, or the years of a period such as 2023/24, that a column is called by."""
    match = _PERIOD.search(column)
    return match[0] if match else ""


def _place_of(text: str) -> int:
    """Returns the place that a cell states, such as 3 of "3rd"; 0 where it states none.

    >>> [_place_of(text) for text in ("1st", "2", "3.", "4th of 9", "disqualified")]
    [1, 2, 3, 4, 0]
    """
    match = _PLACE.match(text.strip())
    return int(match[1]) if match else 0


def _ends_one(term: str, words: Collection[str]) -> bool:
    """Returns whether a term is the last part of a compound, as "rechnung" of "stromrechnung"."""
    return term.isalpha() and any(word.endswith(term) for word in words)


class ConditionReader(DayReader, BoundReader):
    """Reads the conditions of one question on one table."""

    def read(self) -> bool:
        """Returns whether all conditions can be read and the table says what is asked."""
        readers = (
            self._groups,
            self._days,
            self._months,
            self._years,
            self._bounds,
            self._changes,
            self._nothing,
            self._truths,
            self._empty,
            self._filled,
            self._measures,
            self._ranges,
            self._podium,
            self._placed,
            self._cells,
        )
        if not all(read() for read in readers):
            return False
        analysis, relation = self.analysis, self.relation
        self.explained_terms |= analysis.matched_in(" ".join(relation.columns))
        self.explained_terms |= analysis.matched_terms(relation.around)
        heads = tuple(
            word.removesuffix("e") for name in relation.columns for word in words_of(name) if len(word) >= HEAD
        )
        self.explained_terms |= {t for t in analysis.terms if t.isalpha() and t.endswith(heads)} if heads else set()
        if analysis.language.code in COMPOUNDS:
            around = [word for word in relation.around if word.isalpha()]
            self.explained_terms |= {t for t in analysis.terms if len(t) >= LAST_PART and _ends_one(t, around)}
        self.explained_terms |= {t for unit in analysis.units if self._has_unit(unit.name) for t in words_of(unit.name)}
        for form in (_TOTAL, _UNCOUNTED):
            self.explained_terms.update(words_of(" ".join(match[0] for match in form.finditer(self.text))))
        self.explained_terms |= row_terms() | {str(len(self.rows))}
        for word in split(self.text):
            unit = unit_of(word)
            if is_day(relation, word) or (unit and any(unit.stands_in(c) for c in relation.values)):
                self.explained_terms.update(words_of(word))
        if relation.names:
            self.explained_terms.update(terms_of_words(analysis.language.people))
        if not relation.notes:
            self.explained_terms |= self._kind_of_rows()
        verbs = {t for verb in self.words.verbs for t in words_of(verb)}
        self.other_terms = tuple(t for t in analysis.terms if t not in self.explained_terms and t not in verbs)
        generic = terms_of_words(analysis.language.generic)
        nouns = {term for _, term in head_nouns(analysis)} | analysis.names
        rest = [t for t in self.other_terms if t not in generic]
        return len(rest) <= 1 and not any(t in nouns or any(ch.isdigit() for ch in t) for t in rest)

    def _kind_of_rows(self) -> set[str]:
        """Returns what the question calls the rows of a table that stands alone: `vehicl` of "which vehicle has"."""
        match = _WHICH.search(self.text) or _COUNTED.search(self.text)
        words = split(match["rest"]) if match else []
        named = [set(words_of(word)).intersection(self.analysis.terms) for word in words]
        return list(takewhile(bool, named))[-1] if named and named[0] else set()

    def _has_unit(self, name: str) -> bool:
        unit = next(unit for unit in self.analysis.units if unit.name == name)
        return any(unit.stands_in(column) for column in self.relation.columns) or any(
            unit.stands_in(cell.text) for c in self.rows[:1] for cell in cells_of(c)
        )

    def _groups(self) -> bool:
        """Keeps the rows above the one total that the question names, of several that the table has."""
        groups = self.relation.groups
        matching = [group for group in groups if self.analysis.matched_terms(group)]
        if len(groups) > 1 and len(matching) == 1:
            members = frozenset(groups[matching[0]])
            self.rows = [c for c in self.rows if c in members]
            self.explained_terms |= self.analysis.matched_terms(matching[0])
        return True

    def _changes(self) -> bool:
        """Keeps the rows whose number rose or fell between two periods, or is more or less in one than in the other."""
        for words, comparatives, sign in (
            (self.words.rose, self.words.more, 1),
            (self.words.fell, self.words.less, -1),
        ):
            match = any_of(words, re.I).search(self.text) or any_of(comparatives, re.I).search(self.text)
            pair = self._periods() if match else None
            if match is None or pair is None:
                continue
            (first, first_said), (second, second_said) = pair
            between = self.text[match.end() :]
            is_than = any_of(self.words.than, re.I).search(between) is not None
            before, after = (second, first) if is_than else sorted((first, second), key=_period)
            self.change = before, after
            following = re.match(r"\W*([^\W\d_]+)", between)
            self._keep(
                lambda c, a=before, b=after, sign=sign: (  # type: ignore[misc]
                    (x := self.relation.number(c, a)) is not None
                    and (y := self.relation.number(c, b)) is not None
                    and (y.quantity.amount - x.quantity.amount) * sign > 0
                ),
                " ".join([*words, match[0], following[1] if following else "", first_said, second_said]),
                before,
                after,
            )
            break
        return True

    def _periods(self) -> tuple[tuple[str, str], tuple[str, str]] | None:
        """Returns the columns of the two periods that the question names, each with its words, in the question's order.

        The second may be the one before the first, as in "than the year before".
        """
        columns = {c: period for c in self.relation.values if (period := _period(c))}
        if len(set(columns.values())) < len(columns) or len(columns) < 2:
            return None
        mentions = sorted((self.text.find(period), period, c) for c, period in columns.items() if period in self.text)
        if len(mentions) == 2:
            return (mentions[0][2], mentions[0][1]), (mentions[1][2], mentions[1][1])
        if not mentions and len(columns) == 2 and self.analysis.matched_terms(self.relation.around):
            first, last = sorted(columns, key=_period)
            before = any_of(self.words.previous, re.I).search(self.text)
            return ((last, ""), (first, before[0])) if before else ((first, ""), (last, ""))
        previous = any_of(self.words.previous, re.I).search(self.text)
        earlier = [c for c, period in columns.items() if mentions and period < mentions[0][1]]
        if len(mentions) != 1 or previous is None or not earlier:
            return None
        return (mentions[0][2], mentions[0][1]), (max(earlier, key=_period), previous[0])

    def _nothing(self) -> bool:
        """Keeps the rows with a number of 0 in the one column that has such; returns false where not one column has."""
        match = any_of(self.words.nothing, re.I).search(self.text)
        if match is None:
            return self._without_amount()
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

    def _without_amount(self) -> bool:
        """Keeps the rows with a number of 0, or none, in the column that is named right after a negation."""
        for match in any_of(self.words.without, re.I).finditer(self.text):
            following = self.text[match.end() :].split()[:NEGATED_WORDS]
            for count in range(1, len(following) + 1):
                phrase = " ".join(following[:count])
                terms = [t for t in self.analysis.terms if t in words_of(phrase)]
                columns = [c for c in self.relation.values if terms and set(terms) <= self._terms_of_column(phrase, c)]
                without = [c for c in self.rows if len(columns) == 1 and is_without(c, columns[0], self.relation)]
                if 0 < len(without) < len(self.rows):
                    return self._keep(lambda c, rows=without: c in rows, f"{match[0]} {phrase}", *columns)  # type: ignore[misc]
        return True

    def _measures(self) -> bool:
        """Keeps the rows whose cell is a number with its unit, such as "three hours"."""
        for phrase, column, rows in measures(self.text, self.analysis.language.code, self.relation):
            if not set(words_of(phrase)) <= self.explained_terms and column not in self.used_columns:
                self._keep(lambda c, rows=frozenset(rows): c in rows, phrase, column)  # type: ignore[misc]
        return True

    def _ranges(self) -> bool:
        """Keeps the rows from one label to another."""
        for phrase, column, rows in ranges(self.text, self.analysis.language.code, self.relation):
            self._keep(lambda c, rows=frozenset(rows): c in rows, phrase, column)  # type: ignore[misc]
            self.by_cells |= frozenset(words_of(phrase))
        return True

    def _podium(self) -> bool:
        """Keeps the rows of the first three places, where a question asks for a podium and one column has places."""
        match = PODIUM.search(self.text)
        places = [c for c in self.relation.values if place_terms() & set(words_of(c))] if match else []
        columns = [c for c in places if is_order(self.relation, c)]
        if match is None or len(columns) != 1:
            return True
        (column,) = columns
        return self._keep(
            lambda c: (o := self.relation.number(c, column)) is not None and 1 <= o.quantity.amount <= ON_PODIUM,
            f"{match[0]} {column}",
        )

    def _placed(self) -> bool:
        """Keeps the rows of the place that a question names, or of the first where it asks who or what won."""
        columns = [c for c in self.relation.columns[1:] if place_terms() & set(words_of(c))]
        ordinals = (any_of(forms, re.I).search(self.text) for forms in self.analysis.language.pages.ordinals)
        places = {n: match for n, match in enumerate(ordinals, 1) if match}
        if won := _WON.search(self.text):
            places[1] = won
        if len(columns) != 1 or len(places) != 1 or self.used_columns & set(columns):
            return True
        (column,), ((place, match),) = columns, places.items()
        said = set(words_of(match[0]))
        if any(said & set(words_of(cell.text)) for c in self.rows for cell in cells_of(c)):
            return True
        rows = [c for c in self.rows if (cell := cell_in(c, column)) and _place_of(cell.text) == place]
        return self._keep(lambda c: c in rows, f"{match[0]} {column}", column) if rows else True

    def _truths(self) -> bool:
        """Keeps the rows with a yes, or a no where the question negates, in a column of such that it names."""
        for column in self.relation.columns:
            terms = self._terms_of_column(self.text, column)
            is_named = any(t in words_of(column) for t in terms) or any_of(self.words.lacking, re.I).search(self.text)
            values = {cell.text.strip().lower() for c in self.rows if (cell := cell_in(c, column))}
            denies = any_of((*self.words.without, *self.words.lacking), re.I).search(self.text) or (
                "n't" in self.text.replace("’", "'")
            )
            is_asked = values <= _YES | _NO or (denies and values & _NO)
            if not is_named or not values or not is_asked or self.used_columns & {column}:
                continue
            wanted_values = _NO if denies else _YES
            self._keep(
                lambda c, column=column, values=wanted_values: (  # type: ignore[misc]
                    (cell := cell_in(c, column)) is not None and cell.text.strip().lower() in values
                ),
                " ".join([*terms, *((*self.words.without, *self.words.lacking) if denies else ())]),
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

    def _filled(self) -> bool:
        """Keeps the rows with a cell in the column with gaps that says what was done: "are reserved"; or all others.

        The question says the column's word after an auxiliary verb.
        """
        verb = any_of(self.analysis.language.auxiliary, re.I).search(self.text)
        after = frozenset(words_of(self.text[verb.end() :])) if verb else frozenset()
        for column in self.relation.columns[1:]:
            terms = self._terms_of_column(self.text, column) & after & set(words_of(column))
            if not terms or column in self.used_columns or not self._has_gaps(column):
                continue
            wanted = not terms & self._negated_terms()
            self._keep(
                lambda c, column=column, wanted=wanted: self._is_filled(c, column) is wanted,  # type: ignore[misc]
                " ".join(terms),
                column,
            )
        return True

    def _has_gaps(self, column: str) -> bool:
        filled = sum(self._is_filled(c, column) for c in self.rows)
        return 0 < filled < len(self.rows)

    @staticmethod
    def _is_filled(c: Candidate, column: str) -> bool:
        cell = cell_in(c, column)
        return cell is not None and bool(cell.text.strip(" -–—"))
