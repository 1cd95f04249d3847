"""The embedding of a library: selected in the chat, stored with the library, changed in the background."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from octavo.apps.chat.jobs import IngestQueue, StoppedError
from octavo.apps.chat.preferences import is_same
from octavo.apps.chat.store.history import History
from octavo.ingest import OctavoError
from octavo.rag import Pipeline, Settings
from octavo.rag.embedding import make_embedder
from octavo.rag.index import model_of
from octavo.rag.library import open_library
from octavo.rag.settings import EmbeddingOptions, ServedEmbeddingOptions, StaticEmbeddingOptions

EMBEDDING = "embedding"
"""The name of the change in the list of jobs."""
_KEY = "embedding"
_OPTIONS: TypeAdapter[EmbeddingOptions] = TypeAdapter(EmbeddingOptions)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A library on its way to another embedding: `done` of its documents `of` are embedded. `failed` says why not."""

    name: str
    done: int = 0
    of: int = 0
    failed: str = ""

    @property
    def fraction(self) -> float:
        """The completed part, in [0, 1]."""
        return self.done / self.of if self.of else 0.0

    def __str__(self) -> str:
        """Returns the state in words.

        >>> print(Renewal("tiny over vLLM", 2, 9))
        embedding document 3 of 9; answers rest on the old embedding until then
        """
        if self.failed:
            return f"{self.failed} The old embedding stays in use."
        if not self.of:
            return "waits for the files before it"
        at = f"embedding document {min(self.done + 1, self.of)} of {self.of}"
        return f"{at}; answers rest on the old embedding until then"


class EmbeddingManager:
    """The embedding of a library, and its change."""

    def __init__(self, pipeline: Pipeline, history: History, jobs: IngestQueue) -> None:
        self._pipeline, self._history, self._jobs = pipeline, history, jobs
        self.renewal: Renewal | None = None
        options = _stored_options(history)
        if options and pipeline.library.get("renewing") == model_of(make_embedder(_with(pipeline.settings, options))):
            self._start(options)

    @property
    def current(self) -> EmbeddingOptions:
        """The options of the library's embedding."""
        return self._pipeline.settings.embedding

    def change(self, options: EmbeddingOptions) -> None:
        """Begins to embed the library again; raises `OctavoError` where that goes on already, or cannot be done."""
        if self.renewal and not self.renewal.failed:
            raise OctavoError("The library is being embedded again already: wait for the end of that.")
        if options == self.current:
            raise OctavoError("The library is embedded by this already.")
        make_embedder(_with(self._pipeline.settings, options)).embed_question("What is on this page?")
        self._start(options)

    def dismiss(self) -> None:
        """Takes a change that failed off the list."""
        if self.renewal and self.renewal.failed:
            self._show(None)

    def _start(self, options: EmbeddingOptions) -> None:
        self._history.set(_KEY, _OPTIONS.dump_json(options).decode())
        self._show(Renewal(make_embedder(_with(self._pipeline.settings, options)).model_name))
        self._jobs.run(lambda: self._renew(options))

    def _renew(self, options: EmbeddingOptions) -> None:
        failed = "The embedding broke off; the server's log says how."
        try:
            self._pipeline.embed(options, self._progress)
            failed = ""
        except OctavoError as error:
            failed = str(error)
        finally:
            self._show(replace(self.renewal, failed=failed) if failed and self.renewal else None)

    def _progress(self, done: int, of: int) -> None:
        if self._jobs.closing:
            raise StoppedError("The chat was closed before the library was embedded again.")
        if self.renewal:
            self.renewal = replace(self.renewal, done=done, of=of)
            self._jobs.progressed()

    def _show(self, renewal: Renewal | None) -> None:
        self.renewal = renewal
        self._jobs.changed()


def chosen_options(kind: str, url: str, model: str, card: str, key: str, settings: Settings) -> EmbeddingOptions:
    """Returns the embedding that was chosen in words; raises `OctavoError` where something is missing."""
    if kind == "static":
        return StaticEmbeddingOptions()
    if not url.startswith(("http://", "https://")) or not model:
        raise OctavoError(
            "An embedding model needs its endpoint, such as http://127.0.0.1:8001/v1, and its name there."
        )
    return _with_key(ServedEmbeddingOptions(url=url, model=model, card=card, key=key), settings)


def with_kept(settings: Settings) -> Settings:
    """Returns the settings with the embedding that was chosen in the chat, where the library's vectors are by that."""
    if not (settings.library / "library.sqlite").exists():
        return settings
    if not settings.documents_uri and not (settings.library / "chat.sqlite").exists():
        return settings
    history = History(settings.library, settings.documents_uri)
    try:
        options = _stored_options(history)
    finally:
        history.close()
    if options is None:
        return settings
    with open_library(settings) as library:
        is_made = library.get("embedding") == model_of(make_embedder(_with(settings, options)))
    return _with(settings, options) if is_made else settings


def _stored_options(history: History) -> EmbeddingOptions | None:
    text = history.get(_KEY)
    try:
        return _OPTIONS.validate_json(text) if text else None
    except ValidationError as error:
        raise OctavoError("The embedding that was chosen in the chat cannot be read: choose it again.") from error


def _with(settings: Settings, options: EmbeddingOptions) -> Settings:
    if isinstance(options, ServedEmbeddingOptions):
        options = _with_key(options, settings)
    return settings.model_copy(update={"embedding": options})


def _with_key(options: ServedEmbeddingOptions, settings: Settings) -> ServedEmbeddingOptions:
    """Returns the options with the settings' key, where that belongs to the same endpoint and they have none."""
    current = settings.embedding
    if options.key or not (isinstance(current, ServedEmbeddingOptions) and is_same(current.url, options.url)):
        return options
    return options.model_copy(update={"key": current.key})
