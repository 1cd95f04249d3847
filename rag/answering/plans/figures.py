"""Figures and tables that a question names by number: the caption first, then their content."""

from __future__ import annotations

import re

from octavo.ingest import Kind
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply, quote
from octavo.rag.answering.question_analysis import words_of

_CUE = pattern("figures", "cue")
ROWS = 12


def figures(material: Material) -> Reply | None:
    """Returns the caption of what is named, its words or rows, and a sentence that speaks of it."""
    references = material.query.references
    if not references or not material.documents or not _CUE.search(material.query.text):
        return None
    word, number = references[0]
    titles = set(words_of(" ".join(f"{i.title} {i.name}" for i in material.about)))
    fillers = {*words_of(f"{word} {number}"), *words_of("show depict illustrate present describe explain")}
    if (
        any(t not in fillers and t not in titles for t in material.analysis.terms if not t[0].isdigit())
        and len(material.analysis.terms) > 4
    ):
        return None
    name = "fig(?:ure)?" if word == "figure" else re.escape(word)
    mention = re.compile(rf"\b{name}\.?\s*{re.escape(number)}\b", re.I)
    for info in material.about[:3]:
        pool = material.page_candidates(info.id)
        captions = [c for c in pool if mention.match(c.passage.text.lstrip()) and c.passage.kind is not Kind.TABLE]
        captions.sort(key=lambda c: c.passage.kind is not Kind.CAPTION)
        if not captions:
            continue
        caption = captions[0]
        inside = [c for c in pool if c.document == caption.document and caption.passage.text in c.passage.context]
        speaks = [c for c in pool if mention.search(c.passage.text) and c is not caption and c not in inside][:1]
        return Reply(tuple(quote(c) for c in (caption, *inside[:ROWS], *speaks)), checked=True)
    names = " or ".join(info.name for info in material.about[:3])
    return Reply(reason=f"Nothing found that answers this: {names} has no {word} {number}.")
