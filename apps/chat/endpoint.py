"""The model endpoint that the settings name: asked once what it serves, and again after it failed."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from rag import Delta, Evidence, Finished, Settings
from rag.answer import AnswerError, Pages, answerer
from rag.answer.server import model


class Endpoint:
    """Answers by quotes, or by a model whose name and context are remembered between questions."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[str, int]] = {}

    def stream(
        self, settings: Settings, pages: Pages, question: str, evidence: Sequence[Evidence]
    ) -> Generator[Delta | Finished]:
        """The answer in pieces, then whole; raises `AnswerError` when the model cannot be asked."""
        try:
            yield from answerer(self._named(settings), pages).stream(question, evidence)
        except AnswerError:
            self._known.clear()
            raise

    def _named(self, settings: Settings) -> Settings:
        if not settings.llm_url:
            return settings
        key = (settings.llm_url, settings.llm_model)
        if key not in self._known:
            self._known[key] = model(settings)
        name, context = self._known[key]
        return settings.model_copy(update={"llm_model": name, "llm_context": context})
