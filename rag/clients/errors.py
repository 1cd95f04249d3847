"""The error of a model server, apart from what connects to one."""

from __future__ import annotations

import re

from octavo.ingest import OctavoError

BUSY = {408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529}
"""Statuses of a server after which the same request may succeed."""
_TOO_LONG = re.compile(r"context|too (?:long|large|many)|max_model_len|maximum (?:model )?length|exceed", re.I)


class EndpointError(OctavoError):
    """A model server did not do what it was asked; the text names the endpoint and the setting.

    `status` is the HTTP status where it answered, else 0; `reply` is its text. `again` says that the same request
    may succeed when it is sent again, after `wait` seconds where the server tells; `tries` is how often it was sent.
    """

    def __init__(
        self, text: str, status: int = 0, reply: str = "", *, again: bool | None = None, wait: float = 0.0
    ) -> None:
        super().__init__(text)
        self.status, self.reply, self.wait = status, reply, wait
        self.again = status in BUSY if again is None else again
        self.tries = 1

    @property
    def too_long(self) -> bool:
        """Returns true if the server says that a request has more tokens than fit into the model's context."""
        return is_too_long(self.status, self.reply)


class ServerSetupError(EndpointError):
    """A model server was started without what this use of its model needs."""

    code = "server-setup"


def is_too_long(status: int, text: str) -> bool:
    """Returns true if an answer with this status says that the request has too many tokens."""
    return status >= 400 and status not in (401, 403, 404, 429) and bool(_TOO_LONG.search(text))
