"""Computing: difference, growth, sum, share, ratio, product and metrics over typed numbers; the formula is shown."""

from __future__ import annotations

from dataclasses import replace

from octavo.rag.answering.given_amounts import given_amounts
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Plan, Reply
from octavo.rag.answering.plans.binding import is_bound, unexplained_terms
from octavo.rag.answering.plans.compute.assembled import (
    including,
    of_columns,
    saved_in_year,
    with_extra,
    with_supplement,
)
from octavo.rag.answering.plans.compute.balances import balance
from octavo.rag.answering.plans.compute.budgets import overspent
from octavo.rag.answering.plans.compute.changes import change, growth, turning_years
from octavo.rag.answering.plans.compute.columns import between_periods, share_of_table
from octavo.rag.answering.plans.compute.edition_tables import editions
from octavo.rag.answering.plans.compute.items import against, item
from octavo.rag.answering.plans.compute.margins import apart
from octavo.rag.answering.plans.compute.metrics import metric
from octavo.rag.answering.plans.compute.offsets import offset
from octavo.rag.answering.plans.compute.pairs import between, compares, exceeds, ratio, than, times
from octavo.rag.answering.plans.compute.periods import between_days, span, yearly
from octavo.rag.answering.plans.compute.products import per, price_of_cell, total_price, worth
from octavo.rag.answering.plans.compute.proportions import part_of_whole, percent_of
from octavo.rag.answering.plans.compute.remainders import net, remainder
from octavo.rag.answering.plans.compute.seasons import in_season
from octavo.rag.answering.plans.compute.shares import share, share_of_price
from octavo.rag.answering.plans.compute.stated import planned_change, stated_change
from octavo.rag.answering.plans.compute.sums import total
from octavo.rag.answering.plans.lookup import lookup
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.query.language import AnswerKind

_EXCEEDS = pattern("compute", "exceeds")
_RISE = pattern("compute", "rise")
OPERATIONS: tuple[Plan, ...] = (
    editions,
    metric,
    against,
    net,
    offset,
    including,
    of_columns,
    saved_in_year,
    with_supplement,
    with_extra,
    balance,
    apart,
    turning_years,
    overspent,
    item,
    between_periods,
    growth,
    change,
    times,
    exceeds,
    than,
    between_days,
    between,
    share_of_price,
    share_of_table,
    share,
    part_of_whole,
    ratio,
    percent_of,
    worth,
    in_season,
    price_of_cell,
    total_price,
    total,
    yearly,
    per,
    stated_change,
    planned_change,
    remainder,
    span,
)
"""The operations in the order in which they are tried."""
PRICES = frozenset({price_of_cell, total_price, per})
"""Those whose things must all be named where the price stands."""


def compute(material: Material) -> Reply | None:
    """Returns the first of the operations whose words the question has and whose operands are all found."""
    if material.analysis.answer_kind is AnswerKind.WHY:
        return None
    for operation in OPERATIONS:
        reply = operation(material)
        if reply is not None and operation in PRICES:
            reply = _of_question(material, reply)
        if reply is not None:
            return reply
    return _not_computed(material) if _needs_numbers(material.query.text) else None


def _of_question(material: Material, reply: Reply) -> Reply | None:
    """Returns a price where its passages say all things that the question names, but for its own amounts."""
    amounts = given_amounts(material.query.text, material.analysis.language)
    explained = {t for g in amounts for t in words_of(f"{g.digits} {g.word}")}
    support = [c for paragraph in reply.paragraphs for c in paragraph.support]
    if not is_bound(material, support, explained):
        return None
    return replace(reply, checked=not unexplained_terms(material, support, explained))


def _needs_numbers(text: str) -> bool:
    """Returns whether a question asks for how much one number is more than another: no quote of one answers it."""
    return any(form.search(text) for form in (_EXCEEDS, _RISE)) or compares(text)


def _not_computed(material: Material) -> Reply:
    """Returns a refusal that names the best place, for a computation whose operands are not found."""
    near = material.evidence[0]
    reason = (
        "Nothing found that answers this: not all numbers that it takes were found. "
        f"The nearest place is {near.name}, page {near.page + 1}."
    )
    return replace(lookup(material) or Reply(), reason=reason)
