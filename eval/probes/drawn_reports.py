"""Small reports that are drawn for the probe of inconsistency, with one quantity that contradicts another, or none.

A report states amounts in two tables, in sentences, and in a summary, beside sentences that must raise no alarm:
changes, budgets, rounded amounts, parts. Subjects and sentences of the half `tune` are others than those of `report`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pymupdf

Half = Literal["tune", "report"]
FaultKind = Literal["sentence and table", "two sentences", "two tables"]
FAULT_KINDS: tuple[FaultKind, ...] = ("sentence and table", "two sentences", "two tables")
_WIDTH, _HEIGHT, _LEFT = 595.0, 842.0, 64.0
_SIZE, _LEADING = 10.5, 15.5


@dataclass(frozen=True, slots=True)
class Fault:
    """A quantity that was changed: what stands there instead (`text`) and, elsewhere, what it contradicts (`against`).

    Pages count from 0.
    """

    kind: FaultKind
    text: str
    page: int
    against: str


@dataclass(frozen=True, slots=True)
class DrawnReport:
    """A PDF file, and its fault where it has one."""

    pdf: bytes
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class _Topic:
    """The subject of a table: its caption, the names of its rows, how amounts are written, their size."""

    caption: str
    rows: tuple[str, ...]
    note: str
    prefix: str
    suffix: str
    scale: float
    low: float
    high: float


_TOPICS: dict[Half, tuple[_Topic, ...]] = {
    "tune": (
        _Topic("Operating costs by department", ("Street lighting", "Winter services", "Parks and gardens",
               "Public libraries", "Waste collection", "Fire brigade"), "In thousands of pounds", "£", " million", 1e3,
               900, 9_800),
        _Topic("Water delivered by plant", ("Moorend works", "Larkfield works", "Ashby pumping station",
               "Upper reservoir", "Harbour desalination"), "In megalitres", "", " megalitres", 1, 1_200, 9_700),
        _Topic("Visitors by house", ("Maritime museum", "City gallery", "Botanical garden", "Old observatory",
               "Puppet theatre"), "", "", " visitors", 1, 12_400, 198_000),
        _Topic("Income by source", ("Membership fees", "Ticket sales", "Private donations", "Lottery grants",
               "Shop sales"), "In dollars", "$", "", 1, 21_300, 874_000),
        _Topic("Staff by team", ("Maintenance crew", "Control room", "Customer office", "Design team"), "", "",
               " people", 1, 112, 970),
        _Topic("Share of deliveries by carrier", ("Rail freight", "Coastal shipping", "Lorry transport",
               "Inland barges"), "In percent", "", "%", 1, 11, 61),
    ),
    "report": (
        _Topic("Net sales by product line", ("Cordless drills", "Garden shears", "Workshop lamps", "Hand saws",
               "Paint rollers", "Spare batteries"), "In millions of dollars", "$", " million", 1, 104, 3_960),
        _Topic("Energy use by building", ("Main laboratory", "Data centre", "Student hall", "Swimming pool",
               "Lecture block"), "In megawatt hours", "", " MWh", 1, 310, 8_900),
        _Topic("Patients treated by clinic", ("Eye clinic", "Dental practice", "Heart surgery", "Children's ward",
               "Day hospital"), "", "", " patients", 1, 1_350, 42_000),
        _Topic("Grants awarded by programme", ("Rural broadband", "Coastal defence", "Night buses", "Heat pumps",
               "School kitchens"), "In pounds", "£", "", 1, 35_000, 960_000),
        _Topic("Harvest by crop", ("Winter wheat", "Sugar beet", "Rapeseed oil", "Fodder maize", "Early potatoes"),
               "In tonnes", "", " tonnes", 1, 1_040, 66_000),
        _Topic("Occupancy by hotel", ("Harbour lodge", "Station hotel", "Lakeside inn", "Airport suites"),
               "In percent", "", "%", 1, 34, 93),
    ),
}  # fmt: skip
_SENTENCES: dict[Half, tuple[str, ...]] = {
    "tune": (
        "In {period}, {subject} amounted to {amount}.",
        "{Subject} reached {amount} in {period}.",
        "{Subject} came to {amount} in {period}, as the table shows.",
        "The figure for {subject} in {period} was {amount}.",
        "With {amount} in {period}, {subject} took up much of the debate in the council.",
    ),
    "report": (
        "For {period} we recorded {amount} for {subject}.",
        "{Subject} stood at {amount} in {period}.",
        "According to our books, {subject} totalled {amount} in {period}.",
        "{Subject} ({period}): {amount}",
        "{Amount} is what {subject} came to in {period}, a result that the committee took note of.",
        "As in earlier years, the largest part of the discussion was on {subject}: {amount} in {period}.",
    ),
}
_TRAPS: dict[Half, tuple[str, ...]] = {
    "tune": (
        "{Subject} changed by {other} over these years.",
        "A budget of {other} is planned for {subject} next year.",
        "{Subject} averaged {other} a quarter.",
        "In the northern district {subject} was {other} in {period}.",
        "Roughly {rounded} stands for {subject} in {period}.",
    ),
    "report": (
        "Of this, {other} of {subject} in {period} fell to the two new sites.",
        "Next year {subject} should come to {other}.",
        "{Subject} rose from {before} in {earlier} to {amount} in {period}.",
        "{Subject} without the annex was {other} in {period}.",
        "Nearly {rounded} was booked for {subject} in {period}.",
        "A further {other} was set aside for {subject} in {period}.",
    ),
}
_FILLER: dict[Half, tuple[str, ...]] = {
    "tune": (
        "The council adopted this account at its meeting in spring.",
        "Preparations for the next period have begun, and the departments report to the committee as before.",
        "Two members asked for a shorter form of this account, which the office will consider.",
    ),
    "report": (
        "All amounts were checked by the auditors, who had no remarks.",
        "The method has not changed since the last edition of this report.",
        "Readers who need more detail find it in the annexes, which the office sends on request.",
    ),
}


class _Sheet:
    """Pages that are filled from the top."""

    def __init__(self) -> None:
        self.document = pymupdf.open()
        self.turn()

    def turn(self) -> None:
        self.page = self.document.new_page(width=_WIDTH, height=_HEIGHT)
        self.y = 78.0

    @property
    def number(self) -> int:
        return int(self.document.page_count) - 1

    def text(self, text: str, size: float = _SIZE, font: str = "tiro", below: float = 10) -> None:
        """Sets a paragraph."""
        line = ""
        for word in text.split():
            if line and pymupdf.get_text_length(f"{line} {word}", font, size) > _WIDTH - 2 * _LEFT:
                self._line(line, size, font)
                line = word
            else:
                line = f"{line} {word}".strip()
        self._line(line, size, font)
        self.y += below

    def _line(self, line: str, size: float, font: str) -> None:
        self.page.insert_text((_LEFT, self.y), line, fontname=font, fontsize=size)
        self.y += size * _LEADING / _SIZE

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Draws a table: a header, rules between rows, numbers at the right."""
        right = _WIDTH - _LEFT
        columns = [right - 90 * (len(rows[0]) - 2 - n) for n in range(len(rows[0]) - 1)]
        for n, row in enumerate(rows):
            font = "tibo" if n == 0 else "tiro"
            self.page.insert_text((_LEFT + 2, self.y), row[0], fontname=font, fontsize=10)
            for x, cell in zip(columns, row[1:], strict=True):
                width = pymupdf.get_text_length(cell, font, 10)
                self.page.insert_text((x - width, self.y), cell, fontname=font, fontsize=10)
            self.page.draw_line((_LEFT, self.y + 5), (right, self.y + 5), width=0.8 if n == 0 else 0.3)
            self.y += 19
        self.y += 12


