"""Errors of the service, each with the HTTP status that it becomes."""

from __future__ import annotations

from typing import ClassVar

from octavo.ingest import OctavoError


class ServiceError(OctavoError):
    """A request that cannot be served; its text is one sentence for whoever made it."""

    code: ClassVar[str] = "invalid-request"
    status: ClassVar[int] = 400


class UnauthorizedError(ServiceError):
    """No valid key or password."""

    code = "unauthorized"
    status = 401


class ForbiddenError(ServiceError):
    """A known caller who may not do this."""

    code = "forbidden"
    status = 403


class NotFoundError(ServiceError):
    """Something that is not there, or that the caller may not see: both read alike."""

    code = "not-found"
    status = 404


class ConflictError(ServiceError):
    """A name that is taken, or a state that does not allow this."""

    code = "conflict"
    status = 409


class TooLargeError(ServiceError):
    """More bytes, letters or pixels than a request may have."""

    code = "too-large"
    status = 413


class TooSlowError(ServiceError):
    """A request that paused too long while it was sent."""

    code = "too-slow"
    status = 408


class ModelServerError(ServiceError):
    """A model server that cannot be asked; users are not told its address."""

    code = "model-server"
    status = 502


class GoneError(ServiceError):
    """A caller who went away before the turn of their question came; nobody reads this."""

    code = "gone"
    status = 499


class TooManyError(ServiceError):
    """More requests than a caller may make; `seconds` until the next one may come."""

    code = "too-many-requests"
    status = 429

    def __init__(self, text: str, seconds: int) -> None:
        super().__init__(text)
        self.seconds = seconds
