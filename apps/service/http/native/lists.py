"""Lists that are given in parts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=1 << 40)]


def part(items: list[Any], limit: int, offset: int) -> dict[str, Any]:
    """Returns the items from `offset` on, at most `limit`, and the offset of the next part."""
    end = offset + limit
    return {"items": items[offset:end], "next": end if end < len(items) else None}
