"""From page to element: an element is as relevant as its page, as its own words, and as its kind and size.

MMDocIR's best systems rank pages first and layouts on them (arXiv 2501.08828, table 9). Here both count in one score,
so that a very good element of the second page can pass a poor one of the first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.model import PICTURES
from octavo.rag.entry import Entry
from octavo.rag.query.question import Query
from octavo.rag.relevancy.parameters import Cascade


def element_logits(
    cascade: Cascade,
    query: Query,
    elements: Sequence[Entry],
    pages: Sequence[Entry],
    page_logits: NDArray[np.float64],
    own_logits: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Returns the log odds of elements, shape (len(elements),); `pages` are the entries of their pages.

    The weights are those of the page's log odds (`page`), of the log odds of the element's own words (`own`), of being
    a figure, chart or table (`picture`), of being of a kind that the query asks for (`asked`), and of each e-fold of
    the share of the page that the element takes (`size`). A weight of 0 leaves a part out.
    """
    shares = [_area(e) / max(_area(page), 1.0) for e, page in zip(elements, pages, strict=True)]
    logits: NDArray[np.float64] = (
        cascade.bias
        + cascade.page * page_logits
        + cascade.own * own_logits
        + cascade.picture * np.array([e.kind in PICTURES for e in elements])
        + cascade.asked * np.array([e.kind in query.kinds for e in elements])
        + cascade.size * np.log(np.maximum(shares, cascade.smallest))
    )
    return logits


def _area(entry: Entry) -> float:
    return entry.regions[0].box.area
