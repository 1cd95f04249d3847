"""Times of a video in the citations of an answer: of the frame, or of the sentence that is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from octavo.ingest.speech import is_period, time_of
from octavo.ingest.store.library import Library
from octavo.rag.evidence import Citation, Event, Finished


def with_times(events: Iterable[Event], library: Library) -> Iterator[Event]:
    """Yields events, in the last of which the citations of a video say when it shows or says what they cite."""
    for event in events:
        if isinstance(event, Finished) and event.answer.citations:
            with library.snapshot():  # others may remove documents meanwhile
                there = library.names({citation.document for citation in event.answer.citations})
                timed = tuple(
                    _with_time(citation, library) if citation.document in there else citation
                    for citation in event.answer.citations
                )
            event = Finished(replace(event.answer, citations=timed))
        yield event


def _with_time(citation: Citation, library: Library) -> Citation:
    page = library.page(citation.document, citation.page)
    if not is_period(page.label):
        return citation
    spoken_at = "" if citation.boxes else time_of(citation.quote, page.notes)
    return replace(citation, part=f"speech at {spoken_at}" if spoken_at else f"frame at {page.label}")
