"""The documents that all users share: adding, replacing, removing and restoring them, and who may."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Container, Sequence
from pathlib import Path

from octavo.apps.chat.host import Host
from octavo.apps.chat.jobs import IngestQueue
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.rights import Rights
from octavo.apps.chat.store.set_aside import REMOVED, WAITING, LibraryFileRecords, SetAside
from octavo.apps.chat.tags import join_tags, parse_tags, tags_of
from octavo.apps.chat.uploads import NO_SHARED_FOLDER, Uploads
from octavo.apps.samples import copy_sample
from octavo.ingest import LibraryError, OctavoError
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.metadata import Metadata
from octavo.rag import Pipeline

logger = logging.getLogger(__name__)

SAMPLE = "report.pdf"
"""The sample document that one click adds."""


class SharedDocuments:
    """Documents of a library, with the files they came from.

    All who may edit add documents; everybody asks all of them. Who uploaded a document removes and replaces it, and so
    does an owner; what was removed stays in the bin for `bin_days`, from where it is restored as it was read.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        uploads: Uploads,
        records: LibraryFileRecords,
        jobs: IngestQueue,
        options: ChatOptions,
        rights: Rights,
        host: Host,
    ) -> None:
        self._pipeline, self._uploads, self._records, self._jobs = pipeline, uploads, records, jobs
        self.options, self._rights, self._record, self._quotas = options, rights, host.record, host.quotas
        self._empty_bin()

    def take_up(self, queued: Container[str]) -> None:
        """Queues uploaded files that became no document yet, but those that another queue has."""
        documents = {path for info in self._pipeline.documents() for path in info.paths}
        self._jobs.add(path for path in self._uploads.leftovers(documents) if str(path) not in queued)

    # adding

    def upload(self, user: str, files: Sequence[Path], collection: str) -> list[str]:
        """Queues uploaded files; returns one sentence for each that is refused.

        Raises `OctavoError` for a user who may not edit, and where other machines could not see the files. A file whose
        name another document has in the collection is put aside until its user chooses (`choose`).
        """
        self._check_editor(user)
        if self._pipeline.settings.documents_uri and self.options.files is None:
            raise OctavoError(NO_SHARED_FOLDER, setting="files")
        accepted, refused = [], []
        for file in files:
            try:
                path = self._take(user, file, collection)
            except OctavoError as error:
                refused.append(str(error))
                continue
            if path:
                accepted.append(path)
                self._record(user, "document.add", path.name)
        self._jobs.add(accepted)
        self._jobs.changed()
        return refused

    def _take(self, user: str, file: Path, collection: str) -> Path | None:
        name = self._uploads.check(file, self.options.upload_bytes)
        with self._records.exclusive():
            self._check_quota(user, name, file.stat().st_size)
            target = self._uploads.place(name, collection)
            if not target.exists():
                self._place(user, file, target)
                return target
            if self._uploads.same(file, target):
                file.unlink()
                raise OctavoError(f"{name} is in {target.parent.name} already.")
            record = self._records.put(WAITING, "", name, target.parent.name, user)
            self._uploads.move(file, self._uploads.aside(record.id, name))
        return None

    def _check_quota(self, user: str, name: str, size: int) -> None:
        """Raises `OctavoError` where a user's uploads, those in the bin too, would take more than they may."""
        own = [self._uploads.path_of(key) for key, owner in self._records.owners().items() if owner == user]
        own += [self._uploads.aside(one.id, one.name) for one in self._records.all() if one.owner == user]
        used = sum(path.stat().st_size for path in own if path.is_file())
        if used + size > self.options.user_bytes:
            raise OctavoError(
                f"{name} does not fit: your files take {used / 1e6:.1f} of {self.options.user_bytes / 1e6:.1f} MB. "
                "Remove some, from the bin too."
            )
        self._quotas.check_file(user, name, size)

    def choose(self, user: str, identity: str, *, replace: bool) -> None:
        """Takes a file whose name is taken: in the place of the document that has it, or beside that by another name.

        Raises `OctavoError` where the file is gone, or the user may not replace the document.
        """
        with self._records.exclusive():
            record = self._put_aside(user, identity, WAITING)
            target = self._uploads.place(record.name, record.collection)
            if replace and target.exists():
                self._check(user, self._uploads.key(target), "replace")
                replaced = self._pipeline.library.at(target)
                if replaced is not None:
                    self._keep_read(self._pipeline.library.info(replaced))
                self._to_bin(target)
            target = self._uploads.free(target)
            self._restore_file(record, target)
        self._record(user, "document.add", target.name)
        self._jobs.add([target])

    def discard(self, user: str, identity: str) -> None:
        """Drops an uploaded file whose name is taken."""
        with self._records.exclusive():
            record = self._put_aside(user, identity, WAITING)
            self._uploads.aside(record.id, record.name).unlink(missing_ok=True)
            self._records.forget(record.id)
        self._jobs.changed()

    # removing

    def remove(self, user: str, document: str) -> DocumentInfo:
        """Removes a document; its file goes to the bin. Raises `OctavoError` for one that is gone or another user's."""
        info = self._pipeline.library.info(document)
        paths = [Path(path) for path in info.paths]
        for path in paths:
            self._check(user, self._uploads.key(path), "remove")
        with self._records.exclusive():
            self._keep_read(info)
            self._pipeline.remove(info.id)
            for path in paths:
                if path.is_file():
                    self._to_bin(path, info.metadata)
            self._empty_bin()
        self._record(user, "document.remove", info.name)
        self._jobs.changed()
        return info

    def _keep_read(self, info: DocumentInfo) -> None:
        """Keeps what was read of a document as long as the bin keeps its file; a full disk keeps no removal back."""
        library = self._pipeline.library
        try:
            library.removed.keep(library.document(info.id), self.options.bin_days)
        except LibraryError as error:
            logger.warning("%s is read again where its removal is undone: %s", info.name, error)

    def restore(self, user: str, identity: str) -> None:
        """Takes a removed document out of the bin and queues it; raises `OctavoError` where it is gone."""
        with self._records.exclusive():
            record = self._put_aside(user, identity, REMOVED)
            if record.path:
                target = Path(record.path)
                self._records.forget(record.id)
            else:
                target = self._uploads.free(self._uploads.place(record.name, record.collection))
                self._restore_file(record, target)
        self._record(user, "document.add", target.name)
        self._jobs.restore(target, record.metadata)

    def cancel(self, user: str, job: str) -> None:
        """Takes a file off the queue, also while it is read; an uploaded one that is no document yet goes to the bin.

        Raises `OctavoError` where the file is another user's or over.
        """
        for one in self._jobs.all():
            if one.key == job and not one.over:
                self._check(user, self._uploads.key(one.path), "cancel")
        path = self._jobs.cancel(job)
        if path is None:
            raise OctavoError("This file is not being read any more.")
        if self._uploads.holds(path) and path.is_file() and self._pipeline.library.at(path) is None:
            with self._records.exclusive():
                self._to_bin(path)

    def set_tags(self, user: str, document: str, tags: Sequence[str]) -> None:
        """Gives a document these tags; raises `OctavoError` for one that is gone or another user's."""
        info = self._pipeline.library.info(document)
        for path in info.paths:
            self._check(user, self._uploads.key(Path(path)), "tag")
        others = {name: value for name, value in info.metadata.items() if name != "tags"}
        self._pipeline.set_metadata(info.id, others | ({"tags": list(tags)} if tags else {}))
        self._jobs.changed()

    def add_tags(self, user: str, documents: Sequence[str], tags: Sequence[str]) -> None:
        """Adds tags to documents; raises `OctavoError` at the first that is gone, another user's, or has too many."""
        for document in documents:
            both = [*tags_of(self._pipeline.library.info(document)), *tags]
            self.set_tags(user, document, parse_tags(join_tags(both)))

    def read_again(self, user: str, document: str) -> None:
        """Queues a document's file; raises `OctavoError` when the file is gone, and for a user who may not edit."""
        self._check_editor(user)
        info = self._pipeline.library.info(document)
        there = [Path(path) for path in info.paths if Path(path).is_file()]
        if not there:
            name = Path(info.paths[0]).name
            raise OctavoError(f"The file of {info.name} is not at {name} any more: upload it again.")
        self._record(user, "document.read", info.name)
        self._jobs.add(there[:1], force=True)

    def unlock(self, user: str, job: str, password: str) -> None:
        """Reads an encrypted file again with its password; raises `OctavoError` where it is gone or another user's."""
        for one in self._jobs.all():
            if one.key == job and one.needs_password:
                self._check(user, self._uploads.key(one.path), "open")
                self._jobs.add([one.path], password=password)
                return
        raise OctavoError("This file is not waiting for a password any more.")

    def add_sample(self, user: str) -> None:
        """Adds the sample document, an invented annual report; raises `OctavoError` where it is there already."""
        with tempfile.TemporaryDirectory() as folder:
            for refusal in self.upload(user, [copy_sample(SAMPLE, Path(folder))], "Samples"):
                raise OctavoError(refusal)

    def dismiss(self, user: str, job: str) -> None:
        """Takes a job that is over off the list; the uploaded file of a failed one goes to the bin."""
        for one in self._jobs.all():
            if one.key == job and one.stage == "failed":
                self._check(user, self._uploads.key(one.path), "remove")
        with self._records.exclusive():
            for path in self._jobs.forget(job):
                if self._uploads.holds(path) and path.is_file():
                    self._to_bin(path)

    # who may, and what lies aside

    def aside(self, user: str) -> list[SetAside]:
        """Returns the files that the user may decide about: uploads whose name is taken, and what is in the bin."""
        return [one for one in self._records.all() if self._may(user, one.owner) and self._exists(one)]

    def guarded(self, user: str) -> dict[str, str]:
        """Returns documents that the user may not remove, by id, with who may."""
        if self._rights.is_owner(user):
            return {}
        owners, guarded = self._records.owners(), {}
        for info in self._pipeline.documents():
            keys = [self._uploads.key(Path(path)) for path in info.paths]
            if not all(self._may(user, owners.get(key)) for key in keys):
                guarded[info.id] = self._who(*(owners.get(key) for key in keys))
        return guarded

    def _check(self, user: str, key: str, what: str) -> None:
        owner = self._records.owner(key)
        if not self._may(user, owner):
            raise OctavoError(f"Only {self._who(owner)} can {what} {Path(key).name}.")

    def _check_editor(self, user: str) -> None:
        if not self._rights.can_edit(user):
            raise OctavoError("You may ask and read here, not add documents: an owner can make you an editor.")

    def _may(self, user: str, owner: str | None) -> bool:
        return self._rights.is_owner(user) or (user == owner and self._rights.can_edit(user))

    def _who(self, *owners: str | None) -> str:
        return " or ".join(dict.fromkeys(filter(None, (*owners, *self._rights.owners()))))

    def _put_aside(self, user: str, identity: str, reason: str) -> SetAside:
        for one in self.aside(user):
            if (one.id, one.reason) == (identity, reason):
                return one
        raise OctavoError("This file is not there any more: upload it again.")

    def _exists(self, record: SetAside) -> bool:
        return (Path(record.path) if record.path else self._uploads.aside(record.id, record.name)).is_file()

    def _to_bin(self, path: Path, metadata: Metadata | None = None) -> None:
        key = self._uploads.key(path)
        owner = self._records.owner(key) or next(iter(self._rights.owners()), "")
        if self._uploads.holds(path):
            record = self._records.put(REMOVED, "", path.name, path.parent.name, owner, metadata)
            self._uploads.move(path, self._uploads.aside(record.id, path.name))
        else:
            self._records.put(REMOVED, str(path), path.name, path.parent.name, owner, metadata)

    def _restore_file(self, record: SetAside, target: Path) -> None:
        self._place(record.owner, self._uploads.aside(record.id, record.name), target)
        self._records.forget(record.id)

    def _place(self, owner: str, file: Path, target: Path) -> None:
        size = file.stat().st_size
        self._records.set_owner(self._uploads.key(target), owner)
        self._uploads.move(file, target)
        self._quotas.note_upload(owner, target, size)

    def _empty_bin(self) -> None:
        for record in self._records.older(self.options.bin_days):
            if not record.path:
                self._uploads.aside(record.id, record.name).unlink(missing_ok=True)
            self._records.forget(record.id)
