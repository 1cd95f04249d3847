"""Pages and documents that a query refers to: pages by number, statement or kind, documents by name and period."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from heapq import nlargest
from itertools import groupby
from operator import itemgetter

from octavo.rag.entry import EntryId, Level
from octavo.rag.index.sparse import SparseIndex, idf
from octavo.rag.index.store import entries
from octavo.rag.query.periods import periods
from octavo.rag.query.question import Query

ABOUT = 0.5
"""A document is about a name that stands on at least this share of its pages."""
WIDE = 1_000
"""A name that stands on more pages than this, and on more than a fifth of all pages, identifies no document."""
MENTION_WEIGHT = 0.2
"""A document only mentions a name that stands on a smaller share of its pages."""

CLOSE_TO_BEST = 0.8
"""A query names the documents whose affinity is at least this share of the best one's."""

YEAR, AROUND = 0.5, (-2, -1, 0, 1, 2)
"""The weight of a year beside names (whose rarity is 2 to 5), and the years around it that documents also mention."""
NEAREST = 20
"""The most documents of a name whose years are compared."""


def pages(connection: sqlite3.Connection, query: Query, documents: Sequence[str]) -> dict[EntryId, float]:
    """Returns the pages of some documents that a query names, and how surely: by number 2, by role or kind 1."""
    result: dict[EntryId, float] = {}
    if query.all_of_kind:
        result |= dict.fromkeys(entries.pages_with_kinds(connection, documents, query.kinds), 1.0)
    if query.roles:
        result |= dict.fromkeys(entries.pages_with_roles(connection, documents, query.roles), 1.0)
    if query.pages:
        result |= dict.fromkeys(_entries_numbered(connection, query.pages, documents), 2.0)
    return result


def _entries_numbered(
    connection: sqlite3.Connection, numbers: Sequence[int | str], documents: Sequence[str]
) -> list[EntryId]:
    """Returns the pages that people call by these numbers: by what is printed on them, or by their count.

    Numbers count from 1, negative ones from the end, and others (`iv`, `F-3`) are only printed; a spread that is
    printed `14–15` answers to both of its numbers.
    """
    results = []
    for document, pages in groupby(entries.printed_labels(connection, documents), key=itemgetter(0)):
        printed = [label.split("–") for _, _, label in pages]
        ordinals = {n if n > 0 else len(printed) + n + 1 for n in numbers if isinstance(n, int)}
        for number, label in enumerate(printed):
            if number + 1 in ordinals or any(str(n) in label for n in numbers):
                results.append(EntryId.of_page(document, number))
    return results


def affinities(
    sparse: SparseIndex, page_counts: Mapping[str, int], names: Sequence[str], years: Sequence[int] = ()
) -> dict[str, float]:
    """Returns how far documents are about what the analyzed `names` say, in (0, 1]; those without them are left out.

    A name counts the more the fewer documents it runs through, in each by the share of the pages that it stands on;
    one that runs through none counts where no other does. Of the documents of a name, those of the `years` come first.
    """
    most = max(WIDE, sum(page_counts.values()) // 5)
    frequency = {name: sparse.frequency(name, Level.PAGE) for name in names}
    shares = {
        name: {document: n / max(1, page_counts[document]) for document, n in sparse.pages_with(name).items()}
        for name in names
        if 0 < frequency[name] <= most
    }
    running = {
        name: result for name, result in shares.items() if any(share >= MENTION_WEIGHT for share in result.values())
    }
    weights = {name: _rarity(result, len(page_counts)) for name, result in (running or shares).items() if result}
    total = sum(weights.values()) + YEAR * len(years)
    result: dict[str, float] = {}
    for name, weight in weights.items():
        for document, share in shares[name].items():
            result[document] = result.get(document, 0.0) + weight / total * min(1.0, share / ABOUT)
    nearest = nlargest(NEAREST, result, key=result.__getitem__) if years else []
    pages_of_years = (
        {year: sparse.pages_with(str(year), nearest) for y in years for year in _around(y)} if nearest else {}
    )
    for document in nearest:
        pages_of_year = {year: pages.get(document, 0) for year, pages in pages_of_years.items()}
        result[document] += sum(
            YEAR / total * (pages_of_year[y] / max(1, *(pages_of_year[n] for n in _around(y)))) for y in years
        )
    return result


def agreements(labels: Mapping[str, str], query: Query, affinities: Mapping[str, float]) -> dict[str, float]:
    """Returns how far the periods in documents' `labels` (names and titles) are those that a query names, in [0, 1].

    Of a query for the latest one that is the newest of the documents whose `affinities` are close to the best. A
    document whose label says no period may be of any, and is left out; so are all where no period is asked for.
    """
    periods_of = {document: own for document, label in labels.items() if (own := periods(label))}
    query_periods = query.periods
    if query.latest:
        least = CLOSE_TO_BEST * max((affinities.get(document, 0.0) for document in periods_of), default=0.0)
        close = [max(own) for document, own in periods_of.items() if affinities.get(document, 0.0) >= least]
        query_periods = (max(close),) if close else ()
    return {
        document: max(period.agreement(each) for period in query_periods for each in own)
        for document, own in periods_of.items()
        if query_periods
    }


def _around(year: int) -> list[int]:
    return [year + n for n in AROUND]


def _rarity(shares: dict[str, float], documents: int) -> float:
    about = sum(share >= MENTION_WEIGHT for share in shares.values())
    return idf(about, documents)
