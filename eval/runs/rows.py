"""Rows of a run, one JSON line each, that survive a kill: what is there is whole, and there once."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class RowFile:
    """A file of rows, each with its own `key`; rows with an `error` are dropped at the start, to be tried again.

    A line that a kill cut short is dropped too. `add` returns after the row is on disk; many threads may add.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._rows: dict[str, Row] = {}
        if path.exists():
            self._read()
        self._file = path.open("a", encoding="utf-8")

    def _read(self) -> None:
        lines = self._path.read_bytes().splitlines(keepends=True)
        for line in lines:
            if line.endswith(b"\n"):
                row = json.loads(line)
                if not row.get("error"):
                    self._rows.setdefault(row["key"], row)
        if len(self._rows) < len(lines):
            part = self._path.with_suffix(".part")
            with part.open("w", encoding="utf-8") as file:
                file.writelines(_line(row) for row in self._rows.values())
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def values(self) -> list[Row]:
        return list(self._rows.values())

    def add(self, row: Row) -> None:
        with self._lock:
            if row["key"] in self._rows:
                raise ValueError(f"{self._path} holds {row['key']} already.")
            self._file.write(_line(row))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._rows[row["key"]] = row

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[Row]:
    """Returns the rows of a file, for reading only; none where it is not there yet."""
    if not path.exists():
        return []
    lines = path.read_bytes().splitlines(keepends=True)
    return list({row["key"]: row for row in (json.loads(line) for line in lines if line.endswith(b"\n"))}.values())


def _line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
