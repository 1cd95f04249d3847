"""Rewrites the golden files."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from octavo.apps import samples
from tests.rag.golden import DOCUMENTS, RANKINGS, as_json, load_documents, opened, rankings, read_documents, write


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        if sys.argv[1:] != ["rankings"]:
            files = sorted(Path(samples.__file__).parent.glob("*.pdf"))
            read = read_documents(Path(folder, "read"), files)
            write(DOCUMENTS, as_json().dump_python(read, mode="json"))
        with opened(Path(folder, "index"), load_documents()) as index:
            write(RANKINGS, rankings(index))


if __name__ == "__main__":
    main()
