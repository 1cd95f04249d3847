"""The context that a conversation adds to a question."""

from __future__ import annotations

from dataclasses import dataclass

from octavo.rag.evidence import Evidence
from octavo.rag.image_source import PageStore


@dataclass(frozen=True, slots=True)
class QuestionContext:
    """Context of a question.

    `search` is searched for in place of the question, such as a follow-up that was reworded to stand alone, and
    `picture` (a file's bytes) in place of its picture. `evidence` stands before what is found; its pages are those of
    `pages` where they are not the library's.

    >>> context = QuestionContext(search="capital expenditure in 2018")
    >>> "1,577" in pipeline.ask("How much was it?", context=context).text
    True
    """

    search: str = ""
    picture: bytes | None = None
    evidence: tuple[Evidence, ...] = ()
    pages: PageStore | None = None
