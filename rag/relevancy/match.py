"""The embedded relevancy score: a small calibrated model over match features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.errors import DocumentNotFoundError
from octavo.rag.entry import Entry, EntryId, Level
from octavo.rag.index import Index
from octavo.rag.query.question import Query
from octavo.rag.relevancy.base import RelevancyScorer
from octavo.rag.relevancy.cascade import element_logits
from octavo.rag.relevancy.features import match_features
from octavo.rag.relevancy.logistic import sigmoid
from octavo.rag.relevancy.parameters import Parameters, load_parameters

Columns = dict[str, NDArray[np.float64]]


class MatchScorer(RelevancyScorer):
    """A logistic model over match features for each level; elements are scored by the cascade from page to element.

    >>> from octavo.rag.entry import EntryId
    >>> from octavo.rag.query.question import parse_query
    >>> (page,) = pipeline.index.entries([EntryId.of_page(pipeline.documents()[0].id, 0)])
    >>> scorer = MatchScorer(pipeline.index)
    >>> [score > 0.8 for score in scorer.scores(parse_query("capital expenditure in 2018"), [page])]
    [True]
    """

    name = "match"
    compares = True

    def __init__(self, index: Index, parameters: Parameters | None = None) -> None:
        self._index = index
        self._parameters = parameters or load_parameters()

    def scores(self, query: Query, entries: Sequence[Entry], first_pass: Sequence[float] = ()) -> list[float]:
        if not entries:
            return []
        floor = self._parameters.model(entries[0].level).floor
        scores: list[float] = (floor + (1 - floor) * sigmoid(self.logits(query, entries, first_pass))).tolist()
        return scores

    def logits(self, query: Query, entries: Sequence[Entry], first_pass: Sequence[float] = ()) -> NDArray[np.float64]:
        """Returns the log odds that the features give, shape (len(entries),)."""
        if not entries:
            return np.zeros(0)
        own, page = self.own_logits(query, entries, first_pass)
        if page is None:
            return own
        pages = self._pages_of(entries)
        return element_logits(
            self._parameters.cascade, query, entries, [pages[_page_id(e)] for e in entries], page, own
        )

    def own_logits(
        self, query: Query, entries: Sequence[Entry], first_pass: Sequence[float] = ()
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Returns the log odds of entries by their own features, and for elements those of their pages."""
        columns = self.features(query, entries, first_pass)
        model = self._parameters.model(entries[0].level)
        own = sum((w * columns[name] for name, w in model.weights.items()), np.full(len(entries), model.bias))
        return own, columns.get("page")

    def features(self, query: Query, entries: Sequence[Entry], first_pass: Sequence[float] = ()) -> Columns:
        """Returns match features by name, each of shape (len(entries),).

        Elements have `page`, the log odds of their page, too.
        """
        fusion = self._parameters.fusion
        columns = match_features(query, entries, self._index, fusion, first_pass)
        if entries and entries[0].level is Level.ELEMENT:
            page_ids = list(map(_page_id, entries))
            pages = list(self._pages_of(entries).values())
            scores = dict(zip(page_ids, first_pass, strict=True)) if first_pass else {}
            logits = self.logits(query, pages, [scores[page.id] for page in pages] if first_pass else ())
            by_page = dict(zip((page.id for page in pages), logits.tolist(), strict=True))
            columns["page"] = np.array([by_page[page] for page in page_ids])
        return columns

    def _pages_of(self, elements: Sequence[Entry]) -> dict[EntryId, Entry]:
        """Returns the pages of elements by id; raises `DocumentNotFoundError` where one was removed meanwhile."""
        ids = list(dict.fromkeys(map(_page_id, elements)))
        pages = {page.id: page for page in self._index.entries(ids)}
        for identity in ids:
            if identity not in pages:
                raise DocumentNotFoundError(f"The library holds no document {identity.document} any more.")
        return pages


def _page_id(element: Entry) -> EntryId:
    return EntryId.of_page(element.document, element.page)
