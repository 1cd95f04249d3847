"""The rights of a collection's members in the chat over it."""

from __future__ import annotations

from collections.abc import Sequence

from octavo.apps.service.collections import Collections
from octavo.apps.service.rights import Role


class MemberRights:
    """The rights that roles in a collection give, as they are at the time; without users all may do everything."""

    def __init__(self, collections: Collections, name: str) -> None:
        self._collections, self._name = collections, name

    def owners(self) -> Sequence[str]:
        """Returns the names of the owners."""
        return [user for user, role in self._collections.members(self._name).items() if role is Role.OWNER]

    def is_owner(self, user: str) -> bool:
        """Returns true for an owner."""
        return self._allows(user, Role.OWNER)

    def can_edit(self, user: str) -> bool:
        """Returns true for an editor or an owner."""
        return self._allows(user, Role.EDITOR)

    def _allows(self, user: str, needed: Role) -> bool:
        role = self._collections.members(self._name).get(user)
        return not user or (role is not None and role.allows(needed))
