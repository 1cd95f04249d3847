"""Answers: quoted from the evidence, or written by a model, with citations that are boxes on pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..settings import Settings
from ..sight import Pages
from .base import Answerer, AnswerError
from .quote import QuoteAnswerer

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

__all__ = ["AnswerError", "Answerer", "Pages", "QuoteAnswerer", "answerer"]


def answerer(settings: Settings, pages: Pages, llm: LLM | None = None) -> Answerer:
    """What the settings select: a model where one is given or set, else quotes."""
    if llm is None and not settings.llm_url:
        if not settings.llm_gguf:
            return QuoteAnswerer(pages)
        from .local import with_local

        settings = with_local(settings)
    from .llm import ModelAnswerer

    return ModelAnswerer(pages, settings, llm)
