"""Files on their way."""

from __future__ import annotations

from octavo.apps.service.http.shapes.common import Shape


class JobOut(Shape):
    """A file on its way into a collection."""

    id: str
    collection: str
    name: str
    state: str
    stage: str
    page: int
    pages: int
    reason: str
    document: str
    attempts: int
    created_at: str
    changed_at: str
