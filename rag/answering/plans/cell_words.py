"""Cells: the rows of a table whose cells have words of a question, alone, joined by "and", or denied."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import groupby

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.matching import alternatives, rows_with, says_nothing_else
from octavo.rag.answering.plans.relation import Relation, cell_in, cells_of, name_of
from octavo.rag.answering.question_analysis import QuestionAnalysis, words_of
from octavo.rag.answering.rows import NamedCell
from octavo.rag.query.language import any_of

_COUNTED = pattern("rows", "counted")
MOST_ROWS = 2_000


class CellReader:
    """Keeps the rows of one table whose cells have words of one question."""

    def __init__(self, analysis: QuestionAnalysis, relation: Relation) -> None:
        self.analysis, self.text, self.relation = analysis, analysis.text, relation
        self.words = self.analysis.language.conditions
        self.rows = list(relation.counted[:MOST_ROWS])
        self.explained_terms = set[str]()
        self.used_columns = set[str]()
        self.bounds = 0
        self.by_cells = frozenset[str]()
        self.other_terms: tuple[str, ...] = ()
        self.headings: list[str] = []
        self.change: tuple[str, str] | None = None
        self._terms: dict[str, frozenset[str]] = {}

    def _keep(self, test: Callable[[Candidate], bool], phrase: str, *columns: str) -> bool:
        self.rows = [c for c in self.rows if test(c)]
        self.explained_terms.update(words_of(phrase))
        self.used_columns.update(columns)
        self.bounds += 1
        return True

    def _cells(self) -> bool:
        """Keeps the rows whose cells have the words that no column name and no heading has; false where none does."""
        analysis, relation = self.analysis, self.relation
        heading_terms = analysis.matched_in(" ".join(relation.columns)) | analysis.matched_terms(relation.around)
        words = [words_of(cell.text) for c in self.rows for cell in cells_of(c)]
        if counted := _COUNTED.search(self.text):  # "how many electric vehicles", in a register of electrical firms
            heading_terms -= {t for t in words_of(" ".join(counted["rest"].split()[:1])) if (t,) in words}
        meanings = frozenset(words_of(" ".join(relation.meanings.values())))
        heading_terms -= analysis.matched_terms(meanings)
        heading_terms -= {cell.text.strip() for c in self.rows for cell in cells_of(c) if cell.text.strip().isdigit()}
        free = [t for t in analysis.terms if t not in self.explained_terms and t not in heading_terms]
        in_cells = {t for c in self.rows for cell in cells_of(c) for t in self._in_cell(cell.text)}
        denied = self._negated_terms()
        for is_value, group in groupby(analysis.terms, lambda t: t in free and t in in_cells):
            run = frozenset(group)
            if is_value and not self._keep_run(run, denied=bool(run & denied)):
                return False
        return True

    def _keep_run(self, run: frozenset[str], *, denied: bool) -> bool:
        """Keeps the rows that hold words that stand together, or any of those that "and" joins; or all others."""
        closed = [c for c in self.relation.day_columns if self.headings and c not in self.headings]
        columns = self._columns_of_number(run) or tuple(c for c in self.relation.columns if c not in closed)
        cells = [(c, cell) for c in self.rows for cell in cells_of(c) if name_of(cell) in columns]
        terms_of: dict[Candidate, dict[str, frozenset[str]]] = {c: {} for c in self.rows}
        for c, cell in cells:
            terms_of[c][name_of(cell)] = self._in_cell(cell.text)
        fitting, used = rows_with(run, terms_of, self._exact_columns(run, cells))
        if not any(run <= terms for c in fitting for terms in terms_of[c].values()):
            parts = [
                rows_with(part, terms_of, self._exact_columns(part, cells))
                for part in alternatives(run, self.text, self.analysis.language.code)
            ]
            if parts and all(rows for rows, _ in parts):
                fitting = frozenset[Candidate]().union(*(rows for rows, _ in parts))
                used = set[str]().union(*(own for _, own in parts))
        if not fitting:
            return False
        self.by_cells |= run
        self.explained_terms |= run
        return self._keep(lambda c: (c in fitting) is not denied, "", *used)

    def _exact_columns(self, run: frozenset[str], cells: Sequence[tuple[Candidate, NamedCell]]) -> set[str]:
        """Returns the columns with a cell that says a run and nothing else."""
        return {name_of(cell) for _, cell in cells if says_nothing_else(cell.text, run, self._in_cell(cell.text))}

    def _columns_of_number(self, run: frozenset[str]) -> tuple[str, ...]:
        """Returns the columns that the word after numbers names, else the word before; run is numbers alone."""
        terms = self.analysis.terms
        if not all(t.isdigit() for t in run):
            return ()
        if any(
            run <= {cell.text.strip() for c in self.rows if (cell := cell_in(c, name))}
            for name in self.relation.columns
        ):
            return ()
        places = [terms.index(t) for t in run]
        for near in (terms[max(places) + 1 : max(places) + 2], terms[max(0, min(places) - 1) : min(places)]):
            columns = tuple(c for c in self.relation.columns if set(near) & self.analysis.matched_in(c))
            if columns:
                return columns
        return ()

    def _negated_terms(self) -> frozenset[str]:
        """Returns the terms after a negation."""
        match = any_of(self.words.without, re.I).search(self.text)
        return frozenset(words_of(self.text[match.end() :])) if match else frozenset()

    @cached_property
    def _literal(self) -> frozenset[str]:
        """The words of all cells: where a cell says "van", one that says "lorry" is no van."""
        return frozenset(t for c in self.relation.counted for cell in cells_of(c) for t in words_of(cell.text))

    def _in_cell(self, text: str) -> frozenset[str]:
        if text not in self._terms:
            words = words_of(f"{text} {self.relation.meanings.get(text.strip(), '')}")
            matches = self.analysis.matched_terms(frozenset(words), " ".join(words))
            self._terms[text] = frozenset(t for t in matches if t in words or not (t.isdigit() or t in self._literal))
        return self._terms[text]
