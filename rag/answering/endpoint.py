"""The endpoint of a model: what it serves, a client that cannot hang, and its errors in one sentence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import openai
from llama_index.core.llms import LLM
from llama_index.llms.openai_like import OpenAILike

from octavo.rag.answering.base import AnswerError
from octavo.rag.clients.http import CONNECT_TIMEOUT, Endpoint, EndpointError, SettingNames, certificates, message
from octavo.rag.settings import Settings

LONGEST = 5
"""The longest time for an answer, as a multiple of the seconds that the model may be silent."""
DEFAULT_CONTEXT = 8_192
"""Assumed where the server does not tell."""
NAMED = SettingNames(
    "--llm-url or OCTAVO_LLM_URL", "OCTAVO_LLM_KEY", "--llm-model or OCTAVO_LLM_MODEL", "OCTAVO_LLM_TIMEOUT"
)


def endpoint(settings: Settings, named: SettingNames = NAMED) -> Endpoint:
    """The endpoint that the settings name; its errors are `AnswerError`s, which call the settings as `named` does."""
    return Endpoint(settings.llm_url, named, key=settings.llm_key, timeout=settings.llm_timeout, error=AnswerError)


def served(settings: Settings, named: SettingNames = NAMED) -> dict[str, int]:
    """The models of the endpoint with their context in tokens, 0 where it does not tell.

    Raises `AnswerError` when it cannot be reached, refuses the key, or does not speak OpenAI's protocol.
    """
    return endpoint(settings, named).models()


def model(settings: Settings, named: SettingNames = NAMED) -> tuple[str, int]:
    """The model that the settings name, else the endpoint's first, and its context in tokens; raises `AnswerError`."""
    name, context = settings.llm_model, settings.llm_context
    if name and context:
        return name, context
    try:
        models = served(settings, named)
    except AnswerError as error:
        if not name or not isinstance(error.__cause__, httpx.HTTPStatusError):
            raise
        models = {}  # some gateways serve models without listing them
    if not (name or models):
        raise AnswerError(f"{settings.llm_url} serves no model: name one by {named.model}.")
    name = name or next(iter(models))
    return name, context or models.get(name) or DEFAULT_CONTEXT


@contextmanager
def client(settings: Settings, name: str, context: int) -> Iterator[LLM]:
    """A model of the endpoint as a LlamaIndex LLM; at the end its connections are closed, also in mid-answer.

    LlamaIndex and openai would each try again by themselves, with waits of their own: both are told not to.
    """
    timeout = httpx.Timeout(settings.llm_timeout, connect=CONNECT_TIMEOUT)
    hooks = {"response": [lambda response: _bound(response, LONGEST * settings.llm_timeout)]}
    url, key = settings.llm_url.rstrip("/"), settings.llm_key or "none"
    with httpx.Client(timeout=timeout, follow_redirects=True, event_hooks=hooks, verify=certificates()) as http:
        own: dict[str, Any] = {
            "openai_client": openai.OpenAI(api_key=key, base_url=url, timeout=timeout, max_retries=0, http_client=http)
        }
        yield OpenAILike(
            model=name,
            api_base=url,
            api_key=key,
            is_chat_model=True,
            context_window=context,
            max_tokens=min(settings.llm_max_tokens, context // 2),
            temperature=0.0,
            max_retries=0,
            timeout=settings.llm_timeout,
            **own,
        )


def explain(error: Exception, settings: Settings, model: str, named: SettingNames = NAMED) -> EndpointError:
    """An error of a request for an answer as one sentence that names the endpoint and the setting."""
    server = endpoint(settings, named)
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return server.silent()
    if isinstance(error, openai.APIStatusError):
        return server.refused(error.status_code, message(error), model)
    if isinstance(error, openai.APIConnectionError | httpx.TransportError):
        return server.unreachable(error.__cause__ or error)
    return server.unreadable(message(error))


class _Bounded(httpx.SyncByteStream):
    """A response's body that ends with a timeout when it is not whole by `until`, however often something arrives."""

    def __init__(self, stream: httpx.SyncByteStream, until: float) -> None:
        self._stream, self._until = stream, until

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._until:
                raise httpx.ReadTimeout("the answer takes too long")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _bound(response: httpx.Response, seconds: float) -> None:
    if isinstance(response.stream, httpx.SyncByteStream):
        response.stream = _Bounded(response.stream, time.monotonic() + seconds)
