"""The command `octavo backup`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from octavo.apps.cli.arguments import DEFAULT
from octavo.apps.cli.options import LibraryFolder


def backup(
    target: Annotated[Path, typer.Argument(help="A new folder for the copy.")],
    library: LibraryFolder = DEFAULT,
) -> None:
    """Copy a library with its collections and conversations, also while it is served; the copy is a library itself."""
    from octavo.ingest.store.backup import backup
    from octavo.rag.settings import Settings

    size = backup(library, target, Settings.from_env().images)
    print(f"copied {library} to {target} ({size / 1e6:.1f} MB)")
