"""Collections and their members."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from octavo.apps.service.collections import Collection
from octavo.apps.service.rights import Role


class CollectionOut(BaseModel):
    """A collection; `role` is the caller's own."""

    name: str
    title: str
    role: Role
    created_at: str
    metadata: dict[str, Any]

    @classmethod
    def of(cls, found: Collection) -> CollectionOut:
        return cls(
            name=found.name,
            title=found.title,
            role=found.role,
            created_at=found.created_at,
            metadata=dict(found.metadata),
        )


class CollectionIn(BaseModel):
    """A collection to be made."""

    name: str
    title: str = ""
    metadata: dict[str, Any] = Field(default_factory=dict)


class MemberIn(BaseModel):
    """The role that a member gets."""

    role: Role
