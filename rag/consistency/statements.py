"""Quantities that a document states, each with its subject and its period: of sentences, table cells and charts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from octavo.ingest import Box, Document, Page, Region
from octavo.ingest.model import FIGURES, HEADINGS
from octavo.rag.answering.dates import ENGLISH_MONTHS
from octavo.rag.answering.passage_lines import LABELS, Place
from octavo.rag.answering.passages import Passage, passages
from octavo.rag.answering.quantities import Quantity, decimal_sign, quantities, quantity
from octavo.rag.answering.rows import NamedCell, Row
from octavo.rag.entry import EntryId, Level
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import StagedPages
from octavo.rag.query.analysis import terms

_MONTHS = "|".join(ENGLISH_MONTHS)
_PAGE_COLUMN = re.compile(r"pages?(?:\s+(?:no\.?|numbers?))?", re.I)
_PERIOD = re.compile(
    r"\b(?P<span>(?i:three|six|nine|twelve|thirteen|twenty-six|thirty-nine|fifty-two|\d{1,2}))(?:\s|-)+"
    r"(?P<unit>(?i:month|week|quarter)s?)\b"
    r"|\b(?P<quarter>Q[1-4]|H[12])\b(?:\W{0,2}(?:of\s+)?(?:FY\s?)?(?P<of>(?:19|20)\d\d)\b)?"
    r"|\b(?:FY|CY)\W?(?P<fiscal>(?:19|20)?\d\d)\b|(?<![\d.,$€£/-])(?P<year>(?:19|20)\d\d)(?!\d|,\d|\.\d|/\d)"
    rf"|\b(?P<month>{_MONTHS})\b",
)
_SPANS = {
    "three": "3",
    "six": "6",
    "nine": "9",
    "twelve": "12",
    "thirteen": "13",
    "twenty-six": "26",
    "thirty-nine": "39",
    "fifty-two": "52",
}
_NOTE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\*+")
_LIGHT = frozenset(
    terms(
        "be is was were are amounted amount amounts reached reach stood stands came comes total totalled totaled equal"
        " equals rose fell grew climbed dropped slipped recorded reported showed shows spent earned had has have made"
        " about around approximately nearly almost roughly some over than exactly just only year years fiscal full"
        " annual end ended ending million millions billion billions thousand thousands percent per cent dollars euros"
        " pounds usd eur gbp value values figure figures table report reports page see sum overall altogether us we our"
        " its their this that these those there again also too however still now here again mentioned set out stated"
        " noted above below already during within all together plus minus compared period month quarter half"
    )
)
"""Terms that state a quantity and do not tell of what."""
_UNNAMING = frozenset(terms("net other others gross all total subtotal balance item items", stop_words=False))
"""Terms of row names that name nothing by themselves: what is the rest of one table is none of another's."""
_GENERIC = frozenset(
    terms("total amount value number figure result unit units sum all note notes item items reported actual")
)
"""Terms of column names that narrow nothing."""


@dataclass(frozen=True, slots=True)
class StatedQuantity:
    """A quantity as a document states it.

    `text` is the number with its unit as written, `quote` the sentence or the row. `page` is 0-based, `box` is in PDF
    points: of the cell, or of the lines of the sentence.

    `subject` are the terms that tell of what it is: of a sentence, those that may; of a cell or a chart's label
    (`is_labelled`), all that do. `context` are the terms around: caption, headings. `periods` are the years, quarters,
    months and lengths of time that it is stated for, `headed` those that a table's caption and the headings above it
    on its page name. `group` tells the table apart, `label` is the name of its row, `section` the heading that it
    stands under. `before` is the text between a sentence's last number and this one, `near` its terms, and those up to
    the next number, too.
    """

    text: str
    quote: str
    page: int
    box: Box
    quantity: Quantity
    subject: frozenset[str]
    periods: frozenset[str]
    is_labelled: bool
    context: frozenset[str] = frozenset()
    group: tuple[int, int] = (-1, -1)
    before: str = ""
    near: tuple[frozenset[str], ...] = ()
    headed: frozenset[str] = frozenset()
    label: str = ""
    section: str = ""


