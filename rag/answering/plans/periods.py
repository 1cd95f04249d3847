"""Questions over several documents of one kind, such as the reports of several quarters: a quote from each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.ingest.store.documents import DocumentInfo
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.evidence import Evidence

MOST_DOCUMENTS = 8
EACH = 3
"""Entries of each document whose passages are looked through."""
QUOTED, ENOUGH, CLOSE = 2, 0.5, 0.8
"""Passages of a document that are quoted at most, the least share of the best score for the first of a document, and
the further ones' share of its score."""
_OVER = pattern("periods", "over")
_WORD = re.compile(r"[^\W\d_]{3,}")


def is_over_documents(question: str) -> bool:
    """Returns whether a question is about how something is over time, over reports or over periods.

    >>> [is_over_documents(q) for q in ("How did sales develop over the reported quarters?", "What was sold in 2019?")]
    [True, False]
    """
    return _OVER.search(question) is not None


def best_of_each(candidates: Sequence[Evidence], least: int) -> list[Evidence]:
    """Returns the first `least` entries, and `EACH` of each document where there are few, in their order."""
    documents = list(dict.fromkeys(e.document for e in candidates))
    if not 2 <= len(documents) <= MOST_DOCUMENTS:
        return list(candidates[:least])
    counts = dict.fromkeys(documents, 0)
    result = []
    for n, e in enumerate(candidates):
        counts[e.document] += 1
        if n < least or counts[e.document] <= EACH:
            result.append(e)
    return result


def periods(material: Material) -> Reply | None:
    """Returns the best passages of each document that the question is about, by the documents' names."""
    if not is_over_documents(material.query.text):
        return None
    about = _about(material)
    if not 2 <= len(about) <= MOST_DOCUMENTS:
        return None
    paragraphs = list[Paragraph]()
    everything = material.ranked(_OVER.sub(" ", material.query.text))
    for info in about:
        ranked = [s for s in everything if s.candidate.document == info.id]
        if ranked and ranked[0].score >= ENOUGH * everything[0].score:
            close = [s.candidate for s in ranked[:QUOTED] if s.score >= CLOSE * ranked[0].score]
            text = " ".join(quote(c).text for c in close)
            paragraphs.append(Paragraph(f"{info.name}: {text}", tuple(close)))
    return Reply(tuple(paragraphs)) if len(paragraphs) > 1 else None


def _about(material: Material) -> list[DocumentInfo]:
    """Returns the documents that begin with a name asked for, else those called as the best one is, by name.

    They are looked for in the scope, in one of many documents among those of the evidence.
    """
    infos = list(material.documents)
    documents = {e.document for e in material.evidence}
    if len(infos) > MOST_DOCUMENTS:
        infos = [info for info in infos if info.id in documents]
    names = material.analysis.names
    about = [
        info for info in infos if not names.isdisjoint(words_of(f"{info.title} {info.name} {material.front(info.id)}"))
    ]
    if len(about) < 2:
        series = {_series(info.name) for info in infos if info.id == material.evidence[0].document}
        about = [info for info in infos if _series(info.name) in series]
    return sorted(about, key=lambda info: info.name)


def _series(name: str) -> tuple[str, ...]:
    """Returns the words of a file's name, which the reports of one series share.

    >>> _series("2022 Q3 Alder.pdf") == _series("2023-Q1-Alder.pdf")
    True
    """
    return tuple(_WORD.findall(name.rpartition(".")[0]))
