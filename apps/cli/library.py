"""The commands on a library's documents: `octavo ingest · sync · embed · list · check · remove · export`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from octavo.apps.cli.arguments import DEFAULT, engine_of, existing, metadata_of, open_pipeline, reading_of, settings_of
from octavo.apps.cli.options import Json, LibraryFolder, Quiet, ReadProfile

if TYPE_CHECKING:
    from octavo.rag import Ingested


def ingest(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files, folders, globs, or addresses: https://, s3://, gs://.")
    ] = None,
    manifest: Annotated[
        list[Path] | None, typer.Option("--manifest", help="A file with a path or address a line; repeatable.")
    ] = None,
    library: LibraryFolder = DEFAULT,
    password: Annotated[str, typer.Option(help="Password of encrypted files.")] = "",
    profile: ReadProfile = "",
    force: Annotated[bool, typer.Option(help="Read again what is already there.")] = False,
    meta: Annotated[
        list[str] | None, typer.Option("--meta", help="Metadata of these documents, key=value; repeatable.")
    ] = None,
    engine: Annotated[str, typer.Option(help="Where it is read: pool (this machine) or ray (a cluster).")] = "",
    address: Annotated[str, typer.Option(help="The Ray cluster, such as 10.0.0.1:6379 or auto.")] = "",
    failures: Annotated[
        Path | None, typer.Option("--failures", help="Write what failed, with reasons, to this file: a manifest.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Read documents into the library. What is there already is skipped, what changed is replaced."""
    from octavo.apps.cli import output
    from octavo.apps.cli.progress import IngestProgress
    from octavo.ingest.fetch import fetch, is_url
    from octavo.ingest.manifest import find_files, read_manifest
    from octavo.ingest.remote import is_remote
    from octavo.rag.ingestion import left_out

    if not (paths or manifest):
        raise typer.BadParameter("Name what is to be read: files, folders, addresses, or --manifest FILE.")
    if failures in (manifest or ()):
        raise typer.BadParameter("--failures is a file of its own: it is written while the manifest is read.")
    options: dict[str, Any] = {"reading": reading_of(profile), "engine": engine_of(engine, address)}
    bounds, web = settings_of(library, **options).reading, library / "web"
    pages = [fetch(path, web, bounds) for path in paths or () if is_url(path)]
    local = [path for path in paths or () if not is_url(path)]
    here = sorted({*find_files(path for path in local if not is_remote(path)), *pages}, key=str)
    of_manifests = chain.from_iterable(map(read_manifest, manifest or ()))
    files = chain(here, find_files(path for path in local if is_remote(path)), of_manifests)
    count = None if manifest or any(map(is_remote, local)) else len(here)
    summary = output.IngestSummary()
    takers: list[Callable[[Ingested], None]] = [summary.add]
    with ExitStack() as stack:
        pipeline = stack.enter_context(open_pipeline(library, **options))
        progress = stack.enter_context(IngestProgress(count, quiet=quiet or as_json))
        if as_json:
            takers.append(stack.enter_context(output.JsonArray()).add)
        if failures:
            takers.append(stack.enter_context(output.FailureFile(failures)).add)
        results = pipeline.ingest_each(
            files, password=password, force=force, metadata=metadata_of(meta, "--meta"), progress=progress.update
        )
        for result in results:
            progress.finished(result)
            for take in takers:
                take(result)
        for result in left_out(local):
            for take in takers:
                take(result)
        infos = [] if as_json or manifest else pipeline.documents()
    if not as_json:
        summary.print(progress.seconds)
        output.outdated_documents(infos)
    if summary.counts["failed"]:
        raise typer.Exit(1)


def sync(
    folder: Annotated[Path, typer.Argument(help="The folder to keep in step with.")],
    library: LibraryFolder = DEFAULT,
    password: Annotated[str, typer.Option(help="Password of encrypted files.")] = "",
    profile: ReadProfile = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would change.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and look again, until Ctrl-C.")] = False,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks of --watch.")] = 10.0,
    as_json: Json = False,
) -> None:
    """Add what is new in a folder, replace what changed, remove what is gone."""
    from octavo.apps.cli import output
    from octavo.ingest import OctavoError

    before: object = None
    while True:
        try:
            with open_pipeline(library, reading=reading_of(profile)) as pipeline:
                results = pipeline.sync(folder, dry_run=dry_run, password=password)
        except OctavoError as error:  # a disk may come back, another writer may finish
            if not watch:
                raise
            if str(error) != before:
                print(f"octavo: {error}", file=sys.stderr, flush=True)
            before = str(error)
        else:
            changed = [r for r in results if r.status not in ("skipped", "unsupported")]
            if as_json:
                output.as_json(results)
            elif not watch or (changed and changed != before):
                output.sync_results(results, dry_run=dry_run)
            before = changed
            if not watch:
                break
        time.sleep(every)
    if any(r.status == "failed" for r in results):
        raise typer.Exit(1)


