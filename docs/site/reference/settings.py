"""The reference of the settings, by the fields of their models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from octavo.apps.chat.options import ChatOptions
from octavo.apps.service.options import ServiceOptions
from octavo.rag import Settings

HEAD = """# Settings

Each setting is a keyword argument of `octavo.Settings` and an environment variable. The command line, `Pipeline()` and
`Settings.from_env()` read the variables; names in a group are joined by two underscores. Lists and objects are JSON.
"""
OWN = "`OCTAVO_IMAGES` alone is the address of screenshots, `images.url`."
CHAT = "The chat's address, users and bounds (`octavo chat`)."
SERVICE = "The service's address, limits and identity provider (`octavo serve`)."


def page() -> str:
    """Returns the page: a table for each group of settings."""
    parts = [HEAD, *_group("Of a pipeline", OWN, "", Settings, "OCTAVO_")]
    for title, text, model in (("The chat", CHAT, ChatOptions), ("The service", SERVICE, ServiceOptions)):
        parts += _group(title, text, "", model, str(model.model_config["env_prefix"]))
    return "\n".join(parts) + "\n"


def _group(title: str, text: str, path: str, model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Yields the heading, the text and the table of a model's fields, then those of the groups in it."""
    yield f"\n## {title}\n\n{text}\n\n| setting, variable | default | |\n|---|---|---|"
    groups = []
    for name, field in model.model_fields.items():
        if name == "kind":
            continue
        if models := list(_models(field.annotation)):
            groups += [(name, inner) for inner in models]
        else:
            yield _row(f"{path}.{name}" if path else name, field, f"{prefix}{name.upper()}")
    for name, inner in groups:
        kind, place = inner.model_fields.get("kind"), f"{path}.{name}" if path else name
        summary = " ".join((inner.__doc__ or "").strip().split("\n\n")[0].split())
        if kind:
            summary += f" It is selected by `{prefix}{name.upper()}__KIND={kind.default}`."
        head = f"{place}, kind {kind.default}" if kind else place
        yield from _group(head, summary, place, inner, f"{prefix}{name.upper()}__")


def _row(name: str, field: FieldInfo, variable: str) -> str:
    default = "" if field.is_required() else _value(field.get_default(call_default_factory=True))
    notes = [field.description or "", _choices(field.annotation), _bounds(field)]
    text = "; ".join(note for note in notes if note).replace("|", "\\|")
    return f"| `{name}`<br>`{variable}` | {default} | {text} |"


def _value(value: object) -> str:
    if isinstance(value, BaseModel | dict | tuple) and not value:
        return ""
    if value in ("", None):
        return ""
    text = value.value if isinstance(value, Enum) else value
    return f"`{json.dumps(text) if isinstance(text, bool | dict) else text}`"


def _choices(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(f"`{one.value}`" for one in annotation)
    if get_origin(annotation) is Literal and len(get_args(annotation)) > 1:
        return "one of " + ", ".join(f"`{one}`" for one in get_args(annotation))
    return ""


def _bounds(field: FieldInfo) -> str:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    found = [
        f"{word} {getattr(bound, name):,}"
        for bound in field.metadata
        for name, word in words.items()
        if getattr(bound, name, None) is not None
    ]
    return ", ".join(found)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yields the models that a field may hold: one group of settings, or one for each kind."""
    if get_origin(annotation) is Annotated:
        yield from _models(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        members = get_args(annotation)
        if all(isinstance(one, type) and issubclass(one, BaseModel) for one in members if one is not NoneType):
            yield from (one for one in members if one is not NoneType)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
