"""Users and keys."""

from __future__ import annotations

from pydantic import BaseModel, Field

from octavo.apps.service.http.shapes.common import Shape, example
from octavo.apps.service.rights import Role


class UserIn(BaseModel):
    """A user to be made."""

    model_config = example({"name": "ann", "password": "a long password"})

    name: str
    password: str
    is_admin: bool = False


class UserOut(Shape):
    """A user."""

    name: str
    is_admin: bool
    created_at: str


class KeyIn(BaseModel):
    """An API key to be made: valid for `days`, or without end; `role` is the most that it allows."""

    model_config = example({"name": "laptop", "role": "reader", "days": 30})

    name: str = Field("", max_length=100)
    role: Role = Role.OWNER
    days: float | None = Field(None, gt=0, le=36_500)


class KeyOut(Shape):
    """An API key; its `secret` is shown once, when it is made."""

    id: str
    name: str
    role: Role
    created_at: str
    expires_at: str
    revoked_at: str
    secret: str = ""
