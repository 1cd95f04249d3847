"""Answers: quoted from the evidence, or written by a model, with citations that are boxes on pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from octavo.rag.answering.base import Answerer, AnswerError, Lookup
from octavo.rag.answering.events import answer_events
from octavo.rag.image_source import PageStore
from octavo.rag.settings import Settings

if TYPE_CHECKING:
    from octavo.rag.answering.quote import QuoteAnswerer
    from octavo.rag.clients.messages import ChatModel

__all__ = ["AnswerError", "Answerer", "Lookup", "PageStore", "QuoteAnswerer", "answer_events", "make_answerer"]


def make_answerer(
    settings: Settings,
    pages: PageStore,
    model: ChatModel | None = None,
    *,
    connect: Callable[[Settings], ChatModel] | None = None,
) -> Answerer:
    """Returns the answerer that the settings select: a model where one is given or set, else quotes.

    `connect` makes the client of the model that the settings name, where it is to be kept.

    >>> from octavo import Settings
    >>> type(make_answerer(Settings(), pipeline.library)).__name__
    'QuoteAnswerer'
    """
    from octavo.rag.answering.quote import QuoteAnswerer

    if model is None and not settings.llm_url:
        if not settings.llm_gguf:
            return QuoteAnswerer(pages, settings.answering.plans)
        from octavo.rag.answering.gguf import with_local

        settings = with_local(settings)

    def written() -> Answerer:
        from octavo.rag.answering.generate import ModelAnswerer
        from octavo.rag.answering.remembered_pages import RememberedPages

        return ModelAnswerer(RememberedPages(pages), settings, model or (connect(settings) if connect else None))

    if not settings.llm_fallback:
        return written()
    from octavo.rag.answering.fallback import FallbackAnswerer

    return FallbackAnswerer(written, QuoteAnswerer(pages, settings.answering.plans))


def __getattr__(name: str) -> Any:
    if name == "QuoteAnswerer":
        from octavo.rag.answering.quote import QuoteAnswerer

        return QuoteAnswerer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
