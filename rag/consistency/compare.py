"""Pairs of stated quantities that say different things of the same: by subject, period, unit and amount."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from octavo.ingest import Box, Document
from octavo.rag.answering.dates import ENGLISH_MONTHS
from octavo.rag.answering.quantities import Quantity
from octavo.rag.consistency.statements import StatedQuantity, is_length, stated_quantities

_HEDGE = re.compile(
    r"\b(?:about|around|approximately|approx\.?|nearly|almost|roughly|some|circa|ca\.|close to)\s*\W?$", re.I
)
_BOUND = re.compile(r"\b(?:over|more than|above|at least|exceed\w*|under|less than|below|up to|at most)\s*\W?$", re.I)
_DERIVED = re.compile(
    r"\b(?:by|from|between|per|each|every|another|further|additional|within|after|before|next|last|first|top)\s*\W?$",
    re.I,
)
"""Words before a number that is a change, a bound of a range or a part."""
_OTHER_SENSE = re.compile(
    r"\b(?:increas\w+|decreas\w+|growth|grew|change[sd]?|difference|average|mean|median|forecast\w*|expect\w*|plan(?:s|ned)?"
    r"|target\w*|budget\w*|estimat\w*|goal|guidance|would|could|might|if|except|excluding|without|adjusted|cumulative"
    r"|impacts?|effects?|contribut\w+|rose|fell|rise|decline\w*|reduc\w*|up|down|more|fewer|less|higher|lower|than|share|proportion|ratio|times)\b",
    re.I,
)
"""Words of a sentence whose numbers may be no amounts of its subject."""
_SIDES = re.compile(
    r"\b(?:in|out|with|without|not|no|non|before|after|above|below|minimum|maximum|first|second|new|old)\b(?=[\s-])"
)
"""Words by which two sentences of the same terms are of different things."""
_SENTENCE = re.compile(r"\W?[A-Z](?=.*\s\S+\s\S+\s\S+\s).*[.!]\W?$", re.S)
"""A whole sentence of five words or more."""
_STATEMENT = re.compile(r"(?:[^\W\d_]{2,}(?![^\W\d_]).*?){3}", re.S)
"""Three words: with fewer, a number is an address, a code or a heading's."""
_MOST_APART = 5.0
"""Amounts of which one is more often the other are of different things."""
_ROUNDED, _HEDGED = 0.006, 0.12
"""Shares of an amount that rounding, and a word such as "about", may take away."""
_EXTRA = 1
"""Terms of a sentence that neither the label nor what stands around it has."""
_SHARED = 2
"""Quantities that two tables state alike when they are about the same."""


