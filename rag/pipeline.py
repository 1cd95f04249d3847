"""The whole way in Python: ingest files, search entries, ask questions."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from octavo.ingest import LibraryError, OctavoError
from octavo.ingest.store.metadata import Metadata, conditions
from octavo.rag.adapters.methods import LlamaIndexMethods
from octavo.rag.answering import Answerer, Lookup
from octavo.rag.asking import Request, stream_answer
from octavo.rag.context import QuestionContext
from octavo.rag.derived import DerivedMethods
from octavo.rag.document_methods import DocumentMethods
from octavo.rag.embedding import Embedder, make_embedder
from octavo.rag.entry import EVERYWHERE, Level, Scope
from octavo.rag.evidence import Answer, Event, Evidence, Finished
from octavo.rag.images import ImageInput
from octavo.rag.index import Index, model_of, reembed
from octavo.rag.library import open_index, open_library
from octavo.rag.models import Models, embedder_of
from octavo.rag.query.question import parse_query_with_picture
from octavo.rag.regions import PageRegions
from octavo.rag.relevancy import RelevancyScorer, Reranker
from octavo.rag.removals import repeat_search
from octavo.rag.retrieval.retriever import Retriever
from octavo.rag.search import TwoPassSearch, make_retriever, parse_question, query_in_context
from octavo.rag.settings import EmbeddingOptions, Settings

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM
    from PIL import Image

    from octavo.ingest.store.images import ImageStore
    from octavo.rag.answering.endpoint import ChatClients
    from octavo.rag.concepts import Concepts


class Pipeline(DocumentMethods, DerivedMethods, LlamaIndexMethods):
    """Documents in, cited answers out.

    Use it as a context manager, or call `close()`. Parts that are passed take the place of those of the settings.

    Parameters
    ----------
    settings
        A folder, whose library is opened or made; `Settings` for the rest; `None` for those of the environment
        (`Settings.from_env()`).
    embedding
        An `Embedder`, or any embedding of LlamaIndex.
    scorer
        What gives entries their relevancy score.
    answerer
        What writes answers from evidence.
    llm
        A model of LlamaIndex that writes them.
    images
        A store of page screenshots.

    Raises
    ------
    SettingsError
        For a value that a setting cannot have.
    LibraryError
        For a folder that cannot be a library, and one whose vectors were made by another embedding.

    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "note.txt").write_text("Capital expenditure in 2018 was 1,577 million dollars.")
    >>> with Pipeline(folder / "library") as pipeline:
    ...     [done.status for done in pipeline.ingest(folder / "note.txt")]
    ...     answer = pipeline.ask("What was capital expenditure in 2018?")
    ['added']
    >>> answer.abstained, answer.citations[0].page, "1,577" in answer.text
    (False, 0, True)
    """

    def __init__(
        self,
        settings: Settings | str | Path | None = None,
        *,
        embedding: Embedder | BaseEmbedding | None = None,
        scorer: RelevancyScorer | None = None,
        answerer: Answerer | None = None,
        llm: LLM | None = None,
        images: ImageStore | None = None,
    ) -> None:
        if settings is None:
            settings = Settings.from_env()
        elif not isinstance(settings, Settings):
            settings = Settings(library=Path(settings))
        self.settings = settings
        self._embedding_is_set = embedding is None
        model = embedder_of(embedding, settings)
        self.library = open_library(settings, images=images)
        try:
            self.index = open_index(self.library, model, settings)
        except OctavoError:
            self.library.close()
            raise
        self.models = Models(self.library, scorer, answerer, llm)

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the library; the pipeline cannot be used afterwards."""
        self.index.close()
        self.library.close()

    def embed(self, options: EmbeddingOptions, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
        """Embeds the library again by another model and uses it from then on; returns the number of documents.

        No document is read again. The old vectors answer questions until all new ones are there. `progress` is called
        with the number of documents done and that of all; a run that it ends by an error continues where it stopped.

        >>> from octavo.rag.settings import StaticEmbeddingOptions
        >>> pipeline.embed(StaticEmbeddingOptions())  # the library has these vectors already
        0
        """
        if self.settings.documents_uri:
            raise LibraryError(
                "Shared documents keep the embedding that they have: read them into new ones by another."
            )
        settings = self.settings.model_copy(update={"embedding": options})
        embedder = make_embedder(settings)

        def switch() -> None:
            old, self.index, self.settings = self.index, Index(self.library, embedder, settings.index), settings
            self._embedding_is_set = True
            old.close()

        if self.library.get("embedding") == model_of(embedder):
            switch()
            return 0
        return reembed(self.library, embedder, progress, switch, settings.index)

    # questions

    def retriever(self, level: Level | str = Level.PAGE, scope: Scope = EVERYWHERE) -> Retriever:
        """Returns the first pass: candidates by words and vectors.

        >>> from octavo.rag.query.question import parse_query
        >>> [candidate.entry.level for candidate in pipeline.retriever("page").retrieve(parse_query("expenditure"))]
        [<Level.PAGE: 'page'>]
        """
        return make_retriever(self.index, self.settings, level, scope)

    def reranker(
        self, k: int | None = None, threshold: float | None = None, relative_threshold: float | None = None
    ) -> Reranker:
        """Returns the second pass: relevancy scores and adaptive up-to-k.

        >>> from octavo.rag.query.question import parse_query
        >>> query = parse_query("capital expenditure in 2018")
        >>> candidates = pipeline.retriever("chunk").retrieve(query)
        >>> reranker = pipeline.reranker(k=1)
        >>> [candidate.score > 0.8 for candidate in reranker.select(reranker.rank(query, candidates))]
        [True]
        """
        return Reranker(
            self.scorer,
            self.settings.k if k is None else k,
            self.settings.threshold if threshold is None else threshold,
            self.settings.relative_threshold if relative_threshold is None else relative_threshold,
        )

    def search(
        self,
        question: str,
        *,
        level: Level | str = Level.PAGE,
        k: int | None = None,
        threshold: float = 0.0,
        scope: Scope = EVERYWHERE,
        filter: Metadata | None = None,
        picture: ImageInput | None = None,
        region: PageRegions | None = None,
    ) -> list[Evidence]:
        """Returns the best `k` entries of one level, best first, whose relevancy score reaches the threshold.

        Parameters
        ----------
        question
            In words; it may be empty with a picture or a region.
        level
            What is searched: documents, pages, elements or chunks.
        k
            The most entries; those of the settings by default.
        threshold
            The least relevancy score, in [0, 1].
        scope
            Where to look; its documents are ids, file names or paths.
        filter
            Keeps documents with this metadata: each key must have the value, or one of a list of values.
        picture
            Belongs to the question: a path, the bytes of a file, or a PIL image.
        region
            A part of a page that the question is about, or several.

        Raises
        ------
        LibraryError
            For a document that is not there.
        OctavoError
            For a question that asks nothing, and a picture that cannot be read.

        >>> best = pipeline.search("capital expenditure in 2018", k=1)[0]
        >>> best.name, best.page_number, best.score > 0.8
        ('note.txt', 1, True)
        """
        reranker = self.reranker(k, threshold, relative_threshold=1.0)
        parsed = parse_question(question, picture, self.settings, needs_words=not region)

        def search() -> list[Evidence]:
            recalled = self.concepts.recall(question, parsed.picture, self.settings.concepts)
            query = query_in_context(parsed, region, QuestionContext(), self.index, self.settings)
            passes = TwoPassSearch(self.index, self.settings, Level(level), self.scope(scope, filter), reranker)
            _, ranked = passes.rank_with_concepts(query, recalled)
            return passes.select(ranked)

        return repeat_search(self.library, search)

    def ask(
        self,
        question: str,
        *,
        level: Level | str = Level.CHUNK,
        k: int | None = None,
        threshold: float | None = None,
        scope: Scope = EVERYWHERE,
        filter: Metadata | None = None,
        picture: ImageInput | None = None,
        region: PageRegions | None = None,
        evidence: Sequence[Evidence] | None = None,
        context: QuestionContext | None = None,
        settings: Settings | None = None,
    ) -> Answer:
        """Answers from the best entry and what comes close to it, up to `k`, or abstains below the threshold.

        The other parameters and errors are those of `search`: the words read in a picture find evidence, and so does
        what it looks like where the embedder and the model take pictures; an answer rests first on what lies in
        regions.

        Parameters
        ----------
        evidence
            What the answer rests on instead of a search.
        context
            What a conversation adds.
        settings
            Those of this call: k, threshold, relative threshold and the model that answers.

        Raises
        ------
        AnswerError
            Where the model fails and `llm_fallback` is false.

        >>> answer = pipeline.ask("What was capital expenditure in 2018?")
        >>> [(citation.name, citation.page_number) for citation in answer.citations]
        [('note.txt', 1)]
        >>> pipeline.ask("Who painted the ceiling of the chapel?").abstained
        True
        """
        *_, last = self.stream(
            question,
            level=level,
            k=k,
            threshold=threshold,
            scope=scope,
            filter=filter,
            picture=picture,
            region=region,
            evidence=evidence,
            context=context,
            settings=settings,
        )
        assert isinstance(last, Finished)
        return last.answer

    def stream(
        self,
        question: str,
        *,
        level: Level | str = Level.CHUNK,
        k: int | None = None,
        threshold: float | None = None,
        scope: Scope = EVERYWHERE,
        filter: Metadata | None = None,
        picture: ImageInput | None = None,
        region: PageRegions | None = None,
        evidence: Sequence[Evidence] | None = None,
        context: QuestionContext | None = None,
        settings: Settings | None = None,
    ) -> Generator[Event]:
        """Answers as `ask` does, in events: `Retrieved`, a model's `Step`s, `Delta`s of text, `Finished`.

        >>> events = list(pipeline.stream("What was capital expenditure in 2018?"))
        >>> type(events[0]).__name__, type(events[-1]).__name__
        ('Retrieved', 'Finished')
        """
        return stream_answer(
            self,
            Request(
                question=question,
                level=Level(level),
                k=k,
                threshold=threshold,
                scope=scope,
                filter=filter,
                picture=picture,
                region=region,
                evidence=evidence,
                context=context or QuestionContext(),
                settings=settings or self.settings,
            ),
        )

    def lookup(self, level: Level | str, scope: Scope, reranker: Reranker) -> Lookup:
        """Returns where steps of a model may look for more; the documents of `scope` are ids.

        >>> lookup = pipeline.lookup("chunk", pipeline.scope(), pipeline.reranker())
        >>> [evidence.name for evidence in lookup.search("capital expenditure in 2018")]
        ['note.txt']
        """

        search = TwoPassSearch(self.index, self.settings, Level(level), scope, reranker)

        def select(words: str) -> list[Evidence]:
            return search.select(search.rank(parse_query_with_picture(words, None, self.settings.query)))

        return Lookup(select, scope.pages)

    def scope(self, scope: Scope = EVERYWHERE, filter: Metadata | None = None) -> Scope:
        """Returns a scope whose documents are ids, with a filter on metadata.

        Documents may be given by id, file name or path. Raises `LibraryError` for one that is not there.

        >>> from octavo import Scope
        >>> scope = pipeline.scope(Scope(documents="note.txt"), filter={"year": 2018})
        >>> scope.documents == (pipeline.document("note.txt").id,), scope.metadata
        (True, (('year', ('2018',)),))
        """
        self.index.refresh()
        if scope.documents is not None:
            ids = tuple(name if self.library.has(name) else self.library.find(name).id for name in scope.documents)
            scope = replace(scope, documents=ids)
        return replace(scope, metadata=conditions(filter)) if filter else scope

    def highlight(self, answer: Answer, document: str, page: int) -> Image.Image:
        """Returns the screenshot of a page with the boxes of an answer's citations drawn on it, each with its number.

        >>> answer = pipeline.ask("What was capital expenditure in 2018?")
        >>> pipeline.highlight(answer, answer.citations[0].document, answer.citations[0].page).mode
        'RGB'
        """
        from octavo.rag.answering.highlight import highlight

        return highlight(self.library, document, page, answer.citations)

    @property
    def answerer(self) -> Answerer:
        """The answerer: one that was passed, quotes, or the model that the settings name."""
        return self.models.answerer(self.settings)

    @property
    def scorer(self) -> RelevancyScorer:
        """The relevancy scorer: one that was passed, or the one that the settings name."""
        return self.models.scorer(self.settings, self.index)

    @property
    def clients(self) -> ChatClients:
        """The clients of the chat models that settings name."""
        return self.models.clients

    @cached_property
    def concepts(self) -> Concepts:
        """The concepts of the user's own: their names and notes are in force at the next question.

        >>> concept = pipeline.concepts.add("Kestrel", aliases=["our dam"], note="Kestrel is run by the water board.")
        >>> answer = pipeline.ask("By whom is our dam run?")
        >>> answer.citations[0].quote, answer.citations[0].part
        ('Kestrel is run by the water board.', 'concept')
        >>> pipeline.concepts.remove("Kestrel").name
        'Kestrel'
        """
        from octavo.rag.concepts import Concepts

        return Concepts(self)
