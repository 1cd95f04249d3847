"""Units that questions ask for, and whether a text states a number in them: `units.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from octavo.rag.query.language import any_form


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: `name` is how it is asked for, `form` finds any way of writing it, `group` is the first of these."""

    name: str
    form: re.Pattern[str]
    group: str = ""

    def stands_in(self, text: str) -> bool:
        """Returns whether a text writes the unit, as a word or as its sign."""
        return self.form.search(text) is not None

    def factor_to(self, other: Unit) -> float | None:
        """Returns how many of another unit one is; `None` where they measure different things.

        >>> hours, minutes = unit_of("hours"), unit_of("minutes")
        >>> hours.factor_to(minutes), minutes.factor_to(hours), hours.factor_to(unit_of("miles"))
        (60.0, 0.016666666666666666, None)
        """
        if self.group == other.group:
            return 1.0
        kind = next((kind for kind in _data()["kinds"] if self.group in kind and other.group in kind), None)
        return kind[self.group] / kind[other.group] if kind else None


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("units.toml").read_text(encoding="utf-8"))


@cache
def _forms() -> dict[str, str]:
    """Returns the form, a regular expression, of each group of words and signs, by each of its words."""
    return _forms_of("units")


@cache
def _groups() -> dict[str, str]:
    """Returns the first word of the group of each word."""
    return {way: group[0] for kind in ("units", "durations") for group in _data()[kind] for way in group}


@cache
def _forms_of(kind: str) -> dict[str, str]:
    result: dict[str, str] = {}
    for group in _data()[kind]:
        letters = "".join(way for way in group if len(way) == 1 and way.isalpha())
        ways = "|".join(re.escape(way) for way in sorted(group, key=len, reverse=True) if way not in letters)
        after_a_number = rf"|[\d(\[/_]\s?[{letters}](?![^\W\d_])" if letters else ""
        form = rf"(?<![^\W\d_])(?:{ways})(?![^\W\d_]){after_a_number}"
        result |= {way: form for way in group if way[0].isalpha() and len(way) > 2}
    return result


@cache
def _unit_pattern() -> re.Pattern[str]:
    ways = "|".join(re.escape(way) for way in sorted(_forms(), key=len, reverse=True))
    return re.compile(rf"{any_form(_data()['asking'])}\s+(?:an? )?({ways})(?!\w)", re.I)


@cache
def no_units() -> frozenset[str]:
    """Returns the words behind numbers that are no units of them."""
    return frozenset(_data()["no_units"].split())


def units_asked_for(question: str) -> tuple[Unit, ...]:
    """Returns the units in which a question wants its answer.

    >>> [unit.name for unit in units_asked_for("What is the top speed in kilometres per hour?")]
    ['kilometres per hour']
    >>> units_asked_for("How many litres does it hold?")[0].stands_in("holds 3.5 l")
    True
    """
    return tuple(
        Unit(m[1].lower(), re.compile(_forms()[m[1].lower()], re.I)) for m in _unit_pattern().finditer(question)
    )


@cache
def unit_of(word: str) -> Unit | None:
    """Returns the unit or the length of time that a word names, also one that no answer has to be in.

    >>> unit_of("hours").stands_in("3 h"), unit_of("elephants")
    (True, None)
    """
    form = (_forms() | _forms_of("durations")).get(word.lower())
    return Unit(word.lower(), re.compile(form, re.I), _groups()[word.lower()]) if form else None


@cache
def unit_written(sign: str) -> Unit | None:
    """Returns the unit that a word or a sign behind a number writes.

    >>> unit_written("kg").group, unit_written("h").group
    ('kilograms', 'hours')
    """
    group = _groups().get(sign.lower().strip("."))
    return next((unit for way, first in _groups().items() if first == group and (unit := unit_of(way))), None)
