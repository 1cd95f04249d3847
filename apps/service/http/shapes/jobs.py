"""Files on their way."""

from __future__ import annotations

from pydantic import BaseModel

from octavo.apps.service.store.jobs import Job


class JobOut(BaseModel):
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

    @classmethod
    def of(cls, job: Job) -> JobOut:
        return cls(**{name: getattr(job, name) for name in cls.model_fields})
