"""What a chat shares with the service that it is part of."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field

from octavo.apps.chat.rights import Record, Rights
from octavo.apps.feedback import FeedbackRecords
from octavo.apps.turns import SearchPlaces, Turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The parts of a service that a chat uses; a chat alone has its own in their place.

    `feedback` keeps verdicts on answers, else they are kept with the conversations. `rights` decides who may change
    what, else the first user of the options owns the chat. In `turns` questions wait where others wait too, and in
    `places` their searches. What users change is told to `record`. `queued` returns the paths of uploaded files that
    the service's own queue reads, or has given up.
    """

    feedback: FeedbackRecords | None = None
    rights: Rights | None = None
    turns: Turns | None = None
    places: SearchPlaces = field(default_factory=SearchPlaces)
    record: Record = lambda user, action, subject: None
    queued: Callable[[], Container[str]] = frozenset[str]
