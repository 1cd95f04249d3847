"""The methods of a pipeline that read files and care for the documents of its library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.library import Library
from octavo.ingest.store.metadata import Metadata
from octavo.rag.documents import StoredDocument
from octavo.rag.embedding.projected import ProjectedEmbedder
from octavo.rag.index import Index
from octavo.rag.models import Models
from octavo.rag.settings import Settings

if TYPE_CHECKING:
    from octavo.ingest.options import EngineOptions
    from octavo.ingest.reading import Progress
    from octavo.ingest.remote import File
    from octavo.rag.consistency import Contradiction
    from octavo.rag.ingestion import Ingested


class DocumentMethods:
    """Gives a pipeline its methods for documents."""

    library: Library
    index: Index
    settings: Settings
    models: Models
    _embedding_is_set: bool
    """True where the settings name the embedding, so that reading processes can make it themselves."""

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
            Called with each step of a file, and each second with the last one; what it raises ends the ingest.
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
        results = self.ingest_each(
            files, password=password, force=force, metadata=metadata, progress=progress, engine=engine
        )
        return [*results, *left_out(paths)]

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
        model = self.models.chat_model(self.settings)
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
