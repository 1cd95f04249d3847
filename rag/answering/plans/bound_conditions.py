"""Bounds: the rows of a table whose numbers are within a bound, a number or another column, that a question names."""

from __future__ import annotations

import re
from collections.abc import Callable

from octavo.rag.answering.citation_marks import without_citations
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.cell_words import CellReader
from octavo.rag.answering.plans.measures import measures_of
from octavo.rag.answering.plans.relation import beside, cell_in
from octavo.rag.answering.quantities import Quantity, decimal_sign, quantities
from octavo.rag.answering.question_analysis import terms_of_words, words_of
from octavo.rag.answering.units import unit_of
from octavo.rag.query.language import any_form, any_of, split

_BOUNDS: dict[str, Callable[[float, float], bool]] = {
    "above": lambda a, b: a > b,
    "at_least": lambda a, b: a >= b,
    "below": lambda a, b: a < b,
    "at_most": lambda a, b: a <= b,
}
_COMPARING = {"below": pattern("rows", "missed"), "above": pattern("rows", "surpassed")}
_UNIT = re.compile(r"\s?[^\W\d_]*")
_NEAR = 3
"""Letters between a bound and its number."""
MAX_LIMIT_WORDS = 6
"""Words between a bound and the limit that it names."""


class BoundReader(CellReader):
    """Reads the bounds of one question on the numbers of one table."""

    def _bounds(self) -> bool:
        """Keeps the rows within a bound, a number or another column; returns false where no one column fits it."""
        for kind, compare in _BOUNDS.items():
            named = any_of(getattr(self.words, kind), re.I).search(self.text) or self._against_column(kind)
            match = named or self._comparative(kind)
            if match is None:
                continue
            after = self.text[match.end() :]
            if moved := re.search(
                rf"{any_form((*self.words.fell, *self.words.rose))}\s*$", self.text[: match.start()], re.I
            ):
                self.explained_terms.update(words_of(moved[0]))
            bound = next((q for q in quantities(after, decimal_sign(self.text)) if q.start <= _NEAR), None)
            phrase = f"{after[bound.start : bound.end]} {_UNIT.match(after, bound.end)[0]}" if bound else ""  # type: ignore[index]
            other = self._named_column(after)
            if bound is None and other in (None, *self.headings) and (stated := self._stated_limit(after)):
                bound, phrase = stated
            if bound is not None:
                measures, before = self._measured_by(match[0]), f"{self.text[: match.start()]} {phrase}"
                texts = (before, f"{before} {after[bound.end :]}")
                columns = (self._number_column(text, bound.unit, measures=measures) for text in texts)
                column = next(filter(None, columns), None)
                if column is None:
                    return False
                self._keep(
                    lambda c, column=column, compare=compare, bound=bound: (  # type: ignore[misc]
                        (o := self.relation.number(c, column)) is not None and compare(o.quantity.amount, bound.amount)
                    ),
                    f"{match[0]} {phrase}",
                    column,
                )
            elif other:
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

    def _against_column(self, kind: str) -> re.Match[str] | None:
        """Returns a verb that compares with another column: "missed their target" is below it, "beat" above."""
        match = _COMPARING[kind].search(self.text) if kind in _COMPARING else None
        return match if match and self._named_column(self.text[match.end() :]) else None

    def _comparative(self, kind: str) -> re.Match[str] | None:
        """Returns an adjective and "than" before a number that what is asked for is above or below: "wider than 40"."""
        form = rf"(?P<word>[^\W\d_]+)\s+{any_form(self.words.than)}(?=\s+\D?\d)"
        for match in re.finditer(form, self.text, re.I):
            measures, means_little = measures_of(self.analysis.language, match["word"])
            if measures and kind == ("below" if means_little else "above"):
                return match
        return None

    def _measured_by(self, bound: str) -> frozenset[str]:
        """Returns the terms of what the adjective of a bound is measured by: width of "wider than"."""
        names = (name for word in split(bound) for name in measures_of(self.analysis.language, word)[0])
        return terms_of_words(names)

    def _stated_limit(self, after: str) -> tuple[Quantity, str] | None:
        """Returns the number that a sentence beside the table states for a limit, and the words that name it."""
        limit = any_of(self.words.limits, re.I).search(after)
        if limit is None or len(after[: limit.start()].split()) > MAX_LIMIT_WORDS:
            return None
        limit_words = set(words_of(limit[0]))
        phrase = self.analysis.matched_in(after[: limit.end()])
        best: tuple[int, Quantity] | None = None
        for note in self.relation.notes:
            words = frozenset(words_of(note))
            numbers = list(quantities(without_citations(note), decimal_sign(note)))
            fit = len(self.analysis.matched_terms(words) & phrase)
            if limit_words & words and len(numbers) == 1 and (best is None or fit > best[0]):
                best = fit, numbers[0]
        if best is None:
            return None
        notes = frozenset(words_of(" ".join(self.relation.notes)))
        self.explained_terms |= self.analysis.matched_terms(notes) & phrase
        return best[1], after[: limit.end()]

    def _number_column(
        self, text: str, unit: str, besides: str = "", measures: frozenset[str] = frozenset()
    ) -> str | None:
        """Returns the column of numbers that a text, a unit or a measure names; the only one where there is one."""
        if len(self.headings) == 1 and self.headings[0] in self.relation.values:
            return self.headings[0]
        columns = [column for column in self.relation.values if column != besides]
        fits = [
            (
                len(self._terms_of_column(text, column))
                + (bool(unit) and self._in_unit(column, unit))
                + (not measures.isdisjoint(words_of(column))),
                column,
            )
            for column in columns
        ]
        best = max(fits, default=(0, ""))[0]
        chosen = [column for fit, column in fits if fit == best]
        return chosen[0] if len(chosen) == 1 and (best or not besides) else None

    def _in_unit(self, column: str, unit: str) -> bool:
        cells = (cell.text for c in self.rows[:3] if (cell := cell_in(c, column)))
        numbers = (self.relation.number(c, column) for c in self.rows[:3])
        if any(o is not None and o.quantity.unit.lower() == unit.lower() for o in numbers):
            return True
        written = unit_of(unit)
        return unit.lower() in words_of(column) or bool(
            written and any(written.stands_in(text) for text in (column, *cells))
        )

    def _named_column(self, text: str) -> str | None:
        """Returns the column of numbers that a text names."""
        fits = [
            (len(terms) / len(words_of(column)), column)
            for column in self.relation.values
            if (terms := self._terms_of_column(text, column))
        ]
        return max(fits)[1] if fits else None

    def _terms_of_column(self, text: str, column: str) -> set[str]:
        words = set(words_of(text))
        return {t for t in self.analysis.matched_in(column) if t in words}

    def _next_to(self, column: str) -> str | None:
        return beside(self.relation, column) if len(self.relation.values) > 1 else None
