"""From page to element: an element is as relevant as its page, as what it says, and as what such things are asked for.

MMDocIR's best systems rank pages first and layouts on them (arXiv 2501.08828, table 9). Here both count in one score,
so that a very good element of the second page can pass a poor one of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.model import PICTURES
from octavo.rag.entry import Entry
from octavo.rag.query.question import Query

SMALLEST = 1e-4


@dataclass(frozen=True, slots=True)
class Cascade:
    """What an element's log odds are made of; a weight of 0 leaves a part out.

    `page` and `own` weigh the log odds of its page and of its own words. `picture` is for figures, charts and tables,
    which hold what questions are about more often than one of the many paragraphs, `asked` for the kinds that the
    question names, `size` for each e-fold of the share of its page that it takes. The weights were chosen on halves
    of MMDocIR's documents; `bias` makes it a probability, fitted on OHR-Bench (`octavo.eval.fitting.cascade`).
    """

    page: float = 1.0
    own: float = 0.3
    picture: float = 1.0
    asked: float = 2.2
    size: float = 0.5
    bias: float = -1.9

    def __call__(
        self,
        question: Query,
        entries: Sequence[Entry],
        pages: Sequence[Entry],
        above: NDArray[np.float64],
        own: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Log odds of elements, shape (len(entries),).

        `pages` are the entries of the pages that the elements stand on, `above` and `own` log odds of page and element.
        """
        shares = [_area(e) / max(_area(page), 1.0) for e, page in zip(entries, pages, strict=True)]
        logits: NDArray[np.float64] = (
            self.bias
            + self.page * above
            + self.own * own
            + self.picture * np.array([e.kind in PICTURES for e in entries])
            + self.asked * np.array([e.kind in question.kinds for e in entries])
            + self.size * np.log(np.maximum(shares, SMALLEST))
        )
        return logits


def _area(entry: Entry) -> float:
    return entry.regions[0].box.area
