"""Parts that several shapes share: parts of lists, times, addresses of pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Self, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, model_validator

from octavo.ingest import Box

T = TypeVar("T")


def example(value: dict[str, Any]) -> ConfigDict:
    """Returns the configuration of a request that is described by an example."""
    return ConfigDict(json_schema_extra={"examples": [value]})


class Lenient(BaseModel):
    """A request of OpenAI's clients, which send more than is read here."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        """Returns the fields of a body that are not null: a null field counts as absent."""
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data


class Shape(BaseModel):
    """A response whose fields are those of what it is made of."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def of(cls, source: object, **more: object) -> Self:
        """Returns the response that shows `source`; `more` are fields that it does not have by that name."""
        return cls.model_validate({name: getattr(source, name) for name in cls.model_fields if name not in more} | more)


class PageOf(BaseModel, Generic[T]):
    """A part of a list; `next` is the offset of the part after it, absent at the end."""

    items: list[T]
    next: int | None = None


def timestamp(text: str) -> int:
    """Returns seconds since 1970 of an ISO time.

    >>> timestamp("1970-01-01T00:01:00+00:00")
    60
    """
    return int(datetime.fromisoformat(text).timestamp())


def image_url(collection: str, document: str, page: int, boxes: tuple[Box, ...] = ()) -> str:
    """Returns the path of a page's picture, with boxes drawn on it where there are some.

    >>> image_url("default", "d1", 2, (Box(1, 2, 3.25, 4),))
    '/api/collections/default/documents/d1/pages/2/image?boxes=1,2,3.2,4'
    """
    marks = ";".join(",".join(f"{side:.5g}" for side in (round(s, 1) for s in box)) for box in boxes[:20])
    path = f"/api/collections/{quote(collection)}/documents/{quote(document)}/pages/{page}/image"
    return f"{path}?boxes={marks}" if marks else path
