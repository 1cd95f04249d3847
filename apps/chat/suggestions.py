"""Questions that a document answers: of its tables, captions and sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from octavo.ingest import Kind, Page
from octavo.ingest.model import HEADINGS
from octavo.ingest.store.documents import DocumentStore
from octavo.rag import Answer

COUNT = 3
"""Questions of each kind."""
MOST = 6
"""Questions for a document."""
MAX_TRIED = 9
"""Questions that are tried for a document."""
PAGES = 40
"""Pages that are looked through."""
_LABEL = re.compile(r"[^\W\d_][^|?]{2,48}")
_COLUMN = re.compile(r"(?:[^\W\d_]{1,9}\s)?(?:19|20)\d\d")
_CAPTION = re.compile(r"((?:figure|table|chart)\s+[\w.-]*\d)\b", re.I)


@dataclass(frozen=True, slots=True)
class SuggestedQuestion:
    """A question, and the page (from 0) that its answer rests on first."""

    text: str
    page: int


def suggest_questions(ask: Callable[[str], Answer], questions: Iterable[str]) -> list[SuggestedQuestion]:
    """Returns the first questions, up to `MOST`, that have an answer."""
    answers = ((question, ask(question)) for question in questions)
    answered = (SuggestedQuestion(q, a.citations[0].page) for q, a in answers if a.citations and not a.abstained)
    return list(islice(answered, MOST))


def possible_questions(library: DocumentStore, document: str) -> list[str]:
    """Returns questions about a document's tables, captions and sections, each kind once before any twice.

    A cell of a table is asked for by its row and year, a caption by its name, a section by its heading.
    """
    pages = [library.page(document, number) for number in range(min(library.info(document).pages, PAGES))]
    kinds = [list(islice(item, COUNT)) for item in (_cells(pages), _captions(pages), _sections(pages))]
    ordered = [kind[n] for n in range(COUNT) for kind in kinds if n < len(kind)]
    return list(dict.fromkeys(ordered))[:MAX_TRIED]


def _cells(pages: list[Page]) -> Iterator[str]:
    for page in pages:
        for element in page.elements:
            if element.kind is not Kind.TABLE or len(element.lines) < 3:
                continue
            rows = [[cell.strip() for cell in line.text.split(" | ")] for line in element.lines]
            columns = [cell for cell in rows[0] if _COLUMN.fullmatch(cell)]
            labels = [row[0] for row in rows[1:] if len(row) == len(rows[0]) and _LABEL.fullmatch(row[0])]
            if columns and labels:
                yield f"What was {_lower(labels[len(labels) // 2])} in {columns[-1]}?"


def _captions(pages: list[Page]) -> Iterator[str]:
    for page in pages:
        for element in page.elements:
            if element.kind is Kind.CAPTION and (match := _CAPTION.match(element.text)):
                yield f"What does {match[1]} show?"


def _sections(pages: list[Page]) -> Iterator[str]:
    headings = set[str]()
    for page in pages:
        for element in page.elements:
            heading = " ".join(element.text.split())
            if element.kind in HEADINGS and 4 < len(heading) <= 60 and heading not in headings:
                headings.add(heading)
                if page.number or element.kind is not Kind.TITLE:
                    yield f"What does the section “{heading.rstrip('.:')}” say?"


def _lower(text: str) -> str:
    """Returns text as it stands within a sentence: names and abbreviations keep their capitals."""
    text = re.sub(r"[¹²³⁴-⁹*†]+$", "", text).strip()
    is_name = not text.split(maxsplit=1)[0].istitle() or (" " in text and text.istitle())
    return text if is_name else text[0].lower() + text[1:]
