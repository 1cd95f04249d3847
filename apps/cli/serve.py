"""The commands of the service: `octavo serve`, `octavo mcp`, `octavo users …`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from octavo.apps.cli.arguments import DEFAULT, settings_of, validate
from octavo.apps.cli.options import LibraryFolder

if TYPE_CHECKING:
    from octavo.apps.service import Role, Service

users = typer.Typer(help="People who may use the service, their keys and their collections.", no_args_is_help=True)


def serve(
    library: LibraryFolder = DEFAULT,
    host: Annotated[
        str,
        typer.Option(envvar="OCTAVO_SERVICE_HOST", help="Address to listen at; others than this machine need users."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, envvar="OCTAVO_SERVICE_PORT", help="0 takes any that is free.")
    ] = 8080,
    chat: Annotated[bool, typer.Option("--chat/--no-chat", help="The chat in the browser.")] = True,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            envvar="OCTAVO_SERVICE_WORKERS",
            help="Processes; more than one serve the API and MCP without the chat.",
        ),
    ] = 1,
    llm_url: Annotated[str, typer.Option(help="OpenAI-compatible endpoint.", envvar="OCTAVO_LLM_URL")] = "",
    llm_model: Annotated[str, typer.Option(help="Its model.", envvar="OCTAVO_LLM_MODEL")] = "",
) -> None:
    """Serve the API (OpenAI's shapes at /v1, the native one at /api), MCP at /mcp, and the chat."""
    _needs("fastapi", "prometheus_client", "mcp", *(("gradio",) if chat and workers == 1 else ()))
    from octavo.apps.service import ServiceOptions, run

    options = validate("OCTAVO_SERVICE_", lambda: ServiceOptions(host=host, port=port, chat=chat, workers=workers))
    run(settings_of(library, llm_url=llm_url, llm_model=llm_model), options)


def mcp(
    library: LibraryFolder = DEFAULT,
    read_only: Annotated[bool, typer.Option("--read-only", help="No tools that add or remove documents.")] = False,
) -> None:
    """Serve MCP on standard input and output, for a program on this machine."""
    _needs("fastapi", "mcp")
    from octavo.apps.service.mcp import run_stdio

    with _service(library) as service:
        run_stdio(service, read_only=read_only)


@users.command("list")
def list_users(library: LibraryFolder = DEFAULT) -> None:
    """List the users, with what they may do where."""
    with _service(library) as service:
        roles = {name: service.collections.members(name) for name in _collections(service)}
        for user in service.users.all():
            own = ", ".join(f"{name}: {members[user.name]}" for name, members in roles.items() if user.name in members)
            print(f"{user.name}{' (administrator)' if user.is_admin else ''}  {own}".rstrip())


@users.command("add")
def add_user(
    name: str,
    library: LibraryFolder = DEFAULT,
    admin: Annotated[bool, typer.Option(help="May make users.")] = False,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from input.")] = False,
) -> None:
    """Make a user; the first one is an administrator and owns the collection `default`."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else ""
    password = password or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with _service(library) as service:
        user = service.add_user(name, password, is_admin=admin)
        _record(service, "user.add", subject=user.name)
        print(f"made {user.name}{' (administrator)' if user.is_admin else ''}")


@users.command("remove")
def remove_user(name: str, library: LibraryFolder = DEFAULT) -> None:
    """Remove a user with their keys and own files; documents in collections stay."""
    with _service(library) as service:
        service.remove_user(name)
        _record(service, "user.remove", subject=name)
        print(f"removed {name}")


@users.command("key")
def make_key(
    name: str,
    library: LibraryFolder = DEFAULT,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "",
    role: Annotated[str, typer.Option(help="The most that it allows: reader, editor or owner.")] = "owner",
    days: Annotated[float | None, typer.Option(help="Valid for so many days; else without end.")] = None,
) -> None:
    """Make an API key for a user and print it; it is shown this once."""
    with _service(library) as service:
        key, secret = service.users.make_key(name, label, _role(role), days)
        _record(service, "key.make", subject=key.id)
        print(secret)


@users.command("grant")
def grant(
    name: str,
    collection: Annotated[str, typer.Argument(help="The collection's name.")] = "default",
    role: Annotated[str, typer.Option(help="reader, editor, owner or none.")] = "reader",
    library: LibraryFolder = DEFAULT,
) -> None:
    """Give a user a role in a collection, or take it away with `--role none`."""
    with _service(library) as service:
        service.collections.set_member(collection, name, None if role == "none" else _role(role))
        _record(service, f"member.{'remove' if role == 'none' else role}", collection, name)
        print(f"{name}: {role} in {collection}")


def _record(service: Service, action: str, collection: str = "", subject: str = "") -> None:
    """Writes an entry of the audit log, without a user: whoever may read the library's folder."""
    from octavo.apps.service.rights import LOCAL

    service.record(LOCAL, action, collection, subject)


def _role(name: str) -> Role:
    from octavo.apps.service import Role

    if name not in list(Role):
        raise typer.BadParameter(f"--role is {', '.join(Role)}; not {name}.")
    return Role(name)


def _collections(service: Service) -> list[str]:
    from octavo.apps.service.rights import LOCAL

    return [collection.name for collection in service.collections.of(LOCAL)]


def _service(library: Path) -> Service:
    from octavo.apps.service import Service

    return Service(settings_of(library))


def _needs(*modules: str) -> None:
    from importlib.util import find_spec

    from octavo.ingest.errors import MissingToolError

    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise MissingToolError(f'The service needs {", ".join(missing)}: pip install "octavo[serve]".')
