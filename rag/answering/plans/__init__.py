"""Plans: named operations that answer one kind of question each, tried in order; `lookup` is the last."""

from __future__ import annotations

from octavo.rag.answering.plans.base import Paragraph, Plan, Reply
from octavo.rag.answering.plans.chronology import chronology
from octavo.rag.answering.plans.compare import compare
from octavo.rag.answering.plans.compute import compute
from octavo.rag.answering.plans.contacts import contacts
from octavo.rag.answering.plans.counting import items, regions
from octavo.rag.answering.plans.definitions import definitions
from octavo.rag.answering.plans.departures import departures
from octavo.rag.answering.plans.extremes import extremes
from octavo.rag.answering.plans.figures import figures
from octavo.rag.answering.plans.grid import grid
from octavo.rag.answering.plans.lists import lists
from octavo.rag.answering.plans.lookup import lookup
from octavo.rag.answering.plans.occurrences import occurrences
from octavo.rag.answering.plans.page_sets import page_sets
from octavo.rag.answering.plans.page_values import page_values
from octavo.rag.answering.plans.part_names import part_names
from octavo.rag.answering.plans.parts import parts
from octavo.rag.answering.plans.periods import periods
from octavo.rag.answering.plans.prose import prose
from octavo.rag.answering.plans.provisions import provisions
from octavo.rag.answering.plans.rows import rows, select
from octavo.rag.answering.plans.scaled import scale_recipe
from octavo.rag.answering.plans.sections import sections
from octavo.rag.answering.plans.summary import summary
from octavo.rag.answering.plans.tariffs import tariffs
from octavo.rag.answering.plans.totals import totals
from octavo.rag.answering.plans.transitions import transitions
from octavo.rag.answering.plans.which import which
from octavo.rag.answering.plans.whole import whole

PLANS: dict[str, Plan] = {
    "page_sets": page_sets,
    "parts": parts,
    "whole": whole,
    "page_values": page_values,
    "occurrences": occurrences,
    "summary": summary,
    "periods": periods,
    "sections": sections,
    "definitions": definitions,
    "figures": figures,
    "regions": regions,
    "part_names": part_names,
    "tariffs": tariffs,
    "transitions": transitions,
    "departures": departures,
    "rows": rows,
    "grid": grid,
    "items": items,
    "which": which,
    "contacts": contacts,
    "chronology": chronology,
    "extremes": extremes,
    "totals": totals,
    "scaled": scale_recipe,
    "compute": compute,
    "prose": prose,
    "select": select,
    "compare": compare,
    "lists": lists,
    "provisions": provisions,
    "lookup": lookup,
}
"""All plans by the names of their switches (`PlanOptions`), in the order in which they are tried."""

__all__ = ["PLANS", "Paragraph", "Plan", "Reply"]
