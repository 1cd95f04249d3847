"""The settings panel: what is set, saved, and embedded anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from octavo.apps.chat.events import said, update, user_of
from octavo.apps.chat.markup import render
from octavo.apps.chat.service import ChatService
from octavo.rag.settings import ServedEmbeddingOptions


class SettingsHandlers:
    """Handlers of the settings of one desk."""

    def __init__(self, desk: ChatService) -> None:
        self._desk = desk

    def values(self) -> Sequence[Any]:
        """The settings as they are now, without keys; plain values, as they are inputs too."""
        made, embedded = self._desk.preferences, self._desk.embedder.current
        served = embedded if isinstance(embedded, ServedEmbeddingOptions) else None
        where = (served.url, served.model) if served else ("", "")
        card = served.card if served and isinstance(served.card, str) else ""
        kind = "served" if served else "static"
        return made.llm_url, made.llm_model, "", made.k, made.threshold, str(made.level), kind, *where, card, ""

    def embedded(self) -> Any:
        """Which embedding finds pages, and how the command line is told of it."""
        options = self._desk.embedder.current
        variables = {}
        if isinstance(options, ServedEmbeddingOptions):
            variables = {"KIND": "served", "URL": options.url, "MODEL": options.model}
            if options.card and isinstance(options.card, str):
                variables["CARD"] = options.card
        name = self._desk.pipeline.index.embedding.model_name
        return update(render("embedding.html", name=name, variables=variables))

    @said()
    def save(
        self,
        llm_url: str,
        llm_model: str,
        llm_key: str,
        k: float,
        threshold: float,
        level: str,
        request: gr.Request,
    ) -> None:
        """Keeps the settings with the library."""
        self._desk.prefer(
            user_of(request),
            llm_url=llm_url.strip(),
            llm_model=llm_model.strip(),
            llm_key=llm_key.strip(),
            k=int(k),
            threshold=threshold,
            level=level,
        )
        gr.Info("Saved with the library.", duration=3, title="")

    @said()
    def embed(self, kind: str, url: str, model: str, card: str, key: str, request: gr.Request) -> None:
        """Begins to embed the library anew."""
        self._desk.embed(user_of(request), kind, url, model, card, key)
        gr.Info("Its progress is shown above the documents. You can go on asking.", duration=6, title="")
