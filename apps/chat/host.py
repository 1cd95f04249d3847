"""What a chat shares with the service that it is part of."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from octavo.apps.chat.rights import Record, Rights
from octavo.apps.feedback import FeedbackRecords
from octavo.apps.turns import SearchPlaces, Turns


class UploadQuotas(Protocol):
    """The quotas of users' files, wherever they were uploaded; each method may raise `OctavoError`."""

    def check_file(self, user: str, name: str, size: int) -> None:
        """Raises `OctavoError` where a file of so many bytes, or any further page, would be too much."""

    def note_upload(self, user: str, path: Path, size: int) -> None:
        """Notes whose upload the file at `path` is, and its size in bytes."""

    def count_pages(self, path: Path, pages: int) -> None:
        """Notes the pages of an uploaded file that was read; raises `OctavoError` where they are too many."""


class NoQuotas:
    """No quotas but those of the chat's own options."""

    def check_file(self, user: str, name: str, size: int) -> None:
        """Allows each file."""

    def note_upload(self, user: str, path: Path, size: int) -> None:
        """Notes nothing."""

    def count_pages(self, path: Path, pages: int) -> None:
        """Allows all pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The parts of a service that a chat uses; a chat alone has its own in their place.

    `feedback` keeps verdicts on answers, else they are kept with the conversations. `rights` decides who may change
    what, else the first user of the options owns the chat. In `turns` questions wait where others wait too, and in
    `places` their searches. What users change is told to `record`. `quotas` bound what they upload, beside the options.
    `queued` returns the paths of uploaded files that
    the service's own queue reads, or has given up.
    """

    feedback: FeedbackRecords | None = None
    rights: Rights | None = None
    turns: Turns | None = None
    places: SearchPlaces = field(default_factory=SearchPlaces)
    record: Record = lambda user, action, subject: None
    quotas: UploadQuotas = field(default_factory=NoQuotas)
    queued: Callable[[], Container[str]] = frozenset[str]