@dataclass(frozen=True, slots=True)
class _Amount:
    subject: str
    period: str
    value: float


def draw_report(seed: int, half: Half, fault: FaultKind | None = None) -> DrawnReport:
    """Returns a report of three pages; the same seed with and without a fault gives twins.

    >>> clean, faulty = draw_report(1, "tune"), draw_report(1, "tune", "two sentences")
    >>> clean.fault is None, faulty.fault.kind, pymupdf.open(stream=clean.pdf).page_count
    (True, 'two sentences', 3)
    """
    draw = random.Random(f"{half} {seed}")  # noqa: S311 - not for secrets
    topic, second = draw.sample(_TOPICS[half], 2)
    first = draw.randint(2012, 2021)
    periods = [str(year) for year in range(first, first + draw.choice((2, 3)))]
    amounts = _draw_amounts(topic, periods, draw)
    others = _draw_amounts(second, periods, draw)
    stated = draw.sample(amounts, 6)
    again = draw.sample(others, 2)
    brief = draw.sample([a for a in amounts if a.period == periods[-1]], min(4, len(topic.rows)))
    sentences = [draw.choice(_SENTENCES[half]) for _ in range(10)]
    traps = [_trap(template, draw.choice(amounts), amounts, topic, draw) for template in draw.sample(_TRAPS[half], 3)]
    changed, place = _change_place(fault, stated, again, brief, topic, second, draw)
    sheet = _Sheet()
    sheet.text(f"{topic.caption.partition(' by ')[0]} {periods[0]} to {periods[-1]}", 20, "tibo", 18)
    sheet.text(draw.choice(_FILLER[half]))
    paragraphs = [
        _sentence(t, a, topic, changed.get(n)) for n, (t, a) in enumerate(zip(sentences, stated, strict=False))
    ]
    sheet.text(" ".join([paragraphs[0], draw.choice(_FILLER[half]), paragraphs[1]]))
    sheet.text(" ".join([traps[0], paragraphs[2]]))
    sheet.turn()
    sheet.text("The accounts in detail", 14, "tibo", 14)
    sheet.text(" ".join([paragraphs[3], traps[1], draw.choice(_FILLER[half])]))
    sheet.text(f"Table 1: {topic.caption}{_note(topic)}", 10, "tiit", 8)
    sheet.table([["Item", *periods], *_rows(topic, periods, amounts)])
    sheet.text(" ".join([paragraphs[4], traps[2]]))
    sheet.text(f"Table 2: {second.caption}{_note(second)}", 10, "tiit", 8)
    sheet.table([["Item", *periods], *_rows(second, periods, others)])
    sheet.text(" ".join(_sentence(t, a, second) for t, a in zip(sentences[6:], again, strict=False)))
    sheet.turn()
    sheet.text("Summary", 14, "tibo", 14)
    sheet.text(paragraphs[5])
    twice = [
        _sentence(t, a, second, changed.get(6 + n)) for n, (t, a) in enumerate(zip(sentences[8:], again, strict=False))
    ]
    sheet.text(" ".join([draw.choice(_FILLER[half]), *twice]))
    sheet.text(f"Table 3: {topic.caption} at a glance{_note(topic)}", 10, "tiit", 8)
    glance = [[a.subject, changed.get(8 + n) or _cell(a.value, topic)] for n, a in enumerate(brief)]
    sheet.table([["Item", periods[-1]], *glance])
    return DrawnReport(sheet.document.tobytes(no_new_id=True), place)


