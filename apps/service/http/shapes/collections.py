"""Collections and their members."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from octavo.apps.service.http.shapes.common import Shape, example
from octavo.apps.service.rights import Role


class CollectionOut(Shape):
    """A collection; `role` is the caller's own."""

    name: str
    title: str
    role: Role
    created_at: str
    metadata: dict[str, Any]


class CollectionIn(BaseModel):
    """A collection to be made."""

    model_config = example({"name": "reports", "title": "Annual reports"})

    name: str
    title: str = ""
    metadata: dict[str, Any] = Field(default_factory=dict)


class MemberIn(BaseModel):
    """The role that a member gets."""

    model_config = example({"role": "reader"})

    role: Role
