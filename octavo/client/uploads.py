"""Files on their way to a server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from octavo.ingest.store.metadata import Metadata


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, the name that it gets and what is noted with it.

    With `replace` it takes the place of a file of that name, with `force` it is read also where its document is there.
    """

    file: Path
    name: str
    metadata: Metadata
    replace: bool = False
    force: bool = False

    def form(self, password: str) -> dict[str, str]:
        """Returns the fields of the request beside the file."""
        return {
            "metadata": json.dumps(dict(self.metadata)),
            "password": password,
            "replace": json.dumps(self.replace),
            "force": json.dumps(self.force),
        }
