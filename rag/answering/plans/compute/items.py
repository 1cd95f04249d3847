"""Line items of statements: the number of one, or of two side by side, in the period that is asked for."""

from __future__ import annotations

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Reply, Said
from octavo.rag.answering.plans.compute.formulas import percentage
from octavo.rag.answering.plans.operands import Operand, of_item
from octavo.rag.answering.wanted import words_of
from octavo.rag.query.domains import Item, finance
from octavo.rag.query.language import Asks

_AGAINST = pattern("compute", "against")
_REPORTED = frozenset(t for word in words("compute", "words_reported") for t in words_of(word))


def item(material: Material) -> Reply | None:
    """The number of the one line item that a question asks for, where it asks for nothing else."""
    named = finance().named(material.query.text)
    if len(named) != 1 or len(material.years) != 1 or material.wanted.asks not in (None, Asks.AMOUNT):
        return None
    line_item, span = named[0]
    if any(t not in span and not _belongs(material, t) for t in material.wanted.terms):
        return None
    operand = _of_period(material, line_item)
    return Reply((Said(operand.shown, (operand.candidate,)),)) if operand else None


def against(material: Material) -> Reply | None:
    """Two line items of one period side by side, and the one as a part of the other."""
    named = finance().named(material.query.text)
    if not _AGAINST.search(material.query.text) or len(named) != 2:
        return None
    asked = " ".join(words_of(material.query.text))
    first, second = (_of_period(material, i) for i, _ in sorted(named, key=lambda pair: asked.find(" ".join(pair[1]))))
    if first is None or second is None or first.place == second.place:
        return None
    share = percentage(first, second)
    return Reply((*(Said(o.shown, (o.candidate,)) for o in (first, second)), *(share.said if share else ())))


def _of_period(material: Material, line_item: Item) -> Operand | None:
    """The number of a line item in the period that is asked for, of the documents that the question is about."""
    documents = {info.id for info in material.about}
    pool = [c for c in material.candidates if c.document in documents]
    return of_item(material, line_item, next(iter(material.years), ""), pool)


def _belongs(material: Material, term: str) -> bool:
    """Returns whether a term names the company, the period or the report, and not what is asked of it."""
    return term in _REPORTED or term in material.wanted.names or term[0].isdigit()
