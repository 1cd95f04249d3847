"""The command line: `octavo ingest · embed · list · remove · search · ask · chat · serve · mcp · users · backup`,
`octavo feedback · migrate · demo · doctor · models · eval`.

Exit codes: 0 answered or done, 1 failure, 2 bad use, 3 abstained.
"""

from __future__ import annotations

import io
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from copy import copy
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.main import get_command_name
from typer.models import CommandInfo

from octavo import __version__
from octavo.apps.cli.arguments import (
    DEFAULT,
    chat_options,
    engine_of,
    existing,
    level_of,
    metadata_of,
    opened,
    reading_of,
    settings_of,
)
from octavo.apps.cli.backup import backup
from octavo.apps.cli.evaluate import app as evaluate
from octavo.apps.cli.feedback import feedback
from octavo.apps.cli.migrate import migrate
from octavo.apps.cli.models import app as models
from octavo.apps.cli.query_options import QueryOptions, with_query_options
from octavo.apps.cli.serve import mcp, serve, users

if TYPE_CHECKING:
    from octavo.rag import Ingested

ABSTAINED = 3

app = typer.Typer(
    name="octavo",
    help="Ask questions of documents as people see them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(evaluate, name="eval")
app.add_typer(models, name="models")
app.add_typer(users, name="users")


def _print_version(is_asked: bool) -> None:
    if is_asked:
        print(f"octavo {__version__}")
        raise typer.Exit


@app.callback()
def _octavo(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Ask questions of documents as people see them."""


LibraryFolder = Annotated[
    Path, typer.Option("--library", help="The library's folder.", envvar="OCTAVO_LIBRARY", show_default=True)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ReadProfile = Annotated[str, typer.Option("--profile", help="How much time a page may take: fast, balanced, thorough.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress.")]
_IMAGES = (".png", ".jpg", ".jpeg", ".webp")


@app.command()
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
    listed = chain.from_iterable(map(read_manifest, manifest or ()))
    files = chain(here, find_files(path for path in local if is_remote(path)), listed)
    count = None if manifest or any(map(is_remote, local)) else len(here)
    summary = output.IngestSummary()
    takers: list[Callable[[Ingested], None]] = [summary.add]
    with ExitStack() as stack:
        pipeline = stack.enter_context(opened(library, **options))
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
        output.outdated(infos)
    if summary.counts["failed"]:
        raise typer.Exit(1)


@app.command()
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
            with opened(library, reading=reading_of(profile)) as pipeline:
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
                output.synced(results, dry_run=dry_run)
            before = changed
            if not watch:
                break
        time.sleep(every)
    if any(r.status == "failed" for r in results):
        raise typer.Exit(1)


@app.command()
def embed(library: LibraryFolder = DEFAULT, as_json: Json = False, quiet: Quiet = False) -> None:
    """Embed the whole library anew, after another embedding was set; no document is read again."""
    from octavo.apps.cli import output
    from octavo.rag.embedding import make_embedder
    from octavo.rag.index import reembed
    from octavo.rag.library import open_library

    def print_progress(done: int, of: int) -> None:
        if not (quiet or as_json) and done < of:
            print(f"embedding document {done + 1} of {of}", file=sys.stderr, flush=True)

    settings = settings_of(existing(library))
    with open_library(settings) as store:
        count = reembed(store, make_embedder(settings), print_progress, options=settings.index)
    output.as_json({"embedded": count}) if as_json else print(f"embedded {count} documents")


@app.command("list")
def list_documents(library: LibraryFolder = DEFAULT, as_json: Json = False) -> None:
    """List the documents of the library."""
    from octavo.apps.cli import output
    from octavo.rag.library import open_library

    with open_library(settings_of(existing(library))) as store:
        documents = store.documents()
    output.as_json(documents) if as_json else output.documents(documents)


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="Document ids, file names or paths.")],
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
) -> None:
    """Remove all of documents: pages, screenshots, entries and vectors. Where one is not there, none is removed."""
    from octavo.apps.cli import output

    with opened(library, must_exist=True) as pipeline:
        result = dict.fromkeys(pipeline.library.find(document).id for document in documents)
        removed = [pipeline.remove(document) for document in result]
    if as_json:
        output.as_json(removed)
    else:
        for info in removed:
            print(f"removed {info.name} ({output.counted(info.pages, 'page')})")


@app.command()
@with_query_options
def search(
    query: QueryOptions,
    question: Annotated[str, typer.Argument(help="What to look for.")] = "",
    level: Annotated[str, typer.Option(help="document, page, element or chunk.")] = "page",
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
) -> None:
    """Show the entries that fit a question best, with their relevancy scores."""
    from octavo.apps.cli import output

    with opened(library, must_exist=True) as pipeline:
        bounds = query.arguments(pipeline)
        bounds["threshold"] = bounds["threshold"] or 0.0
        hits = pipeline.search(question, level=level_of(level), **bounds)
    output.as_json(hits) if as_json else output.evidence(hits)


@app.command()
@with_query_options
def ask(
    query: QueryOptions,
    question: Annotated[str, typer.Argument(help="The question; may be left out with --picture.")] = "",
    level: Annotated[str, typer.Option(help="What evidence is made of: page, element or chunk.")] = "chunk",
    image: Annotated[Path | None, typer.Option(help="Write the cited page with its boxes drawn to this file.")] = None,
    open_image: Annotated[bool, typer.Option("--open", help="Show the cited page with its boxes drawn.")] = False,
    llm_url: Annotated[str, typer.Option(help="OpenAI-compatible endpoint.", envvar="OCTAVO_LLM_URL")] = "",
    llm_model: Annotated[str, typer.Option(help="Its model.", envvar="OCTAVO_LLM_MODEL")] = "",
    library: LibraryFolder = DEFAULT,
    as_json: Json = False,
) -> None:
    """Answer a question from the library, each claim with its place on a page. Abstaining exits with 3."""
    from octavo.apps.cli import output
    from octavo.rag import Delta, Finished, Step

    if image and image.suffix.lower() not in _IMAGES:
        raise typer.BadParameter(f"--image is a file that ends in {', '.join(_IMAGES)}; not {image.name}.")
    with opened(library, must_exist=True, llm_url=llm_url, llm_model=llm_model) as pipeline:
        answer = None
        for event in pipeline.stream(question, level=level_of(level), **query.arguments(pipeline)):
            if isinstance(event, Step) and not as_json:
                output.step(event)
            elif isinstance(event, Delta) and not as_json:
                print(f"{output.ANEW if event.replaces else ''}{event.text}", end="", flush=True)
            elif isinstance(event, Finished):
                answer = event.answer
        assert answer is not None
        output.as_json(answer) if as_json else output.answer(answer)
        if (image or open_image) and answer.citations:
            file = output.highlighted(pipeline, answer, image)
            if not as_json:
                print(f"cited page: {file}")
            if open_image:
                typer.launch(str(file))
    if answer.abstained:
        raise typer.Exit(ABSTAINED)


@app.command()
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


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the demo's documents and library go.")] = Path("demo"),
) -> None:
    """Read three sample documents and ask five questions of them."""
    from octavo.apps.cli.demo import run
    from octavo.apps.samples import QUESTIONS

    if run(folder) < len(QUESTIONS):
        raise typer.Exit(1)


@app.command()
def chat(
    library: LibraryFolder = DEFAULT,
    host: Annotated[
        str,
        typer.Option(envvar="OCTAVO_CHAT_HOST", help="Address to listen at; others than this machine need users."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, envvar="OCTAVO_CHAT_PORT", help="0 takes any that is free.")
    ] = 7860,
    auth: Annotated[
        list[str] | None,
        typer.Option(help="USER:PASSWORD of someone who may come in; repeatable. Others see it: prefer --auth-file."),
    ] = None,
    auth_file: Annotated[
        Path | None,
        typer.Option(help="A file of USER:PASSWORD lines that only you can read; the first user is the owner."),
    ] = None,
    llm_url: Annotated[str, typer.Option(help="OpenAI-compatible endpoint.", envvar="OCTAVO_LLM_URL")] = "",
    llm_model: Annotated[str, typer.Option(help="Its model.", envvar="OCTAVO_LLM_MODEL")] = "",
) -> None:
    """Open the chat in the browser: add documents, ask, see the page and the box."""
    from octavo.apps.chat import run

    if auth:
        print(
            "octavo: passwords after --auth show in the list of processes: use --auth-file or OCTAVO_CHAT_USERS.",
            file=sys.stderr,
        )
    run(settings_of(library, llm_url=llm_url, llm_model=llm_model), chat_options(host, port, auth, auth_file))


@app.command()
def fit(
    sets: Annotated[list[Path], typer.Argument(help="The folders of the sets that eval/protocol.toml names.")],
    of: Annotated[
        str, typer.Option(help="relevancy: the relevancy score. chance: that there is an answer.")
    ] = "relevancy",
    libraries: Annotated[Path | None, typer.Option(help="Keep the ingested libraries here, for a second run.")] = None,
    protocol: Annotated[Path | None, typer.Option(help="A protocol of your own, in place of the project's.")] = None,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("parameters.json"),
) -> None:
    """Fit the embedded relevancy score, or the chance of an answer, anew and write its parameter file."""
    from octavo.eval.fitting import chance, relevancy
    from octavo.ingest.store.files import write_file
    from octavo.rag.answering.chance import ChanceModel, load_model
    from octavo.rag.relevancy.parameters import Parameters, load_parameters

    def told(line: str) -> None:
        print(line, flush=True)

    made: Parameters | ChanceModel
    if of == "relevancy":
        made = relevancy.fit_parameters(sets, libraries, told, protocol)
        changed = relevancy.differences(load_parameters(), made)
    elif of == "chance":
        made = chance.fit_chance(sets, libraries, told, protocol)
        changed = chance.differences(load_model(), made)
    else:
        raise typer.BadParameter(f"--of is relevancy or chance, not {of}.")
    for name, (before, now) in changed.items():
        print(f"{name}: {before} is now {now}")
    write_file(out, (made.model_dump_json(indent=1) + "\n").encode())
    print(out)


@app.command()
def doctor(library: LibraryFolder = DEFAULT, as_json: Json = False) -> None:
    """Check what is installed, the library, and each model endpoint that is set, with a picture."""
    from octavo.apps.cli import doctor as checks, output

    results = checks.examine(settings_of(library))
    output.as_json(results) if as_json else output.checks(results)
    if any(not check.ok and check.required for check in results):
        raise typer.Exit(1)


app.command()(backup)
app.command()(feedback)
app.command()(migrate)
app.command()(serve)
app.command()(mcp)


def main() -> None:
    """The `octavo` command: one sentence on standard error for an error, never a traceback."""
    from octavo.apps.cli.words import in_cli_words
    from octavo.ingest.errors import OctavoError

    if isinstance(sys.stdout, io.TextIOWrapper):  # a name that is no UTF-8 is escaped, as JSON does it too
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        _with_command(sys.argv[1:])()
    except OctavoError as error:
        _fail(in_cli_words(str(error), error.code), 1)
    except KeyboardInterrupt:
        _fail("stopped", 130)
    except sqlite3.DatabaseError as error:
        _fail(f"The library's database cannot be read: {error}.", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:  # a file or folder that a command writes or reads
        if error.filename is None:
            raise
        _fail(f"{error.filename}: {error.strerror}.", 1)


def _name_of(command: CommandInfo) -> str:
    return command.name or get_command_name(getattr(command.callback, "__name__", ""))


def _with_command(arguments: Sequence[str]) -> typer.Typer:
    """Returns the application with the command only that the arguments name: Typer builds each that it has."""
    name = next((argument for argument in arguments if not argument.startswith("-")), "")
    commands = [command for command in app.registered_commands if name == _name_of(command)]
    groups = [group for group in app.registered_groups if group.name == name]
    if not (commands or groups):
        return app
    result = copy(app)
    result.registered_commands, result.registered_groups = commands, groups
    return result


def _fail(message: str, code: int) -> NoReturn:
    print(f"octavo: {message}", file=sys.stderr)
    sys.exit(code)
