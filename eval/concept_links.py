"""Places of a name linked to the concept that is meant, or to none (M3EL, arXiv 2410.18096): made from a data set.

Of a name that a question writes, one passage of its document that says the name is a concept's note, and a passage of
another document, without the name, is the note of something else that is called the same. Other places of the name in
the document should be linked to the first, and to neither where there is only the second.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from octavo.eval.datasets import Question
from octavo.eval.metrics import ConfidenceInterval, interval
from octavo.ingest import Element
from octavo.ingest.model import RUNNING
from octavo.ingest.store.concepts import Concept
from octavo.rag import Pipeline
from octavo.rag.concepts.linking import NEAR, nearness
from octavo.rag.concepts.recall import find_mentions
from octavo.rag.query.question import parse_query

_WORDS = range(8, 81)
"""Words of a passage that is a note."""
_PLACES = 5
"""Places of a name that are drawn at most."""


@dataclass(frozen=True, slots=True)
class LinkCase:
    """A place of a name: how near it is to the note of the concept that is meant, and to that of something else."""

    id: str
    name: str
    meant: float
    other: float


def link_cases(
    pipeline: Pipeline, questions: Sequence[Question], ids: Mapping[str, str], draw: random.Random
) -> Iterator[LinkCase]:
    """Yields the places of the names that questions write, each name once a document."""
    embedding = pipeline.index.embedding
    passages = {identity: list(_passages(pipeline, identity)) for identity in sorted(set(ids.values()))}
    seen: set[tuple[str, str]] = set()
    for question in questions:
        for name in parse_query(question.question).names:
            identity = ids[question.doc]
            if len(name) <= 3 or (identity, name) in seen:
                continue
            seen.add((identity, name))
            own = [e for e in passages[identity] if _says(e, name)]
            notes = [e for e in own if _is_note(e)]
            foreign = (e for other, of in passages.items() if other != identity for e in of)
            others = [e for e in foreign if _is_note(e) and not _says(e, name)]
            if len(own) < 2 or not notes or not others:
                continue
            note, other = draw.choice(notes), draw.choice(others)
            places = [e for e in own if e is not note]
            for place in draw.sample(places, min(_PLACES, len(places))):
                scores = (nearness(Concept(0, name, note=e.text), place, embedding) for e in (note, other))
                yield LinkCase(f"{question.doc}/{name}", name, *scores)


def link_figures(cases: Sequence[LinkCase]) -> dict[str, ConfidenceInterval]:
    """Returns the shares of places that their notes alone link as they should, and leave out, at `linking.NEAR`."""
    columns: dict[str, Callable[[LinkCase], bool]] = {
        "links: the concept meant before another of its name": lambda case: case.meant > case.other,
        "links: places of the concept linked": lambda case: case.meant >= NEAR,
        "links: places of no concept left out": lambda case: case.other < NEAR,
    }
    return {name: interval([float(value(case)) for case in cases]) for name, value in columns.items()} if cases else {}


def _passages(pipeline: Pipeline, identity: str) -> Iterator[Element]:
    for page in pipeline.library.document(identity).pages:
        yield from (e for e in page.elements if e.kind not in RUNNING and e.text)


def _says(element: Element, name: str) -> bool:
    return any(find_mentions((name,), element.text))


def _is_note(element: Element) -> bool:
    return len(element.text.split()) in _WORDS
