"""OpenAI's lists, which are given in parts: a part begins after an entry of the part before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from octavo.apps.service.errors import ServiceError


class ListCursor:
    """The part of a list that is asked for: at most `limit` entries, by the time when they were made.

    It begins after the entry with the id `after`, or ends before the one with the id `before`.
    """

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=10_000, description="entries at most")] = 100,
        after: Annotated[str, Query(max_length=200, description="id of the last entry of the part before")] = "",
        before: Annotated[str, Query(max_length=200, description="id of the first entry of the part after")] = "",
        order: Annotated[Literal["asc", "desc"], Query(description="oldest or latest first")] = "desc",
    ) -> None:
        self._limit, self._after, self._before, self._order = limit, after, before, order

    def page(self, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Returns the part; raises `ServiceError` for a cursor that is no entry of the list."""
        results = sorted(entries, key=lambda entry: entry["created_at"])
        if self._order == "desc":
            results.reverse()  # also those of one second
        ids = [entry["id"] for entry in results]
        start = self._place(ids, "after", self._after) + 1 if self._after else 0
        end = self._place(ids, "before", self._before) if self._before else len(ids)
        if self._before and not self._after:
            start = max(0, end - self._limit)
        part = results[start : min(end, start + self._limit)]
        first, last = (part[0]["id"], part[-1]["id"]) if part else (None, None)
        has_more = start > 0 if self._before and not self._after else start + len(part) < end
        return {"object": "list", "data": part, "first_id": first, "last_id": last, "has_more": has_more}

    @staticmethod
    def _place(ids: list[str], name: str, identity: str) -> int:
        if identity not in ids:
            raise ServiceError(f"{name}: the list has no entry {identity!r}.", setting=name)
        return ids.index(identity)


Part = Annotated[ListCursor, Depends(ListCursor)]
