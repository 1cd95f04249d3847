"""Differences of a collection from a folder of this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from octavo.client.uploads import Upload
from octavo.ingest import ReadOptions
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.metadata import Metadata
from octavo.rag.ingestion import Ingested
from octavo.rag.sync import files_of, plan

SYNCED_FROM = "synced_from"
"""The key of the metadata that says which file a document comes from."""


class SyncedFolder:
    """A folder and the `documents` of a collection; raises `ReadError` for one that is not there."""

    def __init__(self, folder: str | Path, documents: Sequence[DocumentInfo]) -> None:
        self.root, self._files = files_of(folder)
        whole = hashlib.sha256(str(self.root).encode()).hexdigest()
        self._name = f"{self.root.name}-{whole[:8]}"  # which folder it is, without its path
        self._documents = [replace(info, paths=self._paths(info)) for info in documents]
        self._names = {path: info.name for info in self._documents for path in info.paths}

    def plan(self) -> list[Ingested]:
        """Returns what is to be done, as `Pipeline.sync` does in a dry run."""
        return list(plan(self._documents, self.root, self._files, ReadOptions()))

    def upload(self, step: Ingested, metadata: Metadata) -> Upload:
        """Returns the upload of a file that is new or has changed; one that has changed takes the place of the old."""
        file = Path(str(step.path))
        name = self._names.get(str(file), file.name)
        return Upload(file, name, self.metadata(step, metadata), replace=step.status == "replaced")

    def metadata(self, step: Ingested, metadata: Metadata) -> Metadata:
        """Returns metadata with where the file of a step lies."""
        return {**metadata, SYNCED_FROM: f"{self._name}/{Path(str(step.path)).relative_to(self.root).as_posix()}"}

    def _paths(self, info: DocumentInfo) -> tuple[str, ...]:
        """Returns where the file of a document lies on this machine; nothing for one that comes from elsewhere."""
        name, _, place = str(info.metadata.get(SYNCED_FROM, "")).partition("/")
        return (str(self.root / place),) if name == self._name else ()
