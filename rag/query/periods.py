"""Periods: the years and quarters that a question or a document's name says, and questions for the latest one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from octavo.rag.query.language import PeriodWords, any_form, languages

_YEAR = r"(?<!\d)(?:19|20)\d\d(?!\d)"
_JOINTS = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
"""Where the words of a file's name meet, as in `AnnualReport_2022`."""


class Period(NamedTuple):
    """A quarter of a year; `year` or `quarter` is 0 where it is not said."""

    year: int
    quarter: int = 0

    def agreement(self, other: Period) -> float:
        """Returns the share of what this period says that another says as well, in [0, 1].

        >>> Period(2022, 3).agreement(Period(2022, 1)), Period(2022).agreement(Period(2022, 1))
        (0.5, 1.0)
        """
        pairs = [(own, others) for own, others in zip(self, other, strict=True) if own]
        return sum(own == others for own, others in pairs) / max(1, len(pairs))


@lru_cache(maxsize=4096)
def periods(text: str) -> tuple[Period, ...]:
    """Returns the periods that a text names, in the words of all languages.

    >>> periods("Sales in the third quarter of fiscal 2022, against FY2021?")
    (Period(year=2022, quarter=3), Period(year=2021, quarter=0))
    >>> periods("ACME_2023Q1_10Q.pdf"), periods("les ventes du premier trimestre 2019")
    ((Period(year=2023, quarter=1),), (Period(year=2019, quarter=1),))
    """
    form, numbers = _form()
    results = []
    for match in form.finditer(_JOINTS.sub(" ", text)):
        groups = {name.rstrip("123456"): value for name, value in match.groupdict().items() if value}
        ordinal = re.split(r"[ -]", groups.get("word", "").lower())[0]
        quarter = groups.get("digit") or numbers.get(ordinal, 0)
        results.append(Period(int(groups.get("year", 0)), int(quarter)))
    return tuple(dict.fromkeys(results))


def asks_for_latest(text: str) -> bool:
    """Returns whether a question is about the latest of what comes out once a period, and does not name earlier ones.

    >>> asks_for_latest("Margin in the most recent 10-Q?"), asks_for_latest("The latest quarter against prior ones?")
    (True, False)
    >>> asks_for_latest("Qué dice el informe más reciente?"), asks_for_latest("Who is the latest member?")
    (True, False)
    """
    return _latest().search(text) is not None and _earlier().search(text) is None


@cache
def _form() -> tuple[re.Pattern[str], dict[str, int]]:
    """Returns the pattern of a period, and the numbers of its words for first to fourth."""
    numbers = {
        form: number
        for language in languages().values()
        for number, forms in enumerate(zip(language.pages.ordinals[:4], language.periods.ordinals, strict=True), 1)
        for form in (*forms[0], *forms[1])
    }
    ordinal = f"(?:{'|'.join(sorted(map(re.escape, numbers), key=len, reverse=True))})"
    in_words = rf"{ordinal}[ -]{any_form(_words(lambda words: words.quarter))}"
    of_year = r"(?:\W{0,2}[^\W\d_]+){0,3}?\W{0,2}"
    alternatives = (
        rf"(?P<year1>{_YEAR})\W{{0,2}}[QT](?P<digit1>[1-4])(?!\w)",
        rf"(?<!\w)[QT](?P<digit2>[1-4]){of_year}(?P<year2>{_YEAR})",
        rf"(?<!\w)(?P<word3>{in_words}){of_year}(?P<year3>{_YEAR})",
        rf"(?P<year4>{_YEAR})",
        r"(?<!\w)Q(?P<digit5>[1-4])(?!\w)",
        rf"(?<!\w)(?P<word6>{in_words})",
    )
    return re.compile("|".join(alternatives), re.I), numbers


@cache
def _latest() -> re.Pattern[str]:
    latest, issue = any_form(_words(lambda words: words.latest)), any_form(_words(lambda words: words.issue))
    between = r"(?:\W+\w+)?\W+"
    return re.compile(f"{latest}{between}{issue}|{issue}{between}{latest}", re.I)


@cache
def _earlier() -> re.Pattern[str]:
    return re.compile(any_form(_words(lambda words: words.earlier)), re.I)


def _words(of: Callable[[PeriodWords], Sequence[str]]) -> list[str]:
    return [word for language in languages().values() for word in of(language.periods)]
