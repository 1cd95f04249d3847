"""Errors of settings, in words for people."""

from __future__ import annotations

from pydantic import ValidationError

from octavo.ingest.errors import SettingsError


def settings_error(error: ValidationError) -> SettingsError:
    """Returns the error that names the first setting that is wrong, as its `setting`, and says what is wrong."""
    where, text = complaint(error)
    return SettingsError(f"{'.'.join(where)}: {text}.", setting=".".join(where))


def complaint(error: ValidationError) -> tuple[tuple[str, ...], str]:
    """Returns the first setting that is wrong, as the names down to it, and what is wrong with it, in words for people.

    >>> from octavo.rag.settings import StaticEmbeddingOptions
    >>> try:
    ...     StaticEmbeddingOptions(kind="none")
    ... except ValidationError as error:
    ...     complaint(error)
    (('kind',), "Input should be 'static'")
    """
    first = error.errors()[0]
    where = tuple(str(part) for part in first["loc"])
    if where[:1] in (("embedding",), ("relevancy",), ("engine",)):  # pydantic puts the kind between
        where = where[:1] + where[2:]
    texts = {
        "extra_forbidden": "there is no such setting",
        "missing": "it is missing",
        "union_tag_not_found": "its options depend on its kind: set the kind as well",
    }
    text = texts.get(first["type"], first["msg"])
    return where, text.removeprefix("Value error, ")
