"""Domains: what one field calls by several names, and what its metrics are made of, as data (`*.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from octavo.rag.query.analysis import terms

Form = Literal["percent", "ratio", "amount"]


@dataclass(frozen=True, slots=True)
class Item:
    """A line item with its names, the most usual one first, and the statement that it stands in."""

    id: str
    names: tuple[str, ...]
    statement: str = ""

    @property
    def analyzed_names(self) -> tuple[tuple[str, ...], ...]:
        """The analyzed terms of each name, in order."""
        return tuple(map(_terms, self.names))


@dataclass(frozen=True, slots=True)
class DerivedMetric:
    """A figure computed from line items: alternative formulas over ids of items, the best first."""

    id: str
    names: tuple[str, ...]
    formulas: tuple[str, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class StatementWords:
    """The names of a statement: "statement of" each of `of`, and `names`; `phrases` ask for its lines."""

    of: tuple[str, ...]
    names: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """The items and metrics of a field, and its statements (`income`, `balance`, `cash_flow`).

    A question with a word of `not_stated` asks for what stands in no statement.
    """

    items: dict[str, Item]
    metrics: dict[str, DerivedMetric]
    statements: dict[str, StatementWords]
    not_stated: tuple[str, ...]

    def statements_of(self, metric: DerivedMetric) -> frozenset[str]:
        """Returns the statements that hold the line items of a metric, by its first formula.

        >>> sorted(finance().statements_of(finance().metrics["return_on_assets"]))
        ['balance', 'income']
        """
        items = re.findall(r"[a-z_]+", metric.formulas[0])
        return frozenset(self.items[item].statement for item in items if self.items[item].statement)

    def metric(self, text: str) -> DerivedMetric | None:
        """Returns the metric that a text asks for, the one of the longest name.

        >>> finance().metric("What was the free cash flow conversion in 2023?").id
        'free_cash_flow_conversion'
        """
        stated = terms(text)
        results = [(len(s), m) for m in self.metrics.values() for name in m.names if (s := _within(name, stated))]
        return max(results, key=lambda pair: pair[0])[1] if results else None

    def items_in(self, text: str) -> list[tuple[Item, tuple[str, ...]]]:
        """Returns the items that a text names, with the terms that name them; a longer name hides those within it.

        >>> [(item.id, words) for item, words in finance().items_in("capital expenditure over net sales")]
        [('revenue', ('net', 'sale')), ('capex', ('capit', 'expenditur'))]
        """
        stated = terms(text)
        results = [(item, s) for item in self.items.values() for name in item.names if (s := _within(name, stated))]
        longest: dict[str, tuple[Item, tuple[str, ...]]] = {}
        for item, span in sorted(results, key=lambda pair: -len(pair[1])):
            is_part = any(_inside(span, longer) for _, longer in longest.values())
            if item.id not in longest and not is_part:
                longest[item.id] = (item, span)
        return [longest[i] for i in self.items if i in longest]


@lru_cache(maxsize=10_000)
def _terms(name: str) -> tuple[str, ...]:
    return tuple(terms(name))


def _within(name: str, stated: Sequence[str]) -> tuple[str, ...]:
    """Returns the terms of a name, where a text states them in this order; else nothing."""
    return name_terms if _inside(name_terms := _terms(name), stated) else ()


def _inside(short: Sequence[str], long: Sequence[str]) -> bool:
    return any(list(long[n : n + len(short)]) == list(short) for n in range(len(long) - len(short) + 1))


@cache
def finance() -> Domain:
    """Returns the domain of accounting: line items of the three statements, and the metrics over them."""
    data = tomllib.loads(resources.files(__name__).joinpath("finance.toml").read_text(encoding="utf-8"))
    stands = {item: statement for statement, items in data["statements"].items() for item in items}
    items = {i: Item(i, tuple(names), stands.get(i, "")) for i, names in data["items"].items()}
    metrics = {
        i: DerivedMetric(i, tuple(m["names"]), tuple(m["formula"]), m["form"]) for i, m in data["metrics"].items()
    }
    statements = {
        name: StatementWords(tuple(title["of"]), tuple(title["names"]), tuple(data["phrases"][name]))
        for name, title in data["titles"].items()
    }
    return Domain(items, metrics, statements, tuple(data["phrases"]["none"]))