def _note(topic: _Topic) -> str:
    return f" ({topic.note[0].lower()}{topic.note[1:]})" if topic.note else ""


def _draw_amounts(topic: _Topic, periods: Sequence[str], draw: random.Random) -> list[_Amount]:
    return [
        _Amount(row, period, float(round(base * draw.uniform(0.82, 1.22))))
        for row in topic.rows
        for base in [draw.uniform(topic.low, topic.high)]
        for period in periods
    ]


def _rows(topic: _Topic, periods: Sequence[str], amounts: Sequence[_Amount]) -> list[list[str]]:
    by_place = {(a.subject, a.period): a.value for a in amounts}
    return [[row, *(_cell(by_place[row, period], topic) for period in periods)] for row in topic.rows]


def _cell(value: float, topic: _Topic) -> str:
    return f"{value:,.0f}{'%' if topic.suffix == '%' else ''}"


def _format_amount(value: float, topic: _Topic) -> str:
    """Returns an amount as sentences write it: £1.58 million for 1,577 in thousands."""
    digits = f"{value / topic.scale:,.2f}" if topic.scale > 1 else f"{value:,.0f}"
    return f"{topic.prefix}{digits}{topic.suffix}"


def _sentence(template: str, amount: _Amount, topic: _Topic, text: str | None = None) -> str:
    written = text or _format_amount(amount.value, topic)
    lower = amount.subject[0].lower() + amount.subject[1:]
    return template.format(subject=lower, Subject=amount.subject, period=amount.period, amount=written, Amount=written)


