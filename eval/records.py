"""Records of an evaluation: a JSON line each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from octavo.ingest import OctavoError


def write_records(path: Path, records: Iterable[Mapping[str, Any]], mode: Literal["w", "a"] = "w") -> None:
    """Writes records into a file, or after those that it has; raises `OctavoError` where it cannot be written."""
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    except OSError as error:
        raise OctavoError(f"The records cannot be written to {path}: {error.strerror}.") from error
