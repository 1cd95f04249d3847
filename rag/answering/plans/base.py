"""A plan: one way to answer one kind of question from passages, cells and documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.citation_marks import without_citations
from octavo.rag.answering.material import Material


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an answer and the passages that it rests on."""

    text: str
    support: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """The result of a plan: paragraphs in order, or, without any, the `reason` why there is no answer.

    `checked` says that the plan has itself made sure that this is what was asked. With `one_document`, the document of
    the first paragraph alone must meet the question's demands. `questions` are answered in the place of the whole one.
    A `caveat` says why the paragraphs are no full answer, such as that none compares what is asked for: it stands
    before them, and is the reason where they are not given, as where they lack a thing that the question names.
    """

    paragraphs: tuple[Paragraph, ...] = ()
    reason: str = ""
    checked: bool = False
    one_document: bool = False
    questions: tuple[str, ...] = ()
    caveat: str = ""


Plan = Callable[[Material], Reply | None]
"""Answers, or gives `None` where the question is not of its kind, or where its parts are not all found."""


def quote(*candidates: Candidate) -> Paragraph:
    """Returns passages word for word, one after another, without the document's own marks such as `[7]`."""
    text = " ".join(without_citations(c.passage.text) for c in candidates)
    return Paragraph(f"“{text}”", candidates)


def quotes(candidates: Sequence[Candidate]) -> tuple[Paragraph, ...]:
    """Returns a paragraph for each passage, without repetitions."""
    result: dict[str, Paragraph] = {}
    for c in candidates:
        text = c.passage.text
        if not any(text in other or other in text for other in result):
            result[text] = quote(c)
    return tuple(result.values())