def _trap(template: str, amount: _Amount, amounts: Sequence[_Amount], topic: _Topic, draw: random.Random) -> str:
    earlier = [a for a in amounts if a.subject == amount.subject and a.period < amount.period]
    before = earlier[-1] if earlier else amount
    if before is amount and "{earlier}" in template:
        later = [a for a in amounts if a.subject == amount.subject and a.period > amount.period]
        before, amount = amount, later[0]
    size = 10 ** (len(f"{amount.value:.0f}") - 2)
    return template.format(
        subject=amount.subject[0].lower() + amount.subject[1:],
        Subject=amount.subject,
        period=amount.period,
        earlier=before.period,
        amount=_format_amount(amount.value, topic),
        before=_format_amount(before.value, topic),
        other=_format_amount(amount.value * draw.uniform(0.3, 0.8), topic),
        rounded=_format_amount(round(amount.value / size) * size, topic),
    )


def _change_place(
    fault: FaultKind | None,
    stated: Sequence[_Amount],
    again: Sequence[_Amount],
    brief: Sequence[_Amount],
    topic: _Topic,
    second: _Topic,
    draw: random.Random,
) -> tuple[dict[int, str], Fault | None]:
    """Returns the text of the changed place, by its number, and the fault; nothing without a fault."""
    n, factor = draw.random(), draw.choice((draw.uniform(0.55, 0.94), draw.uniform(1.07, 1.7)))
    if fault is None:
        return {}, None
    if fault == "sentence and table":
        place = int(n * len(stated))
        amount, of, page = stated[place], topic, (0, 0, 0, 1, 1, 2)[place]
        text = _format_amount(_wrong(amount.value, factor, of), of)
        return {place: text}, Fault(fault, text, page, _cell(amount.value, of))
    if fault == "two sentences":
        place = int(n * len(again))
        text = _format_amount(_wrong(again[place].value, factor, second), second)
        return {6 + place: text}, Fault(fault, text, 2, _format_amount(again[place].value, second))
    place = int(n * len(brief))
    text = _cell(_wrong(brief[place].value, factor, topic), topic)
    return {8 + place: text}, Fault(fault, text, 2, _cell(brief[place].value, topic))


def _wrong(value: float, factor: float, topic: _Topic) -> float:
    """Returns another amount, by a factor or with two digits exchanged; of percentages, one under 100."""
    digits = list(f"{value:.0f}")
    if factor > 1.35 and len(digits) > 2 and digits[0] != digits[1]:
        digits[0], digits[1] = digits[1], digits[0]
        return float("".join(digits)) if digits[0] != "0" else value * factor
    return min(value * factor, 97.0 if value < 90 else 71.0) if topic.suffix == "%" else value * factor
