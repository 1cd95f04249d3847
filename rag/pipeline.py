"""The whole way in Python: ingest files, search entries, ask questions."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from octavo.ingest import LibraryError, OctavoError
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.metadata import Metadata, conditions
from octavo.ingest.tracing import span
from octavo.rag.adapters.methods import LlamaIndexMethods
from octavo.rag.answering import Answerer, Lookup, answer_events, make_answerer
from octavo.rag.answering.traced import trace_answer
from octavo.rag.context import QuestionContext
from octavo.rag.derived import DerivedMethods
from octavo.rag.documents import DocumentsInScope, StoredDocument
from octavo.rag.embedding import Embedder, make_embedder
from octavo.rag.embedding.projected import ProjectedEmbedder
from octavo.rag.entry import EVERYWHERE, Level, Scope
from octavo.rag.evidence import Answer, Delta, Event, Evidence, Finished, PageRef, Retrieved
from octavo.rag.image_source import PageStore
from octavo.rag.images import ImageInput, picture_file
from octavo.rag.index import Index, model_of, reembed
from octavo.rag.library import open_index, open_library
from octavo.rag.neighbors import referring_paragraphs
from octavo.rag.query.question import Query, parse_query_with_picture
from octavo.rag.regions import PageRegions, each_region, find_region, region_evidence, region_words
from octavo.rag.relevancy import RelevancyScorer, Reranker, make_scorer
from octavo.rag.retrieval.candidate import Candidate
from octavo.rag.retrieval.retriever import Retriever
from octavo.rag.settings import EmbeddingOptions, Settings
from octavo.rag.video_times import with_times

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM
    from PIL import Image

    from octavo.ingest.options import EngineOptions
    from octavo.ingest.reading import Progress
    from octavo.ingest.remote import File
    from octavo.ingest.store.images import ImageStore
    from octavo.rag.answering.endpoint import ChatClients
    from octavo.rag.clients.messages import ChatModel
    from octavo.rag.concepts import Concepts, Recalled
    from octavo.rag.consistency import Contradiction
    from octavo.rag.ingestion import Ingested

COPIES = 4
"""Candidates for each entry that is selected, among which copies are looked for."""
SHOWN_CANDIDATES = 5
"""Candidates at least that an answer names beside its evidence."""
PICTURE_QUESTION = "What does this show?"
"""The question for a region or a picture that comes without one."""
POINTING_TERMS = 2
"""Content words at most of a question that is about the part of a page itself, such as what it means."""
REGION_WORDS = 40
"""Words of a part of a page that are searched for."""


class Pipeline(DerivedMethods, LlamaIndexMethods):
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
        model = _embedder_of(embedding) if embedding is not None else make_embedder(settings)
        self.library = open_library(settings, images=images)
        try:
            self.index = open_index(self.library, model, settings)
        except OctavoError:
            self.library.close()
            raise
        self._llm, self._answerer, self._scorer = llm, answerer, scorer
        self._answerers: dict[str, Answerer] = {}

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the library; the pipeline cannot be used afterwards."""
        self.index.close()
        self.library.close()

    # documents

    def ingest(
        self,
        *paths: str | Path,
        password: str = "",
        force: bool = False,
        metadata: Metadata | None = None,
        progress: Callable[[Progress], None] | None = None,
        engine: EngineOptions | None = None,
    ) -> list[Ingested]:
        """Reads files, folders or globs into the library; one result for each file, in the order they finish.

        A document already there is skipped, a changed file replaces what its path held. A file that cannot be read is
        a result with status `failed` and one sentence of reason; the others go on. Files in a folder that are of kinds
        that are not read come last, with status `unsupported`.

        Parameters
        ----------
        paths
            Files, folders, globs, or addresses of a store such as `s3://bucket/reports/`.
        password
            That of encrypted files.
        force
            Reads again what is there already.
        metadata
            Noted with each document, for `filter` in a search; a list stands for several values, as of tags.
        progress
            Called with each step of a file.
        engine
            Reads the files in place of the engine that the settings name.

        Raises
        ------
        ReadError
            For a path that is not there; a file that cannot be read is a result.
        LibraryError
            Where the library cannot be written.
        """
        from octavo.ingest.manifest import find_files
        from octavo.rag.ingestion import left_out

        files = find_files(paths)
        read = self.ingest_each(
            files, password=password, force=force, metadata=metadata, progress=progress, engine=engine
        )
        return [*read, *left_out(paths)]

    def ingest_each(
        self,
        files: Iterable[File],
        *,
        password: str = "",
        force: bool = False,
        metadata: Metadata | None = None,
        progress: Callable[[Progress], None] | None = None,
        engine: EngineOptions | None = None,
    ) -> Iterator[Ingested]:
        """Ingests files as `ingest` does; yields each result as soon as its document can be searched.

        `files` may be an iterator over millions: they are drawn as there is room for them.

        >>> _ = (folder / "draft.txt").write_text("The dam is finished in 2031.")
        >>> for result in pipeline.ingest_each([folder / "draft.txt"]):
        ...     print(result.status, pipeline.remove(result.document).name)
        added draft.txt
        """
        from octavo.rag.ingestion import ingest_files

        report = progress or (lambda step: None)
        return ingest_files(
            self.library,
            self.index,
            self.settings,
            files,
            password=password,
            force=force,
            metadata=metadata or {},
            progress=report,
            engine=engine or self.settings.engine,
            embeds_there=self._embedding_is_set and not isinstance(self.index.embedding, ProjectedEmbedder),
        )

    def sync(
        self,
        folder: str | Path,
        *,
        dry_run: bool = False,
        password: str = "",
        metadata: Metadata | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> list[Ingested]:
        """Keeps the library in step with a folder: adds what is new, replaces what changed, removes what is gone.

        Documents from elsewhere stay. With `dry_run` nothing changes, and the results say what would. A file that was
        renamed or moved is not read again, and goes by its new name. A disk that is not mounted removes nothing: raises
        `ReadError` for a folder that is not there or empty, and what is gone from an empty folder in it is a failure.

        >>> reports = folder / "reports"
        >>> reports.mkdir()
        >>> _ = (reports / "dam.txt").write_text("The dam is finished in 2031.")
        >>> [(result.path.name, result.status) for result in pipeline.sync(reports)]
        [('dam.txt', 'added')]
        >>> _ = (reports / "dam.txt").rename(reports / "dam-2031.txt")
        >>> [(result.path.name, result.status) for result in pipeline.sync(reports)]
        [('dam-2031.txt', 'renamed')]
        >>> _ = pipeline.remove("dam-2031.txt")
        """
        from octavo.rag.ingestion import Ingested, left_out
        from octavo.rag.sync import files_of, gone, plan

        root, files = files_of(folder)
        if dry_run:
            return [*plan(self.library.documents(), root, files, self.settings.reading), *left_out([root])]
        missing = gone(self.library.documents(), root, files)
        results = list(self.ingest_each(files, password=password, metadata=metadata, progress=progress))
        paths_held = {path for info in self.library.documents() for path in info.paths}
        for path, document in missing.sure:
            if str(path) in paths_held:  # a renamed file took its document along
                self.index.remove_path(path)
                results.append(Ingested(path, "removed", document))
        results += (failure for failure in missing.failures() if str(failure.path) in paths_held)
        return [*results, *left_out([root])]

    def documents(self) -> list[DocumentInfo]:
        """Returns the documents of the library, by name.

        >>> [(info.name, info.pages) for info in pipeline.documents()]
        [('note.txt', 1)]
        """
        self.index.refresh()
        return self.library.documents()

    def document(self, name: str) -> StoredDocument:
        """Returns a document by its id, file name or path, with its pages, pictures and exports.

        >>> pipeline.document("note.txt").pages[0].text
        'Capital expenditure in 2018 was 1,577 million dollars.'
        """
        return StoredDocument(self.library, self._find(name))

    def _find(self, name: str) -> DocumentInfo:
        self.index.refresh()
        return self.library.find(name)

    def set_metadata(self, name: str, metadata: Metadata) -> None:
        """Notes metadata with a document, named by its id, file name or path, in place of what was noted.

        >>> pipeline.set_metadata("note.txt", {"year": 2018})
        >>> pipeline.documents()[0].metadata
        {'year': 2018}
        """
        self.index.set_metadata(self._find(name).id, metadata)

    def check(self, document: str, by: Literal["rules", "model"] = "rules") -> list[Contradiction]:
        """Returns pairs of quantities in a document that contradict each other, each with its page and box.

        The document is named by its id, file name or path. By rules, English sentences, tables and labels of charts
        are held against each other; `by="model"` keeps of these what the model of the settings confirms. Raises
        `LibraryError` for a document that is not there.

        >>> text = "The dam cost 7.5 million euros in 2018.\\n\\nIn 2018 the dam cost 9.1 million euros."
        >>> _ = (folder / "costs.txt").write_text(text)
        >>> _ = pipeline.ingest(folder / "costs.txt")
        >>> [(c.first.text, c.second.text, c.second.page_number) for c in pipeline.check("costs.txt")]
        [('7.5 million euros', '9.1 million euros', 1)]
        >>> _ = pipeline.remove("costs.txt")
        """
        from octavo.rag.consistency import confirm, find_contradictions

        info = self.library.find(document)
        pairs = find_contradictions(self.library.document(info.id))
        if by == "rules":
            return pairs
        model = _model_of(self._llm, self.settings) or self._connect(self.settings)
        return list(confirm(pairs, info.id, self.library, model, sees=self.settings.llm_images > 0))

    def remove(self, document: str) -> DocumentInfo:
        """Removes all of a document, named by its id, file name or path; raises `LibraryError` when there is none.

        >>> _ = (folder / "old.txt").write_text("Only a draft.")
        >>> _ = pipeline.ingest(folder / "old.txt")
        >>> pipeline.remove("old.txt").name
        'old.txt'
        >>> [info.name for info in pipeline.documents()]
        ['note.txt']
        """
        info = self._find(document)
        self.index.remove(info.id)
        return info

    def embed(self, options: EmbeddingOptions, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
        """Embeds the whole library anew by another model, and goes on with that; returns how many documents it took.

        No document is read again. The old vectors answer questions until all new ones are there. `progress` is told
        documents done, and how many there are; a run that it breaks off by an error goes on where it was.

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
            self.__dict__.pop("_made_scorer", None)
            old.close()

        if self.library.get("embedding") == model_of(embedder):
            switch()
            return 0
        return reembed(self.library, embedder, progress, switch, settings.index)

    def describe(self) -> int:
        """Describes figures of the documents that are there, as `describe` of the settings says at ingestion.

        Returns how many documents gained descriptions. Raises `AnswerError` where the model cannot be asked.

        >>> pipeline.settings.describe, pipeline.describe()
        (0, 0)
        """
        if not self.settings.describe:
            return 0
        from octavo.rag.descriptions import describe_library

        return describe_library(self.library, self.index, self.settings)

    # questions

    def retriever(self, level: Level | str = Level.PAGE, scope: Scope = EVERYWHERE) -> Retriever:
        """Returns the first pass: candidates by words and vectors.

        >>> from octavo.rag.query.question import parse_query
        >>> [candidate.entry.level for candidate in pipeline.retriever("page").retrieve(parse_query("expenditure"))]
        [<Level.PAGE: 'page'>]
        """
        settings = self.settings
        return Retriever(
            self.index,
            Level(level),
            scope,
            settings.candidates,
            settings.documents_first,
            settings.picture_route,
            settings.document_vector,
        )

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
        query = self._query(question, picture, is_given=bool(region))
        recalled = self.concepts.recall(question, query.picture, self.settings.concepts)
        query = self._search_query(query, region, QuestionContext())
        _, ranked = self._rank_by_names(query, recalled, level, self.scope(scope, filter), reranker)
        return [c.as_evidence() for c in reranker.select(self._collapse_copies(ranked, reranker.k))]

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

    @trace_answer
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
        own, context = settings or self.settings, context or QuestionContext()
        threshold = own.threshold if threshold is None else threshold
        query = self._query(question, picture, is_given=bool(region or context.search or context.evidence))
        recalled = self.concepts.recall(context.search or question, query.picture or context.picture, own.concepts)
        noted, pages = self._concepts_with_notes(recalled, question, own), context.pages
        if noted:
            from octavo.rag.concepts.evidence import ConceptPages

            pages = ConceptPages(context.pages or self.library, noted)
        answerer = self._answerer_of(own, pages)
        regions = [region_evidence(self.library, part) for part in each_region(region)]
        given = [*regions, *_notes(noted, pages), *context.evidence]
        chosen, lookup = answerer.choose_given(question, given), None
        if evidence is not None:
            candidates = tuple(evidence)
            selected = (*chosen, *candidates)
        else:
            reranker = self.reranker(own.k if k is None else k, threshold, own.relative_threshold)
            inside = self.scope(scope, filter)
            searched = self._search_query(query, region, context)
            searched, ranked = self._rank_by_names(searched, recalled, level, inside, reranker)
            collapsed = self._collapse_copies(ranked, reranker.k)
            candidates = tuple(c.as_evidence() for c in collapsed[: max(reranker.k, SHOWN_CANDIDATES)])
            if not chosen:
                documents = DocumentsInScope(self.index, inside)
                is_about_region = bool(region) and len(query.terms) <= POINTING_TERMS
                demanded = query if region and not is_about_region else searched
                pointed_at = [replace(e, kind=None) for e in given if e.text]
                with self.library.snapshot():  # others may remove documents meanwhile
                    there = self.library.names({c.entry.document for c in ranked})
                    everything = [c.as_evidence() for c in ranked if c.entry.document in there]
                    considered = answerer.consider(demanded, everything, documents, threshold, reranker.k)
                    if considered and considered.abstained and is_about_region and pointed_at:
                        considered = answerer.consider(searched, pointed_at, documents, 0.0, reranker.k)
                unread = _unread(given) if region else ""
                if unread and is_about_region and considered is not None:
                    considered = Answer(question, f"{unread} A model that sees can describe it.", abstained=True)
                if considered is not None:
                    problems = (
                        (unread, *considered.problems) if unread and not considered.abstained else considered.problems
                    )
                    answer = replace(considered, candidates=candidates, problems=problems)
                    yield from with_times(_as_events(answer), self.library)
                    return
            selected = (*chosen, *(c.as_evidence() for c in reranker.select(collapsed)))
            lookup = self.lookup(level, inside, reranker)
        if own.llm_neighbors:
            selected = (*selected, *referring_paragraphs(self.library, selected, own.llm_neighbors, scope.pages))
        is_written = False
        text = question if question.strip() or query.picture else PICTURE_QUESTION
        events = answer_events(
            answerer,
            text,
            selected,
            candidates,
            lambda: _nothing(candidates, threshold),
            lookup=lookup,
            picture=query.picture,
        )
        try:
            for event in with_times(events, self.library):
                is_written = isinstance(event, Finished) and bool(event.answer.model)
                yield event
        finally:
            if not is_written and "clients" in self.__dict__:
                self.clients.clear()

    def lookup(self, level: Level | str, scope: Scope, reranker: Reranker) -> Lookup:
        """Returns where steps of a model may look for more; the documents of `scope` are ids.

        >>> lookup = pipeline.lookup("chunk", pipeline.scope(), pipeline.reranker())
        >>> [evidence.name for evidence in lookup.search("capital expenditure in 2018")]
        ['note.txt']
        """

        def search(words: str) -> list[Evidence]:
            ranked = self._rank(parse_query_with_picture(words, None, self.settings.query), level, scope, reranker)
            return [c.as_evidence() for c in reranker.select(self._collapse_copies(ranked, reranker.k))]

        return Lookup(search, scope.pages)

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
        return self._answerer_of(self.settings)

    def _answerer_of(self, settings: Settings, pages: PageStore | None = None) -> Answerer:
        if self._answerer is not None:
            return self._answerer
        key = settings.model_dump_json(exclude={"library", "k", "threshold", "relative_threshold", "candidates"})
        if pages is not None:
            return make_answerer(settings, pages, _model_of(self._llm, settings), connect=self._connect)
        if key not in self._answerers:
            model = _model_of(self._llm, settings)
            self._answerers[key] = make_answerer(settings, self.library, model, connect=self._connect)
        return self._answerers[key]

    @cached_property
    def clients(self) -> ChatClients:
        """The clients of the chat models that settings name."""
        from octavo.rag.answering.endpoint import ChatClients

        return ChatClients()

    def _connect(self, settings: Settings) -> ChatModel:
        return self.clients.get(settings)

    @property
    def scorer(self) -> RelevancyScorer:
        """The relevancy scorer: one that was passed, or the one that the settings name."""
        return self._scorer or self._made_scorer

    @cached_property
    def _made_scorer(self) -> RelevancyScorer:
        return make_scorer(self.settings, self.index)

    def _query(self, question: str, picture: ImageInput | None, *, is_given: bool) -> Query:
        if not question.strip() and picture is None and not is_given:
            raise OctavoError("The question is empty: ask for something in words, by a picture, or by part of a page.")
        image = None if picture is None else picture_file(picture)
        return parse_query_with_picture(question, image, self.settings.query)

    def _search_query(self, query: Query, region: PageRegions | None, context: QuestionContext) -> Query:
        """Returns the query to search for, with the words of the regions, or what the context has in its place."""
        text, picture = context.search or query.text, query.picture or context.picture
        for part in each_region(region):
            place = find_region(self.library, part)
            if not context.search:
                page = self.library.page(place.document, place.page)
                text = " ".join([text, *region_words(page, place.box).split()[:REGION_WORDS]]).strip()
            if picture is None and self.index.embedding.supports_images:
                picture = picture_file(self.library.crop(place.document, place.page, place.box))
        if (text, picture) == (query.text, query.picture):
            return query
        if not text and picture is None:
            raise OctavoError("No words can be read there: mark a part of the page with text.")
        return parse_query_with_picture(text, picture, self.settings.query)

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

    def _concepts_with_notes(self, recalled: Sequence[Recalled], question: str, settings: Settings) -> list[Recalled]:
        """Returns the concepts whose notes are evidence: for a model all, for quotes those that say what is asked."""
        if not recalled or self._answerer is not None:
            return []
        from octavo.rag.concepts.evidence import answers

        is_written = bool(self._llm is not None or settings.llm_url or settings.llm_gguf)
        noted = [one for one in recalled if one.concept.note and (is_written or answers(one, question))]
        return [replace(one, concept=self.concepts.get(one.concept.name)) for one in noted]

    def _rank_by_names(
        self, query: Query, recalled: Sequence[Recalled], level: Level | str, scope: Scope, reranker: Reranker
    ) -> tuple[Query, list[Candidate]]:
        """Returns the candidates of a question as it is, by other names of its concepts, or by what its picture shows.

        That counts whose best candidate has the highest score.
        """
        picture = query.picture if query.words or self.index.embedding.supports_images else None
        texts: list[str] = []
        if query.picture is not None and self.settings.picture_expand:
            from octavo.rag.retrieval.picture_expansion import expand, figures_shown

            shown = figures_shown(self.index, query.picture, query.words, self.settings.picture_expand, scope)
            texts += [expand(query.text, shown)] if shown else []
        if recalled:
            from octavo.rag.concepts.recall import other_questions

            texts += other_questions(query.text, recalled)
        others = [parse_query_with_picture(text, picture, self.settings.query) for text in texts]
        queries = others if others and picture is None and query.picture is not None else [query, *others]
        ranked = [(one, self._rank(one, level, scope, reranker)) for one in queries]
        return max(ranked, key=lambda pair: pair[1][0].score if pair[1] else -1.0)

    def _rank(self, query: Query, level: Level | str, scope: Scope, reranker: Reranker) -> list[Candidate]:
        """Returns all candidates with their relevancy score, best first."""
        ranked = self._score(query, level, scope, reranker)
        if not (self.settings.second_pass and reranker.scorer.compares) or Level(level) is Level.DOCUMENT:
            return ranked
        from octavo.rag.retrieval.second_pass import leading_document, merged

        if (document := leading_document(ranked)) is None:
            return ranked
        alone = self._score(query, level, replace(scope, documents=(document,)), reranker)
        return merged(ranked, alone, document)

    def _score(self, query: Query, level: Level | str, scope: Scope, reranker: Reranker) -> list[Candidate]:
        kinds = {"gen_ai.operation.name": "retrieval", "octavo.level": str(Level(level))}
        with span("retrieval", kinds, {"gen_ai.retrieval.query.text": query.text}) as retrieval_span:
            candidates = self.retriever(level, scope).retrieve(query)
            retrieval_span["octavo.candidates"] = len(candidates)
        with span("octavo.relevancy", {"octavo.relevancy.scorer": type(reranker.scorer).__name__}) as retrieval_span:
            ranked = reranker.rank(query, candidates)
            retrieval_span |= {
                "octavo.candidates": len(ranked),
                "octavo.relevancy.best": ranked[0].score if ranked else 0.0,
            }
        return ranked

    def _collapse_copies(self, ranked: list[Candidate], k: int) -> list[Candidate]:
        """Returns ranked candidates without the copies of those that are shown, which name the pages of theirs."""
        if self.settings.copies == "keep":
            return ranked
        from octavo.rag.index.copies import copy_features, without_copies

        first, rest = ranked[: COPIES * k], ranked[COPIES * k :]
        by_id = {c.entry.id: c for c in first}
        originals = without_copies(copy_features(self.index, [c.entry for c in first]), max(k, SHOWN_CANDIDATES))
        copied = {copy for copies in originals.values() for copy in copies}
        return [
            replace(c, copies=tuple(_place_of(by_id[copy]) for copy in originals.get(c.entry.id, ())))
            for c in first
            if c.entry.id not in copied
        ] + rest


def _place_of(candidate: Candidate) -> PageRef:
    return PageRef(candidate.entry.document, candidate.name, candidate.entry.page)


def _model_of(llm: LLM | None, settings: Settings) -> ChatModel | None:
    if llm is None:
        return None
    from octavo.rag.adapters.llm import LlamaIndexChatModel

    return LlamaIndexChatModel(llm, settings.llm_context)


def _embedder_of(embedding: Embedder | BaseEmbedding) -> Embedder:
    if isinstance(embedding, Embedder):
        return embedding
    from octavo.rag.adapters.llamaindex import LlamaIndexEmbedder

    return LlamaIndexEmbedder(embedding)


def _notes(recalled: Sequence[Recalled], pages: PageStore | None) -> list[Evidence]:
    if not recalled or pages is None:
        return []
    from octavo.rag.concepts.evidence import concept_evidence

    return [concept_evidence(one, pages) for one in recalled]


def _as_events(answer: Answer) -> Iterator[Event]:
    yield Retrieved(answer.evidence, answer.candidates)
    if not answer.abstained:
        yield Delta(answer.text)
    yield Finished(answer)


def _unread(given: Sequence[Evidence]) -> str:
    """Returns that nothing can be read in the places that were pointed at; empty where something can."""
    if any(e.text for e in given):
        return ""
    places = ", ".join(dict.fromkeys(f"{e.name}, page {e.page_number}" for e in given))
    return f"Nothing can be read in the place that was pointed at ({places})."


def _nothing(candidates: Sequence[Evidence], threshold: float) -> str:
    if not candidates:
        return "The library holds nothing that could be searched for this question."
    best = candidates[0]
    return (
        f"Nothing found that answers this. Looked at {len(candidates)} passages; the nearest, "
        f"{best.name}, page {best.page + 1}, has relevancy {best.score:.2f}, under the threshold of {threshold:.2f}."
    )
