"""Addresses of model servers, which those who ask are not told: the log has them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from octavo.ingest import OctavoError
from octavo.rag import Event, Finished
from octavo.rag.clients.errors import EndpointError

logger = logging.getLogger(__name__)


@contextmanager
def hidden_addresses(refuse: Callable[[str], OctavoError] = OctavoError) -> Iterator[None]:
    """Logs an error that names a model server, and raises in its place what `refuse` makes of a sentence."""
    try:
        yield
    except EndpointError as error:
        logger.warning("A model server could not be asked: %s", error)
        raise refuse("A model server cannot be asked now; the service's log says why.") from error


def hide_address(text: str, url: str) -> str:
    """Returns a text that does not name the model server at `url`.

    >>> hide_address("http://10.0.0.5/v1 does not answer.", "http://10.0.0.5/v1")
    "the model's server does not answer."
    """
    return text.replace(url, "the model's server") if url else text


def without_address(event: Event, url: str) -> Event:
    """Returns an event whose problems do not name the model server at `url`."""
    if not (url and isinstance(event, Finished) and event.answer.problems):
        return event
    problems = tuple(hide_address(problem, url) for problem in event.answer.problems)
    return Finished(replace(event.answer, problems=problems))
