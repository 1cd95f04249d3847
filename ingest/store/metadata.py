"""Metadata of documents: what users note with a document, and what a search may ask of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isfinite

from octavo.ingest.errors import MetadataError

Value = str | int | float | bool
Metadata = Mapping[str, Value | Sequence[Value]]
"""Values by name; a list stands for several values, as of tags."""
Conditions = tuple[tuple[str, tuple[str, ...]], ...]
"""Names with the values of which a document must have one."""


def dump_metadata(metadata: Metadata) -> str:
    """Returns metadata as JSON; raises `MetadataError` for a value that is no text, number, bool or list of them.

    >>> dump_metadata({"year": 2018, "tags": ["filing", "audited"]})
    '{"tags": ["filing", "audited"], "year": 2018}'
    """
    for name, value in metadata.items():
        values = value if isinstance(value, list | tuple) else (value,)
        if not name or not all(isinstance(v, str | int) or (isinstance(v, float) and isfinite(v)) for v in values):
            raise MetadataError(f"Metadata {name!r} is text, a number, true, false, or a list of these, not {value!r}.")
    return json.dumps(dict(metadata), sort_keys=True, ensure_ascii=False)


def conditions(metadata: Metadata) -> Conditions:
    """Returns what a filter asks for, with each value as SQLite writes it.

    >>> conditions({"year": [2018, 2019], "audited": True})
    (('audited', ('1',)), ('year', ('2018', '2019')))
    """
    dump_metadata(metadata)
    return tuple(
        (name, tuple(_text(v) for v in (value if isinstance(value, list | tuple) else (value,))))
        for name, value in sorted(metadata.items())
    )


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
