"""The command line: `octavo ingest · embed · list · check · remove · search · ask · chat · serve · mcp · users`,
`octavo transcribe · backup · concept · duplicates · related · index · feedback · migrate · demo · doctor · models`,
`octavo eval · train`.

Exit codes: 0 answered or done, 1 failure, 2 bad use, 3 abstained.
"""

from __future__ import annotations

import gc
import io
import os
import sqlite3
import sys
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.main import get_command_name
from typer.models import CommandInfo

from octavo import __version__
from octavo.apps.cli.arguments import DEFAULT, chat_options, settings_of
from octavo.apps.cli.backup import backup
from octavo.apps.cli.concepts import app as concept
from octavo.apps.cli.evaluate import app as evaluate
from octavo.apps.cli.feedback import feedback
from octavo.apps.cli.index import app as index, duplicates, related
from octavo.apps.cli.library import check, embed, export, ingest, list_documents, remove, sync
from octavo.apps.cli.migrate import migrate, sweep
from octavo.apps.cli.models import app as models
from octavo.apps.cli.options import Json, LibraryFolder
from octavo.apps.cli.questions import ask, search
from octavo.apps.cli.serve import mcp, serve, users
from octavo.apps.cli.train import app as train
from octavo.apps.cli.transcribe import transcribe

app = typer.Typer(
    name="octavo",
    help="Ask questions of documents as people see them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(concept, name="concept")
app.add_typer(evaluate, name="eval")
app.add_typer(index, name="index")
app.add_typer(models, name="models")
app.add_typer(train, name="train")
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


app.command()(ingest)
app.command()(sync)
app.command()(embed)
app.command()(transcribe)
app.command("list")(list_documents)
app.command()(check)
app.command()(remove)
app.command()(duplicates)
app.command()(related)
app.command()(search)
app.command()(ask)
app.command()(export)


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
        str,
        typer.Option(
            help="relevancy: the relevancy score. chance: that there is an answer. languages: that there is one to a "
            "question in another language than the documents, under the embedding that is set."
        ),
    ] = "relevancy",
    libraries: Annotated[Path | None, typer.Option(help="Keep the ingested libraries here, for a second run.")] = None,
    protocol: Annotated[Path | None, typer.Option(help="A protocol of your own, in place of the project's.")] = None,
    own: Annotated[
        bool, typer.Option("--own", help="Sets of your own: weights change only where they are better.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("parameters.json"),
) -> None:
    """Fit the embedded relevancy score, or the chance of an answer, again and write its parameter file."""
    from octavo.eval.fitting import chance, other_languages, relevancy
    from octavo.ingest.store.files import write_file
    from octavo.rag.answering.chance import ChanceModel, load_model
    from octavo.rag.relevancy.parameters import Parameters, load_parameters

    def print_line(line: str) -> None:
        print(line, flush=True)

    fitted: Parameters | ChanceModel
    if of == "relevancy":
        fitted = relevancy.fit_parameters(sets, libraries, print_line, protocol, own=own)
        changed = relevancy.differences(load_parameters(), fitted)
    elif of == "chance":
        fitted = chance.fit_chance(sets, libraries, print_line, protocol)
        changed = chance.differences(load_model(), fitted)
    elif of == "languages":
        fitted = other_languages.fit_other_languages(sets, libraries, print_line, protocol)
        changed = chance.differences(load_model(), fitted)
    else:
        raise typer.BadParameter(f"--of is relevancy, chance or languages, not {of}.")
    for name, (before, now) in changed.items():
        print(f"{name}: {before} is now {now}")
    write_file(out, (fitted.model_dump_json(indent=1) + "\n").encode())
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
app.command()(sweep)
app.command()(serve)
app.command()(mcp)


LONG_LIVED = (["chat"], ["serve"], ["mcp"], ["ingest"])
"""Commands that run for long: their garbage is collected as usual, else their memory grows."""


def main() -> None:
    """The `octavo` command: one sentence on standard error for an error, never a traceback."""
    if sys.argv[1:2] not in LONG_LIVED:
        gc.set_threshold(50_000)  # the modules of a command are never garbage: 700 goes through them 200 times
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # else Pydantic looks for them in every installed package
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
