"""The words of a language by their use: pages, regions, documents, periods, instructions, conditions, amounts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words by which pages are called.

    `page` are words before a number, with `number` words between, and `to` and `conjunctions` for ranges and lists.
    `ordinals` are the forms of the words from first to tenth, `suffixes` what makes an ordinal of a number. A page is
    counted from the end with `before_last` between its ordinal and the word for page, or with `from_end` behind it.
    """

    page: tuple[str, ...]
    number: tuple[str, ...]
    to: tuple[str, ...]
    conjunctions: tuple[str, ...]
    ordinals: tuple[tuple[str, ...], ...]
    suffixes: tuple[str, ...]
    last: tuple[str, ...]
    before_last: tuple[str, ...]
    from_end: tuple[str, ...]
    penultimate: tuple[str, ...]
    cover: tuple[str, ...]
    no_cover: tuple[str, ...]
    back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionWords:
    """The words for kinds of regions, and how they are called in captions, by their English names."""

    chart: tuple[str, ...]
    table: tuple[str, ...]
    figure: tuple[str, ...]
    formula: tuple[str, ...]
    captions: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """Words of questions that are about a document.

    `medium` are the words for it and its pages, `parts` those for its parts and for periods. A question of `medium` and
    `whole` words only is about the document as a whole; one of `medium` and `all` words beside a kind of region is
    about all regions of that kind.
    """

    medium: tuple[str, ...]
    parts: tuple[str, ...]
    whole: tuple[str, ...]
    all: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeriodWords:
    """The words by which periods are called: those for a quarter of a year, and for its place from first to fourth.

    `ordinals` are further forms beside those of pages. `latest` phrases beside an `issue`, which comes out once a
    period, ask for the newest one; `earlier` words name those before it. `weekend` and `working_days` are two and five
    days of a week. `begins` and `ends` name the first and the last day of a year.
    """

    quarter: tuple[str, ...]
    ordinals: tuple[tuple[str, ...], ...]
    latest: tuple[str, ...]
    issue: tuple[str, ...]
    earlier: tuple[str, ...]
    weekend: tuple[str, ...]
    working_days: tuple[str, ...]
    begins: tuple[str, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstructionWords:
    """Beginnings of sentences that say how to answer: `starts` alone, `conditions` where they hold one of some words.

    `roles` are the beginnings of sentences that say as whom to answer.
    """

    starts: tuple[str, ...]
    conditions: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionWords:
    """Words by which a question bounds what it asks for.

    `above`, `at_least`, `below` and `at_most` stand before a number or another measure, `after`, `before` and `since`
    before a year; `nothing` is a number of 0, `empty` a cell without text, `without` denies what follows, `lacking`
    what should be done, such as paid, `instead`
    says that something takes its place; `rose` and `fell` compare two periods, `more` and `less` the one before `than`
    with the other, which may be the `previous` one.
    `between`, `until` and `within` stand before a length of time or a day, `ahead` behind a length of time before an
    event, `afterwards` for all that comes later. `raised` and `reduced` stand beside a rate by which a price is more or
    less.
    `limits` are words for a number that a sentence states as a bound. `verbs` say no more than that a row has what
    stands in it. `starting` stands before the least number of a range, `upwards` and `downwards` behind a number that
    a range begins or ends with.
    """

    above: tuple[str, ...]
    at_least: tuple[str, ...]
    below: tuple[str, ...]
    at_most: tuple[str, ...]
    starting: tuple[str, ...]
    upwards: tuple[str, ...]
    downwards: tuple[str, ...]
    after: tuple[str, ...]
    before: tuple[str, ...]
    since: tuple[str, ...]
    nothing: tuple[str, ...]
    empty: tuple[str, ...]
    without: tuple[str, ...]
    lacking: tuple[str, ...]
    between: tuple[str, ...]
    until: tuple[str, ...]
    within: tuple[str, ...]
    ahead: tuple[str, ...]
    afterwards: tuple[str, ...]
    raised: tuple[str, ...]
    reduced: tuple[str, ...]
    instead: tuple[str, ...]
    rose: tuple[str, ...]
    fell: tuple[str, ...]
    more: tuple[str, ...]
    less: tuple[str, ...]
    than: tuple[str, ...]
    previous: tuple[str, ...]
    limits: tuple[str, ...]
    verbs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AmountWords:
    """Words by which sentences and questions say what amounts are for.

    `per` stands between a price and its unit, `whom` before those who pay it ("for adults"), `joint` before a further
    unit ("per person and night"), `first`, `further` or `started` before a unit; `free` units cost nothing. `single`
    asks for one of several, `along` for something beside the thing itself, `costs` stands between a thing and its
    price. `rest` is what is left of a whole, `rest_stems` are the beginnings of words for what is left to pay; `of`
    stands before a whole or what a percentage is of, `parts` before a part of the number before it, `against` before
    an earlier number. `half` is 50 percent, `quarters` and `halves` are parts of an hour. `one` are forms of one
    before a noun.
    """

    per: frozenset[str]
    whom: frozenset[str]
    joint: frozenset[str]
    first: frozenset[str]
    further: frozenset[str]
    started: frozenset[str]
    free: frozenset[str]
    single: frozenset[str]
    along: frozenset[str]
    costs: frozenset[str]
    rest: frozenset[str]
    rest_stems: tuple[str, ...]
    of: tuple[str, ...]
    half: frozenset[str]
    percent: tuple[str, ...]
    one: frozenset[str]
    parts: tuple[str, ...]
    against: tuple[str, ...]
    quarters: tuple[str, ...]
    halves: tuple[str, ...]