@dataclass(frozen=True, slots=True)
class QuantityPlace:
    """A quantity in a document: the number as written, the sentence or row (`quote`), its page (from 0) and box."""

    text: str
    quote: str
    page: int
    box: Box

    @property
    def page_number(self) -> int:
        """The number of the page that people say, from 1."""
        return self.page + 1


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two places of a document that state different amounts of the same; `subject` are the terms that both have."""

    subject: str
    first: QuantityPlace
    second: QuantityPlace


def find_contradictions(document: Document) -> list[Contradiction]:
    """Returns pairs of quantities in a document that contradict each other, in reading order.

    A sentence is held against table cells and chart labels whose whole name it has, against sentences of the same
    subject, and tables against tables that they agree with elsewhere. Periods, units and scales have to fit; rounding,
    changes ("rose by"), forecasts and averages are no contradictions. The words that tell these are English.

    >>> from octavo.ingest import read_document
    >>> text = b"The dam cost 7.5 million euros in 2018. It is long.\\n\\nIn 2018 the dam cost 9.1 million euros."
    >>> [(c.first.text, c.second.text) for c in find_contradictions(read_document(text, name="dam.txt").document)]
    [('7.5 million euros', '9.1 million euros')]
    """
    stated = list(stated_quantities(document))
    cells = [q for q in stated if q.is_labelled]
    prose = [q for q in stated if not q.is_labelled]
    pairs = [*_with_cells(prose, cells), *_between_sentences(prose), *_between_tables(cells)]
    pairs = [(a, b) if (a.page, a.box.y0) <= (b.page, b.box.y0) else (b, a) for a, b in pairs]
    unique = dict.fromkeys(
        Contradiction(" ".join(sorted(a.subject & b.subject)), _place(a), _place(b)) for a, b in pairs
    )
    return sorted(unique, key=lambda c: (c.first.page, c.first.box.y0, c.second.page, c.second.box.y0))


def _place(q: StatedQuantity) -> QuantityPlace:
    return QuantityPlace(q.text, q.quote, q.page, q.box)


_Pair = tuple[StatedQuantity, StatedQuantity]


def _with_cells(prose: Sequence[StatedQuantity], cells: Sequence[StatedQuantity]) -> Iterator[_Pair]:
    by_term: dict[str, list[StatedQuantity]] = defaultdict(list)
    for cell in cells:
        if cell.subject:
            by_term[min(cell.subject, key=lambda t: (-len(t), t))].append(cell)
    for sentence in _sentences(prose):
        matching = [
            c for term in sentence[0].subject for c in by_term.get(term, ()) if c.subject <= sentence[0].subject
        ]
        most = max((len(c.subject) for c in matching), default=0)
        about_subject = [c for c in matching if len(c.subject) == most and _is_about(sentence[0], c)]
        for q in sentence:
            if not _states_amount(q):
                continue
            same = [
                c for c in _nearest_named(q, about_subject, len(sentence)) if _comparable(q, c) and _same_periods(q, c)
            ]
            apart = [c for c in same if not _agree(q, c)]
            if not apart or len(apart) < len(same) or any(_agree(o, c) for o in sentence for c in same):
                continue
            if all(_agree(apart[0], c) for c in apart[1:]):  # else the name stands for several things
                yield q, apart[0]


def _sentences(prose: Iterable[StatedQuantity]) -> list[list[StatedQuantity]]:
    grouped: dict[tuple[int, tuple[int, int], str], list[StatedQuantity]] = defaultdict(list)
    for q in prose:
        grouped[q.page, q.group, q.quote].append(q)
    return list(grouped.values())


def _nearest_named(q: StatedQuantity, candidates: Sequence[StatedQuantity], numbers: int) -> Sequence[StatedQuantity]:
    """Returns the cells whose names stand nearest to a number: before it, else around it, else in its sentence."""
    for near in q.near:
        if within := [c for c in candidates if c.subject <= near]:
            return within
    return candidates if numbers == 1 else ()


def _is_about(sentence: StatedQuantity, cell: StatedQuantity) -> bool:
    """Returns whether a sentence says hardly anything that would narrow the subject of a cell."""
    extra = sentence.subject - cell.subject - cell.context
    return len(extra) <= (_EXTRA if len(cell.subject) > 1 else 0)


def _states_amount(q: StatedQuantity) -> bool:
    no_amount = _DERIVED.search(q.before) or _BOUND.search(q.before) or _OTHER_SENSE.search(q.quote)
    return not no_amount and bool(_STATEMENT.search(q.quote))


def _between_sentences(prose: Sequence[StatedQuantity]) -> Iterator[_Pair]:
    alike: dict[object, list[StatedQuantity]] = defaultdict(list)
    for sentence in _sentences(prose):
        q = sentence[0]
        if len(sentence) == 1 and len(q.subject) > 1 and _SENTENCE.match(q.quote) and _states_amount(q):
            alike[q.subject, q.periods, tuple(_SIDES.findall(q.quote.lower()))].append(q)
    pairs: dict[object, list[_Pair]] = defaultdict(list)
    for same in alike.values():
        values = [q for n, q in enumerate(same) if not any(_agree(q, other) for other in same[:n])]
        if len(values) == 2 and _comparable(*values):  # more are a list of different things in the same words
            pairs[tuple((q.page, q.section) for q in values)].append((values[0], values[1]))
    yield from (of[0] for of in pairs.values() if len(of) == 1)  # more: sections in the same words on different things


def _between_tables(cells: Sequence[StatedQuantity]) -> Iterator[_Pair]:
    cells_of: dict[object, list[StatedQuantity]] = defaultdict(list)
    for cell in cells:
        if cell.subject and cell.group[1] >= 0:
            cells_of[cell.label, cell.subject, cell.periods].append(cell)
    rows: dict[tuple[object, object, str], list[_Pair]] = defaultdict(list)
    for same in cells_of.values():
        if len({c.group for c in same}) == len(same):  # a name that a table has twice tells nothing
            for one, other in combinations(same, 2):
                if _headed_alike(one, other):
                    rows[one.group, other.group, one.label].append((one, other))
    alike: dict[object, int] = defaultdict(int)
    apart: dict[object, list[_Pair]] = defaultdict(list)
    for (first, second, _), pairs in rows.items():
        comparable = [pair for pair in pairs if _comparable(*pair)]
        differ = [pair for pair in comparable if not _agree(*pair)]
        alike[first, second] += len(comparable) - len(differ)
        if len(pairs) == 1 or len(differ) < len(comparable):  # a row that agrees in no column is of something else
            apart[first, second] += differ
    for tables, pairs in apart.items():
        if alike[tables] >= _SHARED * len(pairs):
            yield from pairs


def _headed_alike(one: StatedQuantity, other: StatedQuantity) -> bool:
    """Returns whether headings put cells under the same periods; cells with periods, under the same lengths of time."""
    first, second = (frozenset(p for p in cell.headed if is_length(p) or not cell.periods) for cell in (one, other))
    return not (first and second) or first == second


def _same_periods(q: StatedQuantity, cell: StatedQuantity) -> bool:
    """Returns whether a sentence's number is of a cell's periods, or of those that its table is about.

    A cell of a day, such as January 29, 2022, is of the year 2022 only where its month is the last: fiscal 2022 is
    another year.
    """
    if (months := cell.periods & set(ENGLISH_MONTHS[:-1])) and not months <= q.periods:
        return False
    if cell.periods:
        return bool(q.periods) and (q.periods <= cell.periods or cell.periods <= q.periods)
    return not q.periods or q.periods <= cell.context


def _comparable(one: StatedQuantity, other: StatedQuantity) -> bool:
    a, b = one.quantity, other.quantity
    if ("%" in (a.unit, b.unit)) and a.unit != b.unit:
        return False
    money = {"$", "€", "£", "¥", "CHF"}
    if a.unit in money and b.unit in money and a.unit != b.unit:
        return False
    return bool(a.value and b.value) and 1 / _MOST_APART <= _nearest(a, b) <= _MOST_APART


def _nearest(a: Quantity, b: Quantity) -> float:
    """Returns the ratio of two amounts; where one names no scale, in the scale in which they are nearest."""
    scales = [1.0] if a.scale > 1 and b.scale > 1 else [1.0, 1e3, 1e6, 1e9, 1e-3, 1e-6, 1e-9]
    if a.unit == "%":
        scales = [1.0]
    ratios = [abs(a.amount / b.amount) * scale for scale in scales]
    return min(ratios, key=lambda r: max(r, 1 / r))


def _agree(one: StatedQuantity, other: StatedQuantity) -> bool:
    a, b = one.quantity, other.quantity
    hedged = any(_HEDGE.search(q.before) for q in (one, other))
    within = _HEDGED if hedged else _ROUNDED
    ratio = _nearest(a, b)
    steps = max(0.5 * 10.0**-q.places * q.scale / abs(q.amount) for q in (a, b))
    return abs(ratio - 1) <= max(within, steps)
