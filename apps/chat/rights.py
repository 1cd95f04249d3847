"""Rights of a chat's users on the documents and settings that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from octavo.apps.chat.options import ChatOptions

Record = Callable[[str, str, str], object]
"""Writes down who changed what: the user, the action (`document.remove`), and what it was done to."""


class Rights(Protocol):
    """The rights of users by their names; the name is empty where there are no users."""

    def owners(self) -> Sequence[str]:
        """Returns the names of those who may change the settings and everyone's documents."""
        ...

    def is_owner(self, user: str) -> bool:
        """Returns true where a user may change the settings and everyone's documents."""
        ...

    def can_edit(self, user: str) -> bool:
        """Returns true where a user may add documents, and change their own."""
        ...


class FirstUserOwns:
    """The rights of a chat without a service: the first user owns it, or whoever sits at this machine; all may edit."""

    def __init__(self, options: ChatOptions) -> None:
        self._owner = next(iter(options.users), "")

    def owners(self) -> Sequence[str]:
        return (self._owner,) if self._owner else ()

    def is_owner(self, user: str) -> bool:
        return user == self._owner

    def can_edit(self, user: str) -> bool:
        return True
