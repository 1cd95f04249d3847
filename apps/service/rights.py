"""Callers and roles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A role in a collection: readers ask, editors also add and remove documents, owners also give roles.

    >>> Role.EDITOR.allows(Role.READER), Role.READER.allows(Role.EDITOR)
    (True, False)
    """

    READER = "reader"
    EDITOR = "editor"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def allows(self, needed: Role) -> bool:
        """Returns true where this role includes `needed`."""
        return self.rank >= needed.rank


@dataclass(frozen=True, slots=True)
class Caller:
    """The user who makes a request.

    `limit` is the highest role that their API key allows, `expires` says whether it is valid for a time only.

    Without users the one person at this machine is `LOCAL`, who may do everything.
    """

    user: str
    is_admin: bool = False
    limit: Role = Role.OWNER
    expires: bool = False

    @property
    def is_local(self) -> bool:
        return not self.user

    @property
    def is_bounded(self) -> bool:
        """True for a key that is bounded by a role or a time: it makes and ends no keys, lest one outlive it."""
        return self.limit is not Role.OWNER or self.expires


LOCAL = Caller("", is_admin=True)
