"""The settings panel: what is set, saved, and embedded again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from octavo.apps.addresses import hide_address
from octavo.apps.chat.events import show_errors, update, user_of
from octavo.apps.chat.markup import render
from octavo.apps.chat.model_check import ModelReport
from octavo.apps.chat.service import ChatService
from octavo.ingest import OctavoError
from octavo.rag.settings import ServedEmbeddingOptions


class SettingsHandlers:
    """Handlers of the settings of one service."""

    def __init__(self, service: ChatService) -> None:
        self._service = service

    def values(self, user: str) -> Sequence[Any]:
        """Returns the settings as they are now, without keys; plain values, as they are inputs too.

        Addresses of model servers are an owner's.
        """
        preferences, embedded = self._service.preferences, self._service.embedder.current
        is_owner = self._service.rights.is_owner(user)
        served = embedded if is_owner and isinstance(embedded, ServedEmbeddingOptions) else None
        where = (served.url, served.model) if served else ("", "")
        card = served.card if served and isinstance(served.card, str) else ""
        kind = "served" if served else "static"
        return (
            preferences.llm_url if is_owner else "",
            preferences.llm_model,
            "",
            preferences.k,
            preferences.threshold,
            str(preferences.level),
            kind,
            *where,
            card,
            "",
        )

    def model(self, user: str) -> Any:
        """Returns which model answers."""
        return self._model(user)

    def embedding_state(self, user: str) -> Any:
        """Returns the embedding of the library, and for owners the environment variables that select it."""
        options = self._service.embedder.current
        variables = {}
        if isinstance(options, ServedEmbeddingOptions) and self._service.rights.is_owner(user):
            variables = {"KIND": "served", "URL": options.url, "MODEL": options.model}
            if options.card and isinstance(options.card, str):
                variables["CARD"] = options.card
        name = self._service.pipeline.index.embedding.model_name
        return update(render("embedding.html", name=name, variables=variables))

    @show_errors()
    def save(
        self,
        llm_url: str,
        llm_model: str,
        llm_key: str,
        k: float,
        threshold: float,
        level: str,
        request: gr.Request,
    ) -> Any:
        """Keeps the settings with the library, a model only if it answers."""
        user, model = user_of(request), (llm_model or "").strip()
        report = self._service.choose_model(user, llm_url.strip(), model, llm_key.strip())
        values = self._service.preferences.model_dump(exclude={"instead_of"})
        self._service.prefer(user, **values | {"k": int(k), "threshold": threshold, "level": level})
        gr.Info("Saved with the library.", duration=3, title="")
        return self._model(user, report)

    def test(self, llm_url: str, llm_model: str, llm_key: str, request: gr.Request) -> Sequence[Any]:
        """Returns the models of an endpoint to choose from, and whether the chosen one answers and reads pictures."""
        user, model = user_of(request), (llm_model or "").strip()
        if not llm_url.strip():
            return gr.skip(), self._model(user, error="Type the address of a model server first.")
        try:
            report = self._service.check_model(user, llm_url.strip(), model, llm_key.strip())
        except OctavoError as error:
            return gr.skip(), self._model(user, error=str(error))
        choices = list(dict.fromkeys([*report.models, report.model]))
        return gr.update(choices=choices, value=model or report.model), self._model(user, report)

    def _model(self, user: str, report: ModelReport | None = None, error: str = "") -> Any:
        preferences = self._service.preferences
        url = preferences.llm_url
        model = preferences.llm_model or (url if self._service.rights.is_owner(user) else hide_address(url, url))
        return update(
            render("model.html", report=report, error=error, model=model, supports_images=preferences.supports_images)
        )

    @show_errors()
    def embed(self, kind: str, url: str, model: str, card: str, key: str, request: gr.Request) -> None:
        """Begins to embed the library again."""
        self._service.embed(user_of(request), kind, url, model, card, key)
        gr.Info("Its progress is shown above the documents. You can go on asking.", duration=6, title="")
