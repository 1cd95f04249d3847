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

from ..settings import Settings
from .base import AnswerError

CONNECT_TIMEOUT = 5.0
"""Seconds until a server that cannot be reached is given up."""
LONGEST = 5
"""An answer may take so many times the seconds that the model may be silent."""
DEFAULT_CONTEXT = 8_192
"""Assumed where the server does not tell."""
_CONTEXT_KEYS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
_URL = "--llm-url or OCTAVO_LLM_URL"


def served(settings: Settings) -> dict[str, int]:
    """The models of the endpoint with their context in tokens, 0 where it does not tell.

    Raises `AnswerError` when it cannot be reached, refuses the key, or does not speak OpenAI's protocol.
    """
    url = settings.llm_url.rstrip("/")
    headers = {"Authorization": f"Bearer {settings.llm_key}"} if settings.llm_key else {}
    timeout = httpx.Timeout(min(10.0, settings.llm_timeout), connect=CONNECT_TIMEOUT)
    try:
        response = httpx.get(f"{url}/models", headers=headers, timeout=timeout, follow_redirects=True)
        if response.status_code in (401, 403):
            raise _key(settings, response.status_code)
        response.raise_for_status()
        return {str(row["id"]): _context(row) for row in response.json()["data"]}
    except httpx.HTTPStatusError as error:
        hint = "" if url.endswith("/v1") else f" (perhaps {url}/v1 is meant)"
        raise AnswerError(
            f"{url} is no OpenAI-compatible API, its /models answers {error.response.status_code}{hint}: check {_URL}."
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unreachable(settings, error) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnswerError(f"{url}/models does not answer as OpenAI's API does: check {_URL}.") from error


def model(settings: Settings) -> tuple[str, int]:
    """The model that the settings name, else the endpoint's first, and its context in tokens; raises `AnswerError`."""
    name, context = settings.llm_model, settings.llm_context
    if name and context:
        return name, context
    try:
        models = served(settings)
    except AnswerError as error:
        if not name or not isinstance(error.__cause__, httpx.HTTPStatusError):
            raise
        models = {}  # some gateways serve models without listing them
    if not (name or models):
        raise AnswerError(f"{settings.llm_url} serves no model: name one by --llm-model or OCTAVO_LLM_MODEL.")
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
    with httpx.Client(timeout=timeout, follow_redirects=True, event_hooks=hooks) as http:
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


def explain(error: Exception, settings: Settings, model: str) -> AnswerError:
    """An error of a request for an answer as one sentence that names the endpoint and the setting."""
    url = settings.llm_url.rstrip("/") or model
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        seconds = f"{settings.llm_timeout:g} seconds"
        return AnswerError(
            f"The model server at {url} gave no answer within {seconds}: raise OCTAVO_LLM_TIMEOUT or check {_URL}."
        )
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        if status in (401, 403):
            return _key(settings, status)
        if status == 404:
            return _missing(settings, model)
        said = f"({status}: {message(error)})"
        if status == 429 or status >= 500:
            return AnswerError(f"The model server at {url} is busy or broken {said}: try again later, or check {_URL}.")
        return AnswerError(f"The model server at {url} refuses the request for {model} {said}: check {_URL}.")
    if isinstance(error, openai.APIConnectionError | httpx.TransportError):
        return _unreachable(settings, error.__cause__ or error)
    return AnswerError(f"The model server at {url} sent no answer that can be read ({message(error)}): check {_URL}.")


def message(error: BaseException) -> str:
    """What an error says, in one line and no more than 200 letters."""
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, dict) else None
    lines = str(said or getattr(error, "message", "") or error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200].rstrip(".")


def _context(row: dict[str, Any]) -> int:
    told = {**(row.get("meta") or {}), **row}
    return next((int(told[key]) for key in _CONTEXT_KEYS if told.get(key)), 0)


def _key(settings: Settings, status: int) -> AnswerError:
    key = "the API key" if settings.llm_key else "requests without an API key"
    return AnswerError(f"The model server at {settings.llm_url} refuses {key} ({status}): set OCTAVO_LLM_KEY.")


def _missing(settings: Settings, model: str) -> AnswerError:
    try:
        models = ", ".join(served(settings)) or "none"
    except AnswerError as error:
        return error
    return AnswerError(
        f"{settings.llm_url} serves no model {model!r}, only {models}: set --llm-model or OCTAVO_LLM_MODEL."
    )


def _unreachable(settings: Settings, error: BaseException) -> AnswerError:
    return AnswerError(
        f"The model server at {settings.llm_url} cannot be reached ({message(error)}): start it, or check {_URL}."
    )


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
