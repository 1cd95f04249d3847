"""A system under evaluation: settings of the pipeline, and which parts of the documents it uses."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from octavo.ingest import Kind
from octavo.ingest.errors import SettingsError
from octavo.ingest.model import PICTURES
from octavo.rag import Level, Scope, Settings
from octavo.rag.model_cards import ModelCard, card
from octavo.rag.settings import EmbeddingOptions, StaticEmbeddingOptions, complaint

_ALL = 1_000
"""Figures of a document that are described where the settings do not limit them."""


class Modality(StrEnum):
    """The modality that a system searches and is shown."""

    BOTH = "both"
    TEXT = "text"
    IMAGE = "image"


class Images(StrEnum):
    """The way pictures are found: as they look, or by what a model says of them (arXiv 2410.21943)."""

    EMBEDDING = "embedding"
    SUMMARY = "summary"


class System(BaseModel):
    """A way of answering: `settings` are those of `octavo.rag.Settings`, save the library.

    `modality: text` neither searches nor shows pictures; `image` searches figures, charts and tables (with `level:
    page` whole pages) and shows them without their text. `images: embedding` finds pictures by the embedding of the
    settings, which must see; `images: summary` by descriptions that the model of the settings writes at ingestion,
    while the embedding is given text only. Without `images` the settings stand as they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[^/]+$")
    settings: dict[str, Any] = {}
    level: Level = Level.CHUNK
    modality: Modality = Modality.BOTH
    images: Images | None = None
    concurrency: int = Field(2, ge=1, le=64)

    @field_validator("settings")
    @classmethod
    def _known(cls, settings: dict[str, Any]) -> dict[str, Any]:
        if "library" in settings:
            raise ValueError("library: the run makes it itself, leave it out")
        try:
            Settings.from_env(**settings)
        except SettingsError as error:
            raise ValueError(str(error).removesuffix(".")) from error
        return settings

    @model_validator(mode="before")
    @classmethod
    def _pictures_are_elements(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("modality") == Modality.IMAGE:
            return {"level": Level.ELEMENT} | data
        return data

    @model_validator(mode="after")
    def _fits_together(self) -> System:
        settings = Settings.from_env(**self.settings)
        model = settings.llm_url or settings.llm_gguf
        if self.modality is Modality.TEXT and self.images:
            raise ValueError("modality text has no pictures to find: leave out images")
        if self.modality is Modality.IMAGE and not (model and settings.llm_images):
            raise ValueError("modality image needs a model that is shown pictures: set settings.llm_url")
        if self.modality is Modality.IMAGE and self.level not in (Level.ELEMENT, Level.PAGE):
            raise ValueError(f"modality image searches elements or pages: set level to one of them, not {self.level}")
        if self.images is Images.EMBEDDING and not _sees(settings.embedding):
            raise ValueError("images by embedding need a model that sees: set settings.embedding")
        if self.images is Images.SUMMARY and not settings.llm_url:
            raise ValueError("images by summary need a model that describes them: set settings.llm_url")
        return self

    def options(self, library: Path) -> Settings:
        """Returns the settings with their library, for this modality and this way of finding pictures."""
        settings = Settings.from_env(**{"llm_fallback": False} | self.settings)
        changed: dict[str, Any] = {"library": library}
        if self.modality is Modality.TEXT:
            changed |= {"llm_images": 0}
        if self.modality is Modality.TEXT or self.images is Images.EMBEDDING:
            changed |= {"describe": 0}
        if self.modality is Modality.TEXT or self.images is Images.SUMMARY:
            changed |= {"embedding": _blind(settings.embedding)}
        if self.images is Images.SUMMARY:
            changed |= {"describe": settings.describe or _ALL}
        return settings.model_copy(update=changed)

    def scope(self, documents: tuple[str, ...]) -> Scope:
        """Returns the scope of documents, with the kinds that the modality searches."""
        return Scope(documents=documents, kinds=self.kinds)

    @property
    def kinds(self) -> frozenset[Kind] | None:
        """The kinds of element that are searched, where not all are."""
        pictures = self.modality is Modality.IMAGE and self.level is Level.ELEMENT
        return PICTURES if pictures else None


def first_of(error: ValidationError) -> str:
    """Returns the first complaint about settings as `where: what`, in words for people."""
    where, complaint_text = complaint(error)
    return f"{'.'.join(where)}: {complaint_text}"


def _card(options: EmbeddingOptions) -> ModelCard | None:
    """Returns the card of an embedding model; None for the embedded default, which has none."""
    if isinstance(options, StaticEmbeddingOptions):
        return None
    return options.card if isinstance(options.card, ModelCard) else card(options.card or options.model)


def _sees(options: EmbeddingOptions) -> bool:
    model_card = _card(options)
    return model_card is not None and model_card.sees


def _blind(options: EmbeddingOptions) -> EmbeddingOptions:
    """Returns the same embedding, given text only."""
    model_card = _card(options)
    if model_card is None or not model_card.sees:
        return options
    return options.model_copy(update={"card": model_card.model_copy(update={"sees": False})})
