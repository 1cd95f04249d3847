"""What a reading process may do wrong; the workers of the tests import it by name."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

from octavo.ingest import Page, ReadOptions
from octavo.ingest.readers import Source
from octavo.ingest.workers import tasks


def identity() -> int:
    """The process that answers."""
    return os.getpid()


def model_threads() -> int:
    """The threads that a model made with the usual options runs on."""
    import onnxruntime

    return int(onnxruntime.SessionOptions().intra_op_num_threads)


def leave() -> None:
    """Ends the process without a word."""
    os._exit(3)


def crash() -> None:
    """Reads where nothing is."""
    ctypes.string_at(0)


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


def crash_without_pictures(source: Source, number: int, options: ReadOptions, reason: str) -> tuple[Page, bytes]:
    """Reads no page, not even without its pictures."""
    crash()
    raise AssertionError(reason)


def hang_from_page_2(source: Source, number: int, options: ReadOptions) -> tuple[Page, bytes]:
    """Reads the first page only, and that one at once."""
    if number:
        spin()
    return Page(number, 595, 842, text="Part 0"), b""
