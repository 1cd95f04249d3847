"""Computing: difference, growth, sum, share, ratio, product and metrics over typed numbers; the formula is shown."""

from __future__ import annotations

from dataclasses import replace

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Plan, Reply
from octavo.rag.answering.plans.compute.changes import change, growth
from octavo.rag.answering.plans.compute.items import against, item
from octavo.rag.answering.plans.compute.metrics import metric
from octavo.rag.answering.plans.compute.pairs import between, compares, exceeds, ratio, than, times
from octavo.rag.answering.plans.compute.periods import between_days, span, yearly
from octavo.rag.answering.plans.compute.products import per, price_of_cell, total_price, worth
from octavo.rag.answering.plans.compute.proportions import part_of_whole, percent_of
from octavo.rag.answering.plans.compute.shares import share
from octavo.rag.answering.plans.compute.stated import changed, planned_change, risen
from octavo.rag.answering.plans.compute.sums import total
from octavo.rag.answering.plans.lookup import lookup
from octavo.rag.query.language import AnswerKind

_EXCEEDS = pattern("compute", "exceeds")
_RISE = pattern("compute", "rise")
OPERATIONS: tuple[Plan, ...] = (
    metric,
    against,
    item,
    growth,
    change,
    times,
    exceeds,
    than,
    between_days,
    between,
    share,
    part_of_whole,
    ratio,
    percent_of,
    worth,
    price_of_cell,
    total_price,
    total,
    yearly,
    per,
    risen,
    changed,
    planned_change,
    span,
)
"""The operations in the order in which they are tried."""


def compute(material: Material) -> Reply | None:
    """Returns the first of the operations whose words the question has and whose operands are all found."""
    if material.analysis.answer_kind is AnswerKind.WHY:
        return None
    for operation in OPERATIONS:
        reply = operation(material)
        if reply is not None:
            return reply
    return _not_computed(material) if _needs_numbers(material.query.text) else None


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
