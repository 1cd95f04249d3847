"""The models of a pipeline: its embedder, relevancy scorer and answerers, passed by the caller or made by settings."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from octavo.rag.answering import Answerer, make_answerer
from octavo.rag.embedding import Embedder, make_embedder
from octavo.rag.image_source import PageStore
from octavo.rag.index import Index
from octavo.rag.relevancy import RelevancyScorer, make_scorer
from octavo.rag.settings import Settings

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM

    from octavo.ingest.store.library import Library
    from octavo.rag.answering.endpoint import ChatClients
    from octavo.rag.clients.messages import ChatModel

_SEARCH_SETTINGS = frozenset({"library", "k", "threshold", "relative_threshold", "candidates"})
"""Settings that make no difference to an answerer."""


def embedder_of(embedding: Embedder | BaseEmbedding | None, settings: Settings) -> Embedder:
    """Returns an embedder: one that is passed, one around LlamaIndex's, or the one that the settings name."""
    if embedding is None:
        return make_embedder(settings)
    if isinstance(embedding, Embedder):
        return embedding
    from octavo.rag.adapters.llamaindex import LlamaIndexEmbedder

    return LlamaIndexEmbedder(embedding)


class Models:
    """Gives scorers, answerers and chat models; each is made when it is first asked for, and kept."""

    def __init__(
        self, library: Library, scorer: RelevancyScorer | None, answerer: Answerer | None, llm: LLM | None
    ) -> None:
        self._library = library
        self._scorer, self._answerer, self._llm = scorer, answerer, llm
        self._made_scorer: tuple[Index, RelevancyScorer] | None = None
        self._answerers: dict[str, Answerer] = {}

    @property
    def has_own_answerer(self) -> bool:
        """True where the caller passed an answerer."""
        return self._answerer is not None

    def writes(self, settings: Settings) -> bool:
        """Returns whether a model writes answers."""
        return bool(self._llm is not None or settings.llm_url or settings.llm_gguf)

    def scorer(self, settings: Settings, index: Index) -> RelevancyScorer:
        """Returns the scorer that was passed, or the one that the settings name."""
        if self._scorer is not None:
            return self._scorer
        if self._made_scorer is None or self._made_scorer[0] is not index:
            self._made_scorer = index, make_scorer(settings, index)
        return self._made_scorer[1]

    def answerer(self, settings: Settings, pages: PageStore | None = None) -> Answerer:
        """Returns the answerer that was passed, or the one that the settings name.

        `pages` are those of evidence that is not the library's; their answerer is not kept.
        """
        if self._answerer is not None:
            return self._answerer
        if pages is not None:
            return make_answerer(settings, pages, self._llm_model(settings), connect=self._connect)
        key = settings.model_dump_json(exclude=set(_SEARCH_SETTINGS))
        if key not in self._answerers:
            model = self._llm_model(settings)
            self._answerers[key] = make_answerer(settings, self._library, model, connect=self._connect)
        return self._answerers[key]

    def chat_model(self, settings: Settings) -> ChatModel:
        """Returns the model that was passed, or a client of the one that the settings name."""
        return self._llm_model(settings) or self._connect(settings)

    @cached_property
    def clients(self) -> ChatClients:
        """The clients of the chat models that settings name."""
        from octavo.rag.answering.endpoint import ChatClients

        return ChatClients()

    def clear_clients(self) -> None:
        """Forgets the clients, so that the next question asks endpoints again."""
        if "clients" in self.__dict__:
            self.clients.clear()

    def _connect(self, settings: Settings) -> ChatModel:
        return self.clients.get(settings)

    def _llm_model(self, settings: Settings) -> ChatModel | None:
        if self._llm is None:
            return None
        from octavo.rag.adapters.llm import LlamaIndexChatModel

        return LlamaIndexChatModel(self._llm, settings.llm_context)
