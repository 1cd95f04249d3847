"""Days: the rows of a table of the days, the months and the years that a question names."""

from __future__ import annotations

import re
from collections.abc import Callable

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import dates, months
from octavo.rag.answering.days import Days, day_groups
from octavo.rag.answering.plans.cell_words import CellReader
from octavo.rag.answering.plans.relation import cell_in, cells_of, name_of
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.query.language import any_form, split

_YEAR_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "after": lambda a, b: a > b,
    "before": lambda a, b: a < b,
    "since": lambda a, b: a >= b,
}
_YEAR = re.compile(r"(?:19|20)\d\d")


class DayReader(CellReader):
    """Reads the days, months and years of one question on one table."""

    def _days(self) -> bool:
        """Keeps the rows that have the days of the question in a cell, else notes the columns called by them."""
        relation = self.relation
        for group in day_groups(self.text, self.analysis.language.code):

            def is_on(text: str, group: Days = group) -> bool:
                return any(relation.is_on(text, day) for day in group.days)

            columns = {name_of(cell) for c in self.rows for cell in cells_of(c) if is_on(cell.text)}
            if columns:
                self._keep(lambda c, is_on=is_on: any(is_on(cell.text) for cell in cells_of(c)), group.text, *columns)  # type: ignore[misc]
            elif headings := [column for column in relation.columns[1:] if is_on(column)]:
                self.headings += headings
                self.explained_terms.update(words_of(group.text))
            elif any(day.day and not set(words_of(day.text)) <= relation.around for day in group.days):
                return False
        return True

    def _months(self) -> bool:
        """Keeps the rows of a month that a question names without a day, where one column has days of some month."""
        day_months = {day.month for day in dates(self.text)}
        numbers = months(self.text) - day_months
        columns = [column for column in self.relation.columns if self._holds_days(column)] if numbers else []
        if len(columns) != 1:
            return True
        (column,) = columns

        def is_in(c: Candidate) -> bool:
            cell = cell_in(c, column)
            return cell is not None and any(day.month in numbers for day in dates(cell.text))

        if not any(map(is_in, self.rows)):
            return True
        words = " ".join(word for word in split(self.text) if months(word.capitalize()) & numbers)
        return self._keep(is_in, words, column)

    def _holds_days(self, column: str) -> bool:
        texts = [cell.text for c in self.rows if (cell := cell_in(c, column))]
        return len(texts) > 1 and all(any(dates(text)) for text in texts)

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
