"""Editions: one table in two documents that are called alike, such as the price lists of two years."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.cases import asks_yes_or_no
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.binding import is_bound
from octavo.rag.answering.plans.compute.formulas import alike, plain
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.fields import years_of_form
from octavo.rag.answering.plans.measures import measures_of
from octavo.rag.answering.plans.named_rows import named_rows
from octavo.rag.answering.plans.operands import TOTAL, Operand, counted_noun, is_in_money
from octavo.rag.answering.plans.relation import Relation, cells_of, relations_of
from octavo.rag.answering.plans.selection import MOST_LISTED, noun_after
from octavo.rag.answering.question_analysis import QuestionAnalysis, terms_of_words, words_of, words_of_names
from octavo.rag.query.language import any_form, any_of, split

_CHANGE = pattern("compute", "change")
_RISE = pattern("compute", "rise")
_BETWEEN = pattern("compute", "between")
_WHICH = pattern("rows", "which")
_UNCHANGED = pattern("editions", "unchanged")
_MOST = pattern("extremes", "most")
_LEAST = pattern("extremes", "least")
_UNIT = re.compile(r"\s*\([^)]{1,12}\)\s*$")
ALIKE = 0.5
"""The share of the labels of the smaller of two tables that the other one has as well."""


@dataclass(frozen=True, slots=True)
class _Edition:
    """One of two documents that are called alike, by the words of the question that tell it from the other."""

    document: str
    name: str


def editions(material: Material) -> Reply | None:
    """Returns how far a number differs between two editions, whether it rose or fell, or which rows did or did not.

    The question says what tells the documents apart, such as their years.
    """
    text = material.query.text
    is_which, is_verdict = _WHICH.match(text.strip()) is not None, asks_yes_or_no(text, material.analysis.language.code)
    direction = _direction(material.analysis) if is_which or is_verdict else None
    asks_difference = compares(text) or any(form.search(text) for form in (_CHANGE, _RISE, _BETWEEN))
    if direction is None and (is_verdict or not asks_difference):
        return None
    for earlier, later in _pairs(material):
        tables = list(relations_of(material, later.document))
        for before in relations_of(material, earlier.document):
            for after in (table for table in tables if _are_alike(before, table)):
                joint = _Joint(material, (earlier, later), (before, after))
                if direction is None:
                    reply = joint.difference()
                else:
                    reply = joint.verdict(direction) if is_verdict else joint.rows(direction)
                if reply:
                    return reply
    return None


def _direction(analysis: QuestionAnalysis) -> int | None:
    """Returns 0 where the question asks for what is the same, 1 for what rose, -1 for what fell, else `None`."""
    words = analysis.language.conditions
    if _MOST.search(analysis.text) or _LEAST.search(analysis.text):
        return None
    if _UNCHANGED.search(analysis.text):
        return 0
    for sign, forms in ((1, (*words.rose, *words.more)), (-1, (*words.fell, *words.less))):
        if any_of(forms, re.I).search(analysis.text):
            return sign
    for word in split(analysis.text):
        measures, means_little = measures_of(analysis.language, word)
        if measures:
            return -1 if means_little else 1
    return None


def _pairs(material: Material) -> Iterator[tuple[_Edition, _Edition]]:
    """Yields two documents each that are called alike but for words that the question says of both, best first.

    The one whose words come first in the order of letters and numbers, as the earlier of two years, is the first.
    """
    order = {document: n for n, document in enumerate(dict.fromkeys(e.document for e in material.evidence))}
    names = {
        info.id: words_of_names(info.title, info.name.rpartition(".")[0]) | years_of_form(material, info.id)
        for info in material.documents
        if info.id in order
    }
    pairs = []
    for a, b in combinations(names, 2):
        own = [_said_first(material.analysis, names[x] - names[y]) for x, y in ((a, b), (b, a))]
        if all(own) and names[a] & names[b]:
            pair = sorted((_Edition(a, own[0]), _Edition(b, own[1])), key=lambda edition: edition.name)
            pairs.append((min(order[a], order[b]), -len(names[a] & names[b]), pair))
    pairs.sort(key=lambda entry: entry[:2])
    yield from ((first, second) for _, _, (first, second) in pairs)


def _said_first(analysis: QuestionAnalysis, terms: frozenset[str]) -> str:
    """Returns the first word of a question that is one of some terms."""
    return next((word for word in re.findall(r"\w+", analysis.text) if terms.intersection(words_of(word))), "")


def _label(c: Candidate) -> tuple[str, ...]:
    return words_of(re.sub(r"[¹²³⁴-⁹*†]", "", cells_of(c)[0].text))


def _are_alike(before: Relation, after: Relation) -> bool:
    """Returns whether two tables have a column of numbers and many labels in common."""
    labels = [{_label(c) for c in relation.rows} for relation in (before, after)]
    is_shared = len(labels[0] & labels[1]) >= ALIKE * min(map(len, labels))
    return is_shared and before.columns[0] == after.columns[0] and bool(set(before.values) & set(after.values))


@dataclass(frozen=True, slots=True)
class _Joint:
    """A table of two editions, the earlier one first."""

    material: Material
    pair: tuple[_Edition, _Edition]
    tables: tuple[Relation, Relation]

    def difference(self) -> Reply | None:
        """Returns the difference of the number of the row and the column that the question names."""
        if (numbers := self._numbers()) is None:
            return None
        a, b = numbers
        places = max(a.quantity.places, b.quantity.places)
        unit, scale = b.quantity.unit or a.quantity.unit, b.quantity.scale
        first, last = a.quantity.amount / scale, b.quantity.value
        high, low = max(first, last), min(first, last)
        shown = (
            plain(b, value, places, unit if n == 0 else "", scale) for n, value in enumerate((high - low, high, low))
        )
        text = "{} = {} - {}".format(*shown)
        return Reply((Paragraph(f"{text}. From {self._sources(a, b)}", (a.candidate, b.candidate)),), checked=True)

    def verdict(self, direction: int) -> Reply | None:
        """Returns yes or no, and the number of the row and the column that the question names in both.

        Of editions as alternatives, the one of which the question is true comes first.
        """
        if (numbers := self._numbers()) is None:
            return None
        a, b = numbers
        language = self.material.analysis.language
        if self._asks_which():
            is_later = (b.quantity.amount - a.quantity.amount) * direction > 0
            pair = zip(self.pair, (a, b), strict=True)
            names = [f"{edition.name}: {o.description}" for edition, o in pair][:: -1 if is_later else 1]
            return Reply((Paragraph("; ".join(names), (a.candidate, b.candidate)),), checked=True)
        is_so = _sign(b.quantity.amount - a.quantity.amount) == self._signed(direction)
        text = f"{language.yes if is_so else language.no}: {self._sources(a, b)}"
        return Reply((Paragraph(text, (a.candidate, b.candidate)),), checked=True)

    def _asks_which(self) -> bool:
        """Returns whether the question joins both editions as alternatives: "in 2023 or in 2024"."""
        joint = any_form(self.material.analysis.language.alternative)
        first, second = (re.escape(edition.name) for edition in self.pair)
        text = self.material.analysis.text
        return any(
            re.search(rf"{a}\W+{joint}(?:\s+\w+){{0,2}}\s+{b}", text) for a, b in ((first, second), (second, first))
        )

    def _sources(self, *operands: Operand) -> str:
        return "; ".join(f"{e.name}: {o.description}" for e, o in zip(self.pair, operands, strict=True))

    def _numbers(self) -> tuple[Operand, Operand] | None:
        """Returns the number of the row and the column that the question names, in both editions."""
        analysis, (before, after) = self.material.analysis, self.tables
        rows = named_rows(analysis, after)
        if not rows and (TOTAL & set(words_of(analysis.text)) or self._names_column()):
            rows = [c for c in after.rows if c is after.total or TOTAL & set(_label(c))]
        own = [c for c in before.rows if len(rows) == 1 and _label(c) == _label(rows[0])]
        column = self._column()
        if len(own) != 1 or column is None:
            return None
        a, b = before.number(own[0], column), after.number(rows[0], column)
        return (a, b) if a and b and alike(a, b) and self._is_bound([own[0], rows[0]]) else None

    def _names_column(self) -> bool:
        """Returns whether a question says all of the name of a column, of which it then means the total."""
        analysis = self.material.analysis
        return any(len(analysis.matched_in(c)) >= len(words_of(c)) for c in self.tables[1].values if words_of(c))

    def _signed(self, direction: int) -> int:
        """Returns a direction as one from the first edition to the second.

        The edition before "than" is compared with the other; a question without that asks for what was so in the later.
        """
        text = self.material.analysis.text
        is_than = any_of(self.material.analysis.language.conditions.than, re.I).search(text) is not None
        first, second = (text.find(edition.name) for edition in self.pair)
        return -direction if is_than and first < second else direction

    def rows(self, direction: int) -> Reply | None:
        """Returns the rows whose number is the same in both, or rose or fell; for none, no and all rows."""
        analysis, (before, after) = self.material.analysis, self.tables
        match = _WHICH.search(analysis.text)
        noun = set(noun_after(analysis, match["rest"])[:1]) if match else set()
        generic = terms_of_words(analysis.language.generic)
        is_about = bool(noun & (analysis.matched_terms(after.around) | analysis.matched_in(after.columns[0]) | generic))
        column = self._column()
        if column is None or not is_about:
            return None
        earlier = {_label(c): before.number(c, column) for c in before.counted}
        series = [(earlier.get(_label(c)), after.number(c, column)) for c in after.counted]
        joined = [(a, b) for a, b in series if a and b and alike(a, b)]
        chosen = [(a, b) for a, b in joined if _sign(b.quantity.amount - a.quantity.amount) == self._signed(direction)]
        listed = chosen or joined
        support = [o.candidate for pair in listed for o in pair]
        if not 0 < len(listed) <= MOST_LISTED or not self._is_bound(support):
            return None
        first, last = (edition.name for edition in self.pair)
        texts = [f"{after.label(b.candidate)}: {_text(a)} ({first}), {_text(b)} ({last})" for a, b in listed]
        none = "" if chosen else f"{analysis.language.no}: "
        return Reply((Paragraph(f"{none}{'; '.join(texts)}", tuple(support)),), checked=True)

    def _column(self) -> str | None:
        """Returns the column of numbers of both that the question names best, or the only one that may be meant."""
        analysis, (before, after) = self.material.analysis, self.tables
        names = {term for edition in self.pair for term in words_of(edition.name)}
        columns = [c for c in after.values if c in before.values and names.isdisjoint(words_of(c))]
        words = {c: frozenset(words_of(_UNIT.sub("", c)) or words_of(c)) for c in columns}
        fits = {c: len(analysis.matched_terms(own)) / max(1, len(own)) for c, own in words.items()}
        best = [c for c in columns if fits[c] == max(fits.values())]
        if len(best) > 1 and max(fits.values()) == 0:
            asks_price = self._asks_price() and not counted_noun(analysis)
            best = [c for c in best if _is_money(after, c) is asks_price]
        return best[0] if len(best) == 1 else None

    def _asks_price(self) -> bool:
        analysis = self.material.analysis
        named = {m for word in split(analysis.text) for m in measures_of(analysis.language, word)[0]}
        return analysis.money or bool(analysis.price_terms) or bool(named & analysis.language.money)

    def _is_bound(self, support: Sequence[Candidate]) -> bool:
        """Returns whether the rows say all things that the question names, but for what compares them."""
        analysis = self.material.analysis
        words = analysis.language.conditions
        said = " ".join((*words.rose, *words.fell, *words.more, *words.less, *(e.name for e in self.pair)))
        measuring = " ".join(word for word in split(analysis.text) if measures_of(analysis.language, word)[0])
        unchanged = " ".join(match[0] for match in _UNCHANGED.finditer(analysis.text))
        return is_bound(self.material, support, {*words_of(f"{said} {measuring} {unchanged}"), *TOTAL})


def _is_money(relation: Relation, column: str) -> bool:
    numbers = (relation.number(c, column) for c in relation.counted[:1])
    return any(o is not None and is_in_money(o) for o in numbers)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _text(operand: Operand) -> str:
    return operand.cell.text.strip() if operand.cell else plain(operand)
