"""Questions while others remove documents: what a question has found may be gone before it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from octavo.ingest import LibraryError
from octavo.ingest.store.library import Library

T = TypeVar("T")
ATTEMPTS = 5
"""Times that a question is searched for at most while documents go."""


def repeat_search(library: Library, search: Callable[[], T]) -> T:
    """Returns the result of a search, which is made again where it fails and the library changed meanwhile.

    It then finds what is there by now. Raises what it raises where the library is as it was.
    """
    [result] = repeat_until(library, lambda: iter([search()]), lambda result: True)
    return result


def repeat_until(library: Library, begin: Callable[[], Iterator[T]], is_final: Callable[[T], bool]) -> Iterator[T]:
    """Yields what `begin` yields, from the start again as in `repeat_search`, until something of it is final."""
    for attempt in range(1, ATTEMPTS + 1):
        generation, final = library.generation, False
        try:
            for one in begin():
                final = final or is_final(one)
                yield one
        except LibraryError:
            if final or attempt == ATTEMPTS or library.generation == generation:
                raise
        else:
            return
