"""Words of a picture that no document holds, such as that of a question."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from octavo.ingest.errors import OctavoError
from octavo.ingest.options import ReadOptions

if TYPE_CHECKING:
    from octavo.ingest.workers.spare import SpareWorkers


@lru_cache(maxsize=8)
def picture_words(picture: bytes) -> str:
    """Returns the words that OCR reads in a picture file, in reading order.

    They are read in another process, so that the networks of OCR take memory only while pictures are asked about.
    Raises `OctavoError` where that process crashes or takes too long.
    """
    from octavo.ingest.workers import tasks
    from octavo.ingest.workers.process import WorkerLostError

    options = ReadOptions()
    try:
        return _readers().call(tasks.picture_words, picture, options, timeout=options.page_timeout)
    except WorkerLostError as error:
        raise OctavoError(f"The words of the picture cannot be read: it {error}; give a smaller picture.") from error


@cache
def _readers() -> SpareWorkers:
    from octavo.ingest.workers.spare import SpareWorkers

    return SpareWorkers(ReadOptions().worker_memory)
