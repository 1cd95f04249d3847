"""The command `octavo migrate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from octavo.apps.cli.arguments import DEFAULT, existing, settings_of
from octavo.apps.cli.options import Json, LibraryFolder, Quiet

if TYPE_CHECKING:
    from octavo.rag import Settings


def migrate(
    to: Annotated[
        Literal["chroma", "lancedb", "llama-index", "sign-bits", "postgres", "folder"],
        typer.Option(
            "--to",
            help="Where vectors are searched; sign-bits: in the library's folder again. postgres: documents shared by "
            "several machines; folder: the library's own again.",
        ),
    ],
    uri: Annotated[
        str, typer.Option("--uri", help="The address of the engine, or of PostgreSQL.", envvar="OCTAVO_INDEX_URI")
    ] = "",
    words: Annotated[
        bool,
        typer.Option(
            "--words/--vectors-only", help="Move the index of words, too, where the engine has one (lancedb)."
        ),
    ] = True,
    files: Annotated[
        Path | None,
        typer.Option(
            "--files",
            help="Folder of users' files that all machines see: postgres moves them there, folder copies them back.",
            envvar="OCTAVO_SERVICE_FILES",
        ),
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Delete first what the engine holds of this library.")] = False,
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Move a library's index into an engine, or share its documents; a run that is cut off goes on where it was.

    Searches of an engine are compared with those of the folder, shared documents with the library's.
    """
    from octavo.apps.cli import output
    from octavo.ingest.errors import SettingsError
    from octavo.rag.index.moving import move_back, move_to_engine
    from octavo.rag.library import open_library

    is_silent = quiet or as_json

    def print_progress(done: int, of: int) -> None:
        if not is_silent and done < of:
            print(f"copied {done:,} of {of:,} entries", file=sys.stderr, flush=True)

    settings = settings_of(existing(library))
    if to == "postgres" or to == "folder":
        _move_service(settings, to, uri, files, as_json=as_json, is_silent=is_silent)
        return
    with open_library(settings) as store:
        if to == "sign-bits":
            move_back(store)
            print(
                "The library's folder has all vectors and words. Unset OCTAVO_DENSE_INDEX, OCTAVO_SPARSE_INDEX and "
                "OCTAVO_INDEX_URI."
            )
            return
        if not uri:
            raise SettingsError("An engine needs an address: --uri.", setting="index_uri")
        report = move_to_engine(store, to, uri, print_progress, words=words and to == "lancedb", anew=anew)
    if as_json:
        output.as_json(report)
        return
    print(
        f"{report.entries:,} entries are at {uri}; {report.equal} of {report.searches} random searches are the same, "
        f"recall {report.recall:.3f}."
    )
    if report.compared:
        print(f"{report.compared:,} entries were read back and are the same.")
    if report.words_searches:
        print(f"{report.words_equal} of {report.words_searches} random searches by words are the same.")
    sparse = f" OCTAVO_SPARSE_INDEX={to}" if words and to == "lancedb" else ""
    print(f"Set OCTAVO_DENSE_INDEX={to}{sparse} OCTAVO_INDEX_URI={uri} from now on.")


def _move_service(settings: Settings, to: str, uri: str, files: Path | None, *, as_json: bool, is_silent: bool) -> None:
    from octavo.apps.cli import output
    from octavo.apps.service.moving import keep_service, share_service
    from octavo.ingest.errors import SettingsError

    def print_progress(done: int, of: int) -> None:
        if not is_silent and done % 100 == 0:
            print(f"copied {done:,} of {of:,} documents", file=sys.stderr, flush=True)

    if to == "folder":
        report, where = keep_service(settings, files, print_progress), "are in the folder"
    else:
        address = settings.documents_uri or uri
        if not address.startswith(("postgresql://", "postgres://")):
            raise SettingsError("PostgreSQL needs an address: --uri postgresql://…", setting="documents_uri")
        report, where = share_service(settings, address, files, print_progress), "are shared"
    if as_json:
        output.as_json(report)
        return
    if report.rows:
        print(f"{report.rows:,} rows of the service and the chat {where}.")
    if report.files:
        print(f"{report.files:,} files of users {where}, and their hashes are the same.")
    if to == "folder":
        print(f"{report.documents:,} documents are the library's own. Unset OCTAVO_DOCUMENTS_URI.")
    else:
        print(
            f"{report.documents:,} documents are shared, and were read back. Set OCTAVO_DOCUMENTS_URI to the address "
            "from now on."
        )


def sweep(
    days: Annotated[float, typer.Option(min=0, help="Days since a screenshot was written.")] = 7,
    library: LibraryFolder = DEFAULT,
) -> None:
    """Delete screenshots of shared documents that were removed; a library of its own deletes them itself."""
    from octavo.ingest.errors import SettingsError
    from octavo.rag.sharing import sweep_shared

    settings = settings_of(library)
    if not settings.documents_uri:
        raise SettingsError("The library shares no documents: it deletes screenshots itself.", setting="documents_uri")
    print(f"{sweep_shared(settings, days):,} screenshots are deleted.")
