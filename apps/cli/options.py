"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LibraryFolder = Annotated[
    Path, typer.Option("--library", help="The library's folder.", envvar="OCTAVO_LIBRARY", show_default=True)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ReadProfile = Annotated[str, typer.Option("--profile", help="How much time a page may take: fast, balanced, thorough.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress.")]
