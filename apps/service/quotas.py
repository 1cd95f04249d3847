"""Quotas of users: bytes of files, pages of documents, requests in a minute, tokens of models in a day."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from octavo.apps.service.errors import TooLargeError, TooManyError
from octavo.apps.service.options import ServiceOptions
from octavo.apps.service.store.files import UserFileRecords
from octavo.apps.service.store.usage import MINUTE, UsageRecords
from octavo.ingest.store.rows import RowStore


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota of a user: `used` of `limit`; a limit of 0 means that there is none."""

    name: str
    used: int
    limit: int


class Quotas:
    """The quotas of all users. Each method raises a `ServiceError` where a bound is reached.

    `clock` returns the seconds since 1970, the same for all processes of a service.
    """

    def __init__(self, database: RowStore, options: ServiceOptions, clock: Callable[[], float] = time.time) -> None:
        self._files, self._usage, self._options = UserFileRecords(database), UsageRecords(database), options
        self._clock = clock

    def of(self, user: str) -> list[Quota]:
        """Returns the quotas of a user: `bytes`, `pages`, `requests_per_minute` and `tokens_per_day` (UTC).

        Requests are counted where they have a limit.
        """
        options = self._options
        return [
            Quota("bytes", self._bytes(user), options.user_bytes),
            Quota("pages", self._pages(user), options.user_pages),
            Quota("requests_per_minute", self._usage.requests(user, self._clock()), options.requests_per_minute),
            Quota("tokens_per_day", self._usage.tokens(user), options.tokens_per_day),
        ]

    def count_request(self, user: str) -> None:
        """Counts a request; raises `TooManyError` after too many within a minute."""
        limit = self._options.requests_per_minute
        if limit and (first := self._usage.count_request(user, self._clock(), limit)) is not None:
            seconds = max(1, round(MINUTE - (self._clock() - first)))
            raise TooManyError(f"More than {limit} requests in a minute: wait {seconds} seconds.", seconds)

    def check_file(self, user: str, name: str, size: int) -> None:
        """Raises `TooLargeError` where a file of so many bytes, or any further page, would be too much."""
        used, limit = self._bytes(user), self._options.user_bytes
        if used + size > limit:
            raise TooLargeError(f"{name} does not fit: your files take {used / 1e6:.1f} of {limit / 1e6:.1f} MB.")
        pages, limit = self._pages(user), self._options.user_pages
        if limit and pages >= limit:
            raise TooLargeError(f"{name} does not fit: your documents have {pages} of {limit} pages.")

    def note_upload(self, user: str, path: Path, size: int) -> None:
        """Notes whose upload the file at `path` is, and its size in bytes."""
        self._files.note_upload(user, path, size)

    def count_pages(self, path: Path, pages: int) -> None:
        """Notes the pages of an uploaded file that was read, with who uploaded it.

        Raises `TooLargeError` where they are too many, unless they were counted before: one that is read again stays.
        """
        upload = self._usage.upload(path)
        if upload is None:
            return
        others, limit = self._pages(upload.user, without=path), self._options.user_pages
        if limit and not upload.pages and others + pages > limit:
            raise TooLargeError(  # all who see the job read it, and not how much its uploader has elsewhere
                f"Its {pages} pages do not fit: who uploaded it may have {limit} pages in all collections."
            )
        self._usage.set_pages(path, pages)

    def check_tokens(self, user: str) -> None:
        """Raises `TooManyError` where a user has no tokens left today."""
        limit = self._options.tokens_per_day
        if limit and self._usage.tokens(user) >= limit:
            seconds = 86_400 - int(time.time()) % 86_400
            raise TooManyError(f"You used your {limit} tokens of today (UTC): ask again tomorrow.", seconds)

    def count_tokens(self, user: str, tokens: int) -> None:
        """Counts tokens that a model read and wrote for a user."""
        if tokens:
            self._usage.add_tokens(user, tokens)

    def _bytes(self, user: str) -> int:
        return sum(size for path, size in self._files.sizes(user).items() if path.is_file())

    def _pages(self, user: str, without: Path | None = None) -> int:
        return sum(
            pages
            for path, pages in self._usage.pages(user).items()
            if pages and path != str(without) and Path(path).is_file()
        )
