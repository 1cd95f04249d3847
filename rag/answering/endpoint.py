"""The endpoint that answers: what it serves, which of its models is asked, and the client that asks it."""

from __future__ import annotations

import re

import httpx

from octavo.rag.answering.base import AnswerError
from octavo.rag.clients.chat import ChatClient
from octavo.rag.clients.http import ConnectionOptions, Endpoint, SettingNames
from octavo.rag.settings import Settings

DEFAULT_CONTEXT = 8_192
"""Assumed where the server does not tell."""
LLM_SETTINGS = SettingNames(
    "OCTAVO_LLM_URL",
    "OCTAVO_LLM_KEY",
    "OCTAVO_LLM_MODEL",
    "OCTAVO_LLM_TIMEOUT",
    "OCTAVO_LLM_HEADERS",
    "OCTAVO_LLM_CA",
)
_NO_CHAT = re.compile(
    r"embed|rerank|whisper|transcri|\btts\b|speech|moderation|dall-?e|stable-diffusion|\bflux|\bclip\b|siglip"
    r"|colpali|colqwen|colbert|(?:^|[/_-])(?:bge|e5|gte|jina|dse)[-_:.\d]|minilm|\bgpt-image|\bsora\b|realtime"
    r"|babbage|davinci-00",
    re.I,
)


def endpoint(settings: Settings, names: SettingNames = LLM_SETTINGS) -> Endpoint:
    """Returns the endpoint that the settings name.

    Its errors are `AnswerError`s, which call the settings by `names`.
    """
    return Endpoint(
        settings.llm_url,
        names,
        key=settings.llm_key,
        timeout=settings.llm_timeout,
        error=AnswerError,
        connection=ConnectionOptions(settings.llm_headers, settings.llm_ca),
    )


def list_models(settings: Settings, names: SettingNames = LLM_SETTINGS) -> dict[str, int]:
    """Returns the models of the endpoint with their context in tokens, 0 where it does not tell.

    Raises `AnswerError` when it cannot be reached, refuses the key, or does not speak OpenAI's protocol.
    """
    return endpoint(settings, names).models()


def model(settings: Settings, names: SettingNames = LLM_SETTINGS) -> tuple[str, int]:
    """Returns the model that the settings name, else the endpoint's first that chats, and its context in tokens.

    Raises `AnswerError`.
    """
    name, context = settings.llm_model, settings.llm_context
    if name and context:
        return name, context
    try:
        models = list_models(settings, names)
    except AnswerError as error:
        if not name or not isinstance(error.__cause__, httpx.HTTPStatusError):
            raise
        models = {}  # some gateways serve models without listing them
    if not (name or models):
        raise AnswerError(f"{settings.llm_url} serves no model: name one by {names.model}.")
    name = name or next((served_name for served_name in models if not _NO_CHAT.search(served_name)), "")
    if not name:
        raise AnswerError(
            f"{settings.llm_url} serves no model that chats, only {', '.join(models)}: name one by {names.model}."
        )
    return name, context or models.get(name) or DEFAULT_CONTEXT


class ChatClients:
    """Clients of the endpoints that settings name; each endpoint is asked once what it serves."""

    def __init__(self) -> None:
        self._clients: dict[str, ChatClient] = {}

    def get(self, settings: Settings) -> ChatClient:
        """Returns the client of the model that the settings name; raises `AnswerError` where it cannot be reached."""
        names = ("llm_url", "llm_model", "llm_key", "llm_headers", "llm_body", "llm_ca", "llm_context", "llm_timeout")
        key = repr([getattr(settings, name) for name in names])
        if key not in self._clients:
            self._clients[key] = connect(settings)
        return self._clients[key]

    def clear(self) -> None:
        """Forgets what the endpoints serve, so that they are asked again, as after a failure."""
        self._clients.clear()


def connect(settings: Settings, names: SettingNames = LLM_SETTINGS) -> ChatClient:
    """Returns the model that the settings name, ready to be asked; raises `AnswerError`."""
    name, context = model(settings, names)
    return ChatClient(endpoint(settings, names), name, context, body=settings.llm_body)