def stated_quantities(document: Document) -> Iterator[StatedQuantity]:
    """Yields the quantities that a document states, in reading order.

    >>> from octavo.ingest import read_document
    >>> read = read_document(b"The dam cost 7.5 million euros in 2018.", name="dam.txt")
    >>> [(q.text, sorted(q.periods), sorted(q.subject)) for q in stated_quantities(read.document)]
    [('7.5 million euros', ['2018'], ['cost', 'dam'])]
    """
    decimal = decimal_sign(" ".join(page.text for page in document.pages[:20]))
    pages = StagedPages(document, lambda image: b"")
    for page in document.pages:
        evidence = _whole_page(document, page.number, page.text)
        headed = _headed_periods(page)
        for passage in passages(evidence, pages):
            if passage.row is not None:
                yield from _of_row(passage, passage.row, headed.get(passage.element, frozenset()), decimal)
            elif passage.kind in FIGURES:
                yield from _of_labels(passage, decimal)
            else:
                yield from _of_sentence(passage, decimal)


def _whole_page(document: Document, number: int, text: str) -> Evidence:
    page = document.pages[number]
    return Evidence(
        id=EntryId.of_page(document.id, number),
        level=Level.PAGE,
        document=document.id,
        name=document.name,
        title=document.title,
        page=number,
        heading="",
        text=text,
        regions=(Region(number, page.box),),
        score=1.0,
    )


def _headed_periods(page: Page) -> dict[int, frozenset[str]]:
    """Returns the periods that each element's caption, and the headings above it, name, by the element's number."""
    captions = {e.about: periods_in(e.text) for e in page.elements if e.about is not None}
    result: dict[int, frozenset[str]] = {}
    periods = frozenset[str]()
    for element in page.elements:
        periods |= periods_in(element.text) if element.kind in HEADINGS else frozenset()
        result[element.index] = periods | captions.get(element.index, frozenset())
    return result


def _of_row(passage: Passage, row: Row, headed: frozenset[str], decimal: str) -> Iterator[StatedQuantity]:
    label = _NOTE.sub(" ", row.label)
    if _subject(label) <= _UNNAMING and label.strip():
        return
    around = f"{passage.context} {passage.header.text if passage.header else ''}"
    for cell in row.values:
        result = _only_quantity(cell, f"{around} {' '.join(cell.names)} {row.label}", decimal)
        if result is None or any(_PAGE_COLUMN.fullmatch(name.strip()) for name in cell.names):
            continue
        names = " ".join(dict.fromkeys(cell.names))
        yield StatedQuantity(
            text=cell.text,
            quote=row.readable,
            page=passage.places[0].page,
            box=cell.box,
            quantity=result,
            subject=_subject(label) | (_subject(names) - _GENERIC),
            periods=periods_in(names) or periods_in(row.label),
            is_labelled=True,
            context=frozenset(terms(f"{around} {passage.section}", stop_words=False)) | periods_in(around),
            group=(passage.places[0].page, passage.element),
            headed=headed,
            label=" ".join(label.lower().split()),
            section=passage.section,
        )


def _only_quantity(cell: NamedCell, around: str, decimal: str) -> Quantity | None:
    """Returns the quantity of a cell that holds one and hardly anything else."""
    numbers = list(quantities(cell.text, decimal))
    if len(numbers) != 1 or _is_code(cell.text, numbers[0]) or len(re.findall(r"[^\W\d_]{2,}", cell.text)) > 2:
        return None
    return quantity(cell.text, around, decimal)


def _of_labels(passage: Passage, decimal: str) -> Iterator[StatedQuantity]:
    """Yields the values of a chart: those whose label holds no other number, read as `Offices 20`."""
    around = f"{passage.context} {passage.section}"
    for part in passage.text.split(LABELS):
        numbers = list(quantities(part, decimal))
        if len(numbers) != 1:
            continue
        label = part[: numbers[0].start] + part[numbers[0].end :]
        subject = _subject(label) or _subject(passage.context)
        if subject and len(label.split()) <= 6:
            yield StatedQuantity(
                text=_written(part, numbers[0]),
                quote=part.strip(),
                page=passage.places[0].page,
                box=_box(
                    [place for place in passage.places if _written(part, numbers[0]) in place.text] or passage.places
                ),
                quantity=numbers[0],
                subject=subject,
                periods=periods_in(label) or periods_in(passage.context),
                is_labelled=True,
                context=frozenset(terms(around, stop_words=False)) | periods_in(around),
                group=(passage.places[0].page, passage.element),
            )


