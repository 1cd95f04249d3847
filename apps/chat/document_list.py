"""The documents as HTML: collections, thumbnails, page counts, which are asked; apart from it what is being read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup

from octavo.apps.chat.embedder import EMBEDDING, Renewal
from octavo.apps.chat.jobs import IngestJob
from octavo.apps.chat.markup import render
from octavo.apps.chat.store.set_aside import REMOVED, WAITING, SetAside
from octavo.apps.chat.tags import count_tags, join_tags, search_documents, tag_word, tags_of
from octavo.apps.chat.uploads import collection
from octavo.ingest.store.documents import DocumentInfo

MAX_LISTED = 200
"""Documents that the list shows at most; a search finds the others."""
UNDONE = timedelta(minutes=1)
"""How long the list offers to undo a removal; afterwards it is in the bin."""


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of the list; `guarded` names who may remove it, where the user may not."""

    info: DocumentInfo
    is_asked: bool
    guarded: str

    @property
    def tags(self) -> list[tuple[str, str]]:
        """The document's tags, each with the word that finds it."""
        return [(tag, tag_word(tag)) for tag in tags_of(self.info)]

    @property
    def tag_text(self) -> str:
        """The document's tags as a text to edit."""
        return join_tags(tags_of(self.info))

    @property
    def has_file(self) -> bool:
        """Returns whether the file that it was read from is there, so that it can be restored."""
        return any(Path(path).is_file() for path in self.info.paths)


def shown_jobs(jobs: Sequence[IngestJob]) -> list[IngestJob]:
    """Returns the jobs that are listed: all but those that added a document and have nothing more to tell."""
    return [job for job in jobs if not (job.stage == "done" and job.note == "done")]


def queue_list(
    jobs: Sequence[IngestJob], renewal: Renewal | None = None, *, aside: Sequence[SetAside] = (), can_edit: bool = True
) -> Markup:
    """Returns what is being read and embedded, what failed, and the files of `aside` whose names are taken.

    Only a user who `can_edit` gets the buttons that cancel, unlock and dismiss.
    """
    return render(
        "queue.html",
        jobs=shown_jobs(jobs),
        renewal=renewal,
        renewal_key=EMBEDDING,
        waiting=[one for one in aside if one.reason == WAITING],
        can_edit=can_edit,
    )


def document_list(
    infos: Sequence[DocumentInfo],
    scope: tuple[str, ...] | None,
    search: str = "",
    *,
    aside: Sequence[SetAside] = (),
    guarded: Mapping[str, str] = MappingProxyType({}),
    is_reading: bool = False,
    can_edit: bool = True,
) -> Markup:
    """Returns the list: the documents by collection that `search` finds, then the bin.

    `scope` are the ids that are asked, None all; `aside` the files that the user may choose about; `guarded` the
    documents that only others may remove, with their names. `is_reading` tells that more documents are on their way.
    Only a user who `can_edit` gets the buttons that tag, remove and read again.
    """
    collections = []
    matches = sorted(search_documents(infos, search), key=lambda info: (collection(info).lower(), info.name.lower()))
    for name, group in groupby(matches[:MAX_LISTED], collection):
        documents = [
            ListedDocument(info, scope is None or info.id in scope, guarded.get(info.id, "")) for info in group
        ]
        count = sum(one.is_asked for one in documents)
        collections.append((name, documents, "true" if count == len(documents) else "mixed" if count else "false"))
    words = search.casefold().split()
    since = (datetime.now(UTC) - UNDONE).isoformat(timespec="seconds")
    return render(
        "documents.html",
        collections=collections,
        search=search,
        unlisted=max(0, len(matches) - MAX_LISTED),
        tags=[(tag, tag_word(tag), count, tag_word(tag) in words) for tag, count in count_tags(infos)],
        ticked=[one for one in infos if scope is not None and one.id in scope],
        just_removed=[one for one in aside if one.reason == REMOVED and one.at >= since],
        is_empty=not (is_reading or any(one.reason == WAITING for one in aside)),
        removed=[one for one in aside if one.reason == REMOVED],
        can_edit=can_edit,
    )