def embed(
    library: LibraryFolder = DEFAULT,
    project: Annotated[
        bool, typer.Option("--project", help="Search by the new embedding at once: map its vectors to those there.")
    ] = False,
    texts: Annotated[int, typer.Option(min=20, help="Texts of the library that --project learns from.")] = 2_000,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Embed the whole library again, after another embedding was set; no document is read again."""
    from octavo.apps.cli import output
    from octavo.rag.embedding import make_embedder
    from octavo.rag.index import reembed
    from octavo.rag.index.projection import project_library
    from octavo.rag.library import open_library

    def print_progress(done: int, of: int) -> None:
        if not (quiet or as_json) and done < of:
            print(f"embedding document {done + 1} of {of}", file=sys.stderr, flush=True)

    settings = settings_of(existing(library))
    with open_library(settings) as store:
        if project:
            report = project_library(store, make_embedder(settings), texts)
            output.as_json(report) if as_json else output.projection(report)
            return
        count = reembed(store, make_embedder(settings), print_progress, options=settings.index)
    output.as_json({"embedded": count}) if as_json else print(f"embedded {count} documents")


def list_documents(library: LibraryFolder = DEFAULT, as_json: Json = False) -> None:
    """List the documents of the library."""
    from octavo.apps.cli import output
    from octavo.rag.library import open_library

    with open_library(settings_of(existing(library))) as store:
        documents = store.documents()
    output.as_json(documents) if as_json else output.documents(documents)


def remove(
    documents: Annotated[list[str], typer.Argument(help="Document ids, file names or paths.")],
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
) -> None:
    """Remove all of documents: pages, screenshots, entries and vectors. Where one is not there, none is removed."""
    from octavo.apps.cli import output

    with open_pipeline(library, must_exist=True) as pipeline:
        result = dict.fromkeys(pipeline.library.find(document).id for document in documents)
        removed = [pipeline.remove(document) for document in result]
    if as_json:
        output.as_json(removed)
    else:
        for info in removed:
            print(f"removed {info.name} ({output.count_of(info.pages, 'page')})")


def check(
    document: Annotated[str, typer.Argument(help="A document's id, file name or path.")],
    by: Annotated[str, typer.Option(help="rules, or model: what rules find and the model confirms.")] = "rules",
    llm_url: Annotated[str, typer.Option(help="OpenAI-compatible endpoint.", envvar="OCTAVO_LLM_URL")] = "",
    llm_model: Annotated[str, typer.Option(help="Its model.", envvar="OCTAVO_LLM_MODEL")] = "",
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
) -> None:
    """Look for quantities in a document that contradict each other, each with its page and box."""
    from octavo.apps.cli import output

    if by not in ("rules", "model"):
        raise typer.BadParameter(f"--by is rules or model, not {by}.")
    if by == "model" and not llm_url:
        raise typer.BadParameter("--by model asks a model: add --llm-url or set OCTAVO_LLM_URL.")
    with open_pipeline(library, must_exist=True, llm_url=llm_url, llm_model=llm_model) as pipeline:
        pairs = pipeline.check(document, by=cast("Literal['rules', 'model']", by))
    output.as_json(pairs) if as_json else output.contradictions(pairs)


def export(
    document: Annotated[str, typer.Argument(help="A document's id, file name or path.")],
    form: Annotated[str, typer.Option("--format", "-f", help="markdown, html or json.")] = "markdown",
    output_file: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
    library: LibraryFolder = DEFAULT,
) -> None:
    """Print a document of the library as Markdown, HTML or JSON."""
    from octavo.ingest.export import to_html, to_json, to_markdown
    from octavo.rag.library import open_library

    forms = {"markdown": to_markdown, "html": to_html, "json": to_json}
    if form not in forms:
        raise typer.BadParameter(f"--format is {', '.join(forms)}; not {form}.")
    with open_library(settings_of(existing(library))) as store:
        text = forms[form](store.document(store.find(document).id))
    if output_file is None:
        sys.stdout.write(text)
    else:
        output_file.write_text(text, encoding="utf-8")
