"""Searches in a service's collections, and questions to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext

from octavo.apps.addresses import hidden_addresses, without_address
from octavo.apps.service.collections import Collections
from octavo.apps.service.errors import ModelServerError, TooLargeError
from octavo.apps.service.options import ServiceOptions
from octavo.apps.service.questions import (
    CollectionQuestion,
    check_question,
    check_text,
    locate_region,
    stand_alone,
)
from octavo.apps.service.quotas import Quotas
from octavo.apps.service.rights import Caller
from octavo.apps.turns import SearchPlaces
from octavo.rag import Event, Evidence, Level, Settings
from octavo.rag.clients.messages import Usage, counted_usage


class QuestionService(ABC):
    """The part of a service that is about searches and questions."""

    options: ServiceOptions
    collections: Collections
    quotas: Quotas
    search_places: SearchPlaces
    apply_preferences: Callable[[Settings], Settings]

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """True where whoever reaches the service is one person who may do everything."""

    def search(self, caller: Caller, collection: str, question: CollectionQuestion) -> list[Evidence]:
        """Returns the entries that fit a question best, with their relevancy scores."""
        self.collections.get(caller, collection)
        check_question(question, self.options)
        with (
            self._discreet(),
            self.collections.opened(collection) as pipeline,
            self.search_places.take(pipeline.settings),
        ):
            return pipeline.search(
                question.text,
                level=question.level or Level.PAGE,
                k=question.k,
                threshold=question.threshold or 0.0,
                scope=question.scope(pipeline),
                filter=question.filter,
                picture=question.picture,
                region=[locate_region(pipeline, region) for region in question.regions],
            )

    def stream(
        self, caller: Caller, collection: str, question: CollectionQuestion, usage: Usage | None = None
    ) -> Generator[Event]:
        """Yields the answer to a question in steps, as `Pipeline.stream`; a follow-up is asked as a full question.

        The tokens of models are added to `usage`.
        """
        self.collections.get(caller, collection)
        check_question(question, self.options)
        self.quotas.check_tokens(caller.user)
        with (
            self._discreet(),
            self.collections.opened(collection) as pipeline,
            self._counting(caller, usage or Usage()),
        ):
            settings = self.apply_preferences(pipeline.settings)
            events = pipeline.stream(
                stand_alone(question, settings, pipeline),
                level=question.level or Level.CHUNK,
                k=question.k,
                threshold=question.threshold,
                scope=question.scope(pipeline),
                filter=question.filter,
                picture=question.picture,
                region=[locate_region(pipeline, region) for region in question.regions],
                settings=settings,
            )
            hides_address = not self.is_open
            with closing(events):
                for event in self.search_places.begin(events, settings):
                    yield without_address(event, settings.llm_url) if hides_address else event

    def _discreet(self) -> AbstractContextManager[None]:
        """Keeps the addresses of model servers from users; the log has them."""
        return nullcontext() if self.is_open else hidden_addresses(ModelServerError)

    @contextmanager
    def _counting(self, caller: Caller, usage: Usage) -> Iterator[None]:
        with counted_usage(usage):
            try:
                yield
            finally:
                self.quotas.count_tokens(caller.user, usage.total)

    def embed(self, caller: Caller, collection: str, texts: Sequence[str]) -> list[list[float]]:
        """Returns the vectors of texts by the embedder of a collection."""
        self.collections.get(caller, collection)
        if len(texts) > self.options.texts:
            raise TooLargeError(f"At most {self.options.texts} texts can be embedded in one request.")
        for text in texts:
            check_text(text)
        with self._discreet(), self.collections.opened(collection) as pipeline:
            rows: list[list[float]] = pipeline.index.embedding.embed_texts(list(texts)).tolist()
            return rows
