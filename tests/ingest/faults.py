"""What a reading process may do wrong; the workers of the tests import it by name."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from typing import Any

from octavo.ingest import Page, ReadOptions
from octavo.ingest.readers import Source
from octavo.ingest.workers import tasks


def identity() -> int:
    """The process that answers."""
    return os.getpid()


def loaded() -> list[str]:
    """The modules that the process has imported."""
    return list(sys.modules)


def layout_threads() -> tuple[set[int], int]:
    """The threads that sessions of the layout model run on, and those of other models (0: as many as processors)."""
    import onnxruntime
    import pymupdf

    from octavo.ingest.layout.detector import Features, detect_regions

    threads = set()

    class Session(onnxruntime.InferenceSession):
        def __init__(self, *args: Any, sess_options: Any, **options: Any) -> None:
            threads.add(sess_options.intra_op_num_threads)
            super().__init__(*args, sess_options=sess_options, **options)

    onnxruntime.InferenceSession = Session
    page = pymupdf.open().new_page()
    page.insert_text((72, 72), "Revenue grew in 2018.")
    assert detect_regions(page, Features.PICTURE)
    return threads, onnxruntime.SessionOptions().intra_op_num_threads


def leave() -> None:
    """Ends the process without a word."""
    os._exit(3)


def crash() -> None:
    """Reads where nothing is."""
    ctypes.string_at(0)


def crash_on(*arguments: object) -> str:
    """Reads nothing that it is given."""
    crash()
    raise AssertionError(arguments)


def lament() -> None:
    """Writes far more than anyone keeps, then raises what nobody expects."""
    sys.stderr.write("Long ago it was well.\n" * 10_000)
    raise KeyError("a key that is not there")


def hang() -> None:
    """Takes longer than anyone waits, deaf to polite signals."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def spin() -> None:
    """Works without an end."""
    while True:
        pass


def rest(seconds: float) -> float:
    """Waits as a process does to which a busy machine gives no time."""
    time.sleep(seconds)
    return seconds


def fill() -> int:
    """Asks for 3 GB."""
    return len(bytearray(3_000_000_000))


def refuse(text: str) -> None:
    """Raises."""
    raise ValueError(text)


def crash_on_page_2(source: Source, number: int, options: ReadOptions) -> tuple[Page, bytes]:
    """Reads pages, but not the second."""
    if number == 1:
        crash()
    return tasks.read(source, number, options)


def crash_on_every_page(source: Source, number: int, options: ReadOptions) -> tuple[Page, bytes]:
    """Reads no page."""
    crash()
    raise AssertionError(number)


def crash_without_pictures(source: Source, number: int, options: ReadOptions, reason: str) -> tuple[Page, bytes]:
    """Reads no page, not even without its pictures."""
    crash()
    raise AssertionError(reason)


def read_slowly(source: Source, number: int, options: ReadOptions) -> tuple[Page, bytes]:
    """Reads a page in a second, and takes little of the processor."""
    time.sleep(1)
    return Page(number, 595, 842, text=f"Part {number}"), b""


def hang_from_page_2(source: Source, number: int, options: ReadOptions) -> tuple[Page, bytes]:
    """Reads the first page only, and that one at once."""
    if number:
        spin()
    return Page(number, 595, 842, text="Part 0"), b""