def _of_sentence(passage: Passage, decimal: str) -> Iterator[StatedQuantity]:
    text = passage.text
    numbers = [q for q in quantities(text, decimal) if not _is_reference(text, q)]
    if not numbers or "respectively" in text:
        return
    dated = [(m.start(), p) for m in _PERIOD.finditer(text) for p in _names(m)]
    for n, q in enumerate(numbers):
        begin, end = numbers[n - 1].end if n else 0, numbers[n + 1].start if n + 1 < len(numbers) else len(text)
        yield StatedQuantity(
            text=_written(text, q),
            quote=text,
            page=passage.places[0].page,
            box=_box(
                [place for place in passage.places if text[q.start : q.end].strip() in place.text] or passage.places
            ),
            quantity=q,
            subject=_subject(text),
            periods=_periods_of(q, begin, end, dated),
            is_labelled=False,
            context=frozenset(terms(f"{passage.context} {passage.section}", stop_words=False)),
            group=(passage.places[0].page, passage.element),
            before=text[begin : q.start],
            near=(_subject(text[begin : q.start]), _subject(text[begin:end])),
            section=passage.section,
        )


_REFERENCE = re.compile(r"(?:figure|fig\.|table|page|pages|p\.|note|section|chapter|step|item|no\.|nr\.|#)\s*$", re.I)
_ORDINAL = re.compile(r"(?:st|nd|rd|th|\+)(?![^\W\d_])")
_RANGE_BEFORE, _RANGE_AFTER = re.compile(r"\d\s?[-–—]\s?$"), re.compile(r"\s?[-–—]\s?\d|-[A-Z]\b")
_LEAD = re.compile(r"^\W*$")


_NAME = re.compile(r"\S\s+[A-Z][\w’'-]*\s$")
"""A word with a capital before a number that is a part of its name, such as `Level 2`."""
_DAY_AFTER = re.compile(rf"(?:{_MONTHS}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?\s*$", re.I)
_DAY_BEFORE = re.compile(rf"\s*(?:of\s+)?(?:{_MONTHS})\b", re.I)


def _is_code(text: str, q: Quantity) -> bool:
    """Returns whether a number counts as `8th`, bounds a range, or is a part of a code such as `10-K`."""
    before, after = text[: q.start], text[q.end :]
    return bool(_ORDINAL.match(after) or _RANGE_AFTER.match(after) or _RANGE_BEFORE.search(before))


def _is_reference(text: str, q: Quantity) -> bool:
    """Returns whether a number names a figure, a page, a list's item or a day of a month, or is a code."""
    before, after = text[: q.start], text[q.end :]
    if _is_code(text, q) or _DAY_AFTER.search(before) or _DAY_BEFORE.match(after):
        return True
    if not q.unit and text[q.start : q.end].strip().isdigit() and _NAME.search(before):
        return True
    return bool(_REFERENCE.search(before)) or (bool(_LEAD.match(before)) and text[q.end : q.end + 1] in ".)")


def _periods_of(q: Quantity, begin: int, end: int, dated: Sequence[tuple[int, str]]) -> frozenset[str]:
    """Returns the periods of a number: those after it and before the next one, else those before it, else all."""
    after = [p for at, p in dated if q.end <= at < end]
    before = [p for at, p in dated if begin <= at < q.start]
    leading = [p for at, p in dated if at < q.start]
    return frozenset(after[:2] or before[-2:] or leading[:2])


def periods_in(text: str) -> frozenset[str]:
    """Returns the years, quarters, months and lengths of time that a text names.

    >>> sorted(periods_in("Q3 2018, FY19 and the three months that ended in May 2020"))
    ['2018', '2019', '2020', '3 month', 'May', 'Q3']
    """
    return frozenset(p for m in _PERIOD.finditer(text) for p in _names(m))


def is_length(period: str) -> bool:
    """Returns whether a period of `periods_in` is a length of time.

    >>> [is_length(period) for period in sorted(periods_in("the nine months of 2018"))]
    [False, True]
    """
    return " " in period


def _names(match: re.Match[str]) -> Iterator[str]:
    if span := match["span"]:
        yield f"{_SPANS.get(span.lower(), span)} {match['unit'].lower().rstrip('s')}"
    for name in ("quarter", "of", "fiscal", "year", "month"):
        if value := match[name]:
            yield f"20{value}" if name == "fiscal" and len(value) == 2 else value


def _subject(text: str) -> frozenset[str]:
    bare = _PERIOD.sub(" ", text)
    return frozenset(t for t in terms(bare, stop_words=False) if not t[0].isdigit() and len(t) > 1) - _LIGHT


def _written(text: str, q: Quantity) -> str:
    after = (
        re.match(rf"\s?{re.escape(q.unit)}\b|\s?[^\W\d_]+", text[q.end :])
        if q.unit.isalpha() or q.unit in "$€£"
        else None
    )
    return (
        text[q.start : q.end]
        + (after[0] if after and q.unit and not re.search(r"[$€£]", text[q.start : q.end]) else "")
    ).strip()


def _box(places: Sequence[Place]) -> Box:
    return Box.around([place.box for place in places])
