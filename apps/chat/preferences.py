"""Settings that are made in the chat and persist with the library."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from octavo.apps.chat.store.history import History
from octavo.ingest import OctavoError
from octavo.rag import Level, Settings

_KEY = "preferences"


class Preferences(BaseModel):
    """Settings that users of the chat can change; the rest comes from `octavo.rag.Settings`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    llm_url: str = Field("", max_length=500, pattern=r"^(https?://\S+)?$")
    llm_model: str = Field("", max_length=200)
    llm_key: str = Field("", max_length=2000, repr=False)
    """The key of this endpoint; that of the environment goes to no endpoint but the environment's."""
    supports_images: bool | None = None
    """Returns whether the model sees pictures; None where it was not asked."""
    k: int = Field(ge=1, le=20)
    threshold: float = Field(ge=0, le=1)
    level: Level = Level.CHUNK
    instead_of: str = ""
    """The endpoint that the chat was started with when these were made: started with another, it takes that one."""

    def apply_to(self, settings: Settings) -> Settings:
        """Returns the settings with these in their place."""
        changed = self.model_dump(exclude={"level", "instead_of", "supports_images"})
        if not self.llm_key and is_same(self.llm_url, settings.llm_url):
            changed["llm_key"] = settings.llm_key
        if self.supports_images is False:
            changed["llm_images"] = 0
        return settings.model_copy(update=changed)


def is_same(url: str, other: str) -> bool:
    """Returns whether two URLs name the same endpoint.

    >>> is_same("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1"), is_same("http://a/v1", "http://b/v1")
    (True, False)
    """
    return url.rstrip("/") == other.rstrip("/")


def load(history: History, settings: Settings) -> Preferences:
    """Returns the preferences saved with the library, else those of the settings; raises `OctavoError` where that is
    wrong."""
    saved = history.get(_KEY)
    if saved is None:
        return _validate(
            llm_url=settings.llm_url, llm_model=settings.llm_model, k=min(settings.k, 20), threshold=settings.threshold
        )
    preferences = Preferences.model_validate_json(saved)
    if settings.llm_url not in ("", preferences.instead_of):
        return preferences.model_copy(
            update={
                "llm_url": settings.llm_url,
                "llm_model": settings.llm_model,
                "llm_key": "",
                "supports_images": None,
            }
        )
    return preferences


def save(history: History, settings: Settings, **values: object) -> Preferences:
    """Checks and keeps; raises `OctavoError` that names the setting which is wrong."""
    preferences = _validate(**values | {"instead_of": settings.llm_url})
    history.set(_KEY, preferences.model_dump_json())
    return preferences


def _validate(**values: object) -> Preferences:
    try:
        return Preferences.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        if first["loc"] == ("llm_url",):
            raise OctavoError("The model endpoint is a URL such as http://127.0.0.1:8000/v1, or empty.") from error
        raise OctavoError(f"{first['loc'][0]}: {first['msg']}.") from error
