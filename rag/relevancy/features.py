"""Match features between a question and entries: what the embedded relevancy score is made of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from octavo.rag.entry import Entry, Level
from octavo.rag.index import Index
from octavo.rag.index.sparse import K1, B
from octavo.rag.query.analysis import terms
from octavo.rag.query.question import Query

NAMES = (
    "bm25",
    "coverage",
    "heading",
    "pairs",
    "window",
    "similarity",
    "numbers",
    "names",
    "kind",
    "named",
    "document",
    "fused",
    "lead",
    "area",
    "page",
)
FUSION = {"bm25_local": 3.0, "window": 1.0, "similarity": 1.0, "pairs": 0.5, "numbers": 0.3, "first": 1.0}
"""Weights of the features whose z-scores among the candidates are added up as `fused`."""
SPREAD = 0.1
FIRST = 0.05
"""About the best score of the first pass: first in each of its three rankings."""
LEAD = 5.0
"""About the distance between the best candidate's `fused` and a usual one's."""
WINDOW = 60
"""Terms in the window in which most of a question should meet."""


def features(
    question: Query,
    entries: Sequence[Entry],
    index: Index,
    pages: Sequence[float] | None = None,
    found: Sequence[float] = (),
) -> NDArray[np.float64]:
    """Features of each entry, shape (len(entries), len(NAMES)).

    BM25 is given as a share of its own maximum for the question, so that it means the same for short and long ones.
    `fused` compares an entry with the other candidates; its BM25 weighs terms by how rare they are among them instead
    of in the whole library, and `found`, the scores of the first pass, are part of it. `lead` is how far it lies behind
    the best one's. `names` tells entries of several documents apart; within one it is 0.5. `document` is how far less
    the entry's document is about what the question names than the best one of theirs. `pages` are the logits of the
    page that each entry stands on, for entries finer than a page.
    """
    if not entries:
        return np.zeros((0, len(NAMES)))
    analysed = index.terms([e.id for e in entries])
    texts = [analysed.get(e.id) or (terms(e.heading), terms(e.text)) for e in entries]
    wanted = list(question.terms)
    total = max(1, index.count(Level.PAGE))
    frequency = index.document_frequency(wanted, Level.PAGE)
    idf = {t: math.log(1 + (total - min(n, total) + 0.5) / (min(n, total) + 0.5)) for t, n in frequency.items()}
    sets = [set(heading) | set(text) for heading, text in texts]
    local = {t: math.log(1 + (len(sets) + 0.5) / (sum(t in s for s in sets) + 0.5)) for t in wanted}
    average = sum(len(text) for _, text in texts) / max(1, len(texts))
    similar = index.similarities(index.query_vector(question.text, question.picture), [e.id for e in entries])
    pairs = list(pairwise(wanted))
    numbers = [t for n in question.numbers for t in terms(n)]
    documents = sorted({e.document for e in entries})
    names = [set(terms(name, stop_words=False)) for name in question.names] if len(documents) > 1 else []
    named = index.named(question, documents)
    about = index.affinities(question.name_terms, question.years) if len(documents) > 1 else {}
    most = max((about.get(document, 0.0) for document in documents), default=0.0)
    rows = []
    for entry, (heading, text), said in zip(entries, texts, sets, strict=True):
        counts = Counter(text)
        hits = [(n, t) for n, t in enumerate(text) if t in idf]
        places: dict[str, list[int]] = {}
        for n, t in hits:
            places.setdefault(t, []).append(n)
        rows.append(
            {
                "bm25": _bm25(counts, len(text), average, idf),
                "bm25_local": _bm25(counts, len(text), average, local),
                "coverage": _coverage(said, idf),
                "heading": _coverage(set(heading), idf),
                "pairs": _pairs(places, pairs),
                "window": _window(hits, idf),
                "similarity": similar.get(entry.id, 0.0),
                "numbers": _share(numbers, said),
                "names": sum(bool(name) and name <= said for name in names) / len(names) if names else 0.5,
                "kind": _kind(entry, question),
                "named": _named(entry, question, named, text),
                "document": about.get(entry.document, 0.0) - most,
                "area": math.log1p(sum(r.box.area for r in entry.regions)) / 10 if pages is not None else 0.0,
            }
        )
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    columns["first"] = np.asarray(found) / FIRST if found else np.zeros(len(rows))
    columns["fused"] = sum((w * _standard(columns[name]) for name, w in FUSION.items()), np.zeros(len(rows)))
    columns["lead"] = (columns["fused"] - columns["fused"].max()) / LEAD
    columns["page"] = np.asarray(pages) if pages is not None else np.zeros(len(rows))
    return np.column_stack([columns[name] for name in NAMES])


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Z-scores among the candidates and two that match nothing, so that a lone good one still stands out.

    Differences that are small in themselves are not blown up: their spread counts as at least `SPREAD`.
    """
    padded = np.append(values, [0.0, 0.0])
    return (values - padded.mean()) / max(float(padded.std()), SPREAD)


def _bm25(counts: Counter[str], length: int, average: float, idf: dict[str, float]) -> float:
    norm = K1 * (1 - B + B * length / max(average, 1.0))
    best = sum(idf.values()) * (K1 + 1)
    return sum(weight * counts[t] * (K1 + 1) / (counts[t] + norm) for t, weight in idf.items()) / max(best, 1e-9)


def _coverage(found: set[str], idf: dict[str, float]) -> float:
    return sum(weight for t, weight in idf.items() if t in found) / max(sum(idf.values()), 1e-9)


def _pairs(places: dict[str, list[int]], pairs: Sequence[tuple[str, str]]) -> float:
    """Share of the question's neighbouring terms that stand within three terms of each other."""
    if not pairs:
        return 0.5
    near = sum(any(abs(m - n) <= 3 for m in places.get(a, ()) for n in places.get(b, ())) for a, b in pairs)
    return near / len(pairs)


def _window(places: Sequence[tuple[int, str]], idf: dict[str, float]) -> float:
    """The largest coverage of the question within `WINDOW` terms."""
    best = held = 0.0
    inside: Counter[str] = Counter()
    start = 0
    for n, t in places:
        inside[t] += 1
        held += idf[t] if inside[t] == 1 else 0.0
        while places[start][0] <= n - WINDOW:
            gone = places[start][1]
            inside[gone] -= 1
            held -= idf[gone] if not inside[gone] else 0.0
            start += 1
        best = max(best, held)
    return best / max(sum(idf.values()), 1e-9)


def _share(wanted: Sequence[str], found: set[str]) -> float:
    return sum(t in found for t in wanted) / len(wanted) if wanted else 0.5


def _kind(entry: Entry, question: Query) -> float:
    if not question.kinds or entry.kind is None:
        return 0.5
    return float(entry.kind in question.kinds)


def _named(entry: Entry, question: Query, pages: Container[str], text: Sequence[str]) -> float:
    """1 where the question names the entry's page or its role, or a figure or table that its text mentions."""
    if any(f"{entry.document}/p{r.page}" in pages for r in entry.regions):
        return 1.0
    for word, number in question.references:
        wanted = [*terms(word), *terms(number)]
        if any(list(text[n : n + len(wanted)]) == wanted for n in range(len(text))):
            return 1.0
    return 0.0
