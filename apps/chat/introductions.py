"""Introductions of documents: a summary, and questions that the document answers, prepared in the background."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from octavo.apps.chat.suggestions import SuggestedQuestion, possible_questions, suggest_questions
from octavo.apps.turns import SearchPlaces
from octavo.ingest import Box, OctavoError
from octavo.ingest.store.documents import DocumentInfo
from octavo.rag import Answer, Pipeline, Scope

logger = logging.getLogger(__name__)

SUMMARY = "Summarize this document."
SENTENCES, FIRST_QUESTIONS, FOLLOW_UPS = 4, 3, 2
"""Sentences of a summary, questions to begin with, and questions that an answer may be followed by."""
MOST = 256
"""Introductions that are kept in memory."""


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A sentence of a document with its page (from 0), and the box around it in PDF points."""

    text: str
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Introduction:
    """A summary of a document in its own sentences, and questions that it answers."""

    summary: tuple[SummarySentence, ...] = ()
    questions: tuple[SuggestedQuestion, ...] = ()

    @property
    def first_questions(self) -> list[str]:
        """Questions to begin with."""
        return [question.text for question in self.questions[:FIRST_QUESTIONS]]

    def follow_ups(self, page: int, questions: Collection[str]) -> list[str]:
        """Returns questions that were not asked, those answered nearest to a page first."""
        nearest = sorted(self.questions, key=lambda question: abs(question.page - page))
        return [question.text for question in nearest if question.text not in questions][:FOLLOW_UPS]


class Introductions:
    """Introductions of a library's documents, made one after the other in a thread of its own.

    `changed` is called when another one is there.
    """

    def __init__(self, pipeline: Pipeline, places: SearchPlaces, changed: Callable[[], None]) -> None:
        self._pipeline, self._places, self._changed = pipeline, places, changed
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="octavo-introductions")
        self._guard = threading.Lock()
        self._futures: dict[tuple[str, str], Future[Introduction]] = {}

    def close(self) -> None:
        """Drops those that wait, and ends with the one that is being made."""
        self._maker.shutdown(wait=True, cancel_futures=True)

    def get(self, info: DocumentInfo) -> Introduction | None:
        """Returns a document's introduction, `None` while it is being made, or where it was dropped."""
        future = self.begin(info)
        return future.result() if future.done() and not future.cancelled() else None

    def begin(self, info: DocumentInfo) -> Future[Introduction]:
        """Returns the future of a document's introduction, which is made once; an empty one where that fails."""
        key = info.id, info.added_at
        with self._guard:
            if key not in self._futures:
                self._futures[key] = self._maker.submit(self._introduce, info.id)
                for oldest in list(self._futures)[:-MOST]:
                    self._futures.pop(oldest).cancel()
            return self._futures[key]

    def _introduce(self, document: str) -> Introduction:
        try:
            introduction = introduce(self._pipeline, self._places, document)
        except OctavoError as error:  # the document was removed meanwhile, say
            logger.info("No introduction: %s", error)
            introduction = Introduction()
        except Exception:  # it would be raised again at each look at the document
            logger.exception("Introducing document %s failed", document)
            introduction = Introduction()
        self._changed()
        return introduction


def introduce(pipeline: Pipeline, places: SearchPlaces, document: str) -> Introduction:
    """Returns the introduction of a document. All of it is quoted: no model is asked."""
    settings = pipeline.settings.model_copy(update={"llm_url": "", "llm_gguf": ""})

    def ask(question: str) -> Answer:
        with places.take(settings):
            return pipeline.ask(question, scope=Scope(documents=(document,)), settings=settings)

    answer = ask(SUMMARY)
    summary = [
        SummarySentence(text.lstrip("•–- "), citation.page, Box.around(citation.boxes))
        for citation in answer.citations
        if citation.boxes and f"“{(text := ' '.join(citation.quote.split()))}”" in answer.text
    ]
    return Introduction(
        tuple(summary[:SENTENCES]), tuple(suggest_questions(ask, possible_questions(pipeline.library, document)))
    )
