"""Users and keys."""

from __future__ import annotations

from pydantic import BaseModel, Field

from octavo.apps.service.rights import Role
from octavo.apps.service.store.users import Key, User


class UserIn(BaseModel):
    """A user to be made."""

    name: str
    password: str
    is_admin: bool = False


class UserOut(BaseModel):
    """A user."""

    name: str
    is_admin: bool
    created_at: str

    @classmethod
    def of(cls, user: User) -> UserOut:
        return cls(name=user.name, is_admin=user.is_admin, created_at=user.created_at)


class KeyIn(BaseModel):
    """An API key to be made: valid for `days`, or without end; `role` is the most that it allows."""

    name: str = Field("", max_length=100)
    role: Role = Role.OWNER
    days: float | None = Field(None, gt=0, le=36_500)


class KeyOut(BaseModel):
    """An API key; its `secret` is shown once, when it is made."""

    id: str
    name: str
    role: Role
    created_at: str
    expires_at: str
    revoked_at: str
    secret: str = ""

    @classmethod
    def of(cls, key: Key, secret: str = "") -> KeyOut:
        return cls(
            id=key.id,
            name=key.name,
            role=key.role,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            secret=secret,
        )
