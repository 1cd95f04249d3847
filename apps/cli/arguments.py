"""Arguments of commands, converted to typed values; a wrong one is reported in one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

if TYPE_CHECKING:
    from octavo.apps.chat import ChatOptions
    from octavo.rag import Level, PageRegion, Pipeline, Scope, Settings
    from octavo.rag.entry import EntryId

T = TypeVar("T")
_PLACE = re.compile(r"(?P<document>.+):(?P<page>[1-9]\d*):(?P<numbers>\d+(?:\.\d+)?%?(?:,\d+(?:\.\d+)?%?)+)")
DEFAULT = Path(".octavo")
"""The library's folder where none is named."""


def settings_of(library: Path, **options: Any) -> Settings:
    """Returns the settings of a command: its options where they are given, else the environment's."""
    from octavo.rag import Settings

    return validate("OCTAVO_", lambda: Settings.from_env(library=library, **{k: v for k, v in options.items() if v}))


def chat_options(host: str, port: int, auth: list[str] | None, auth_file: Path | None) -> ChatOptions:
    """Returns the options of the chat: those of the command, else the environment's."""
    from octavo.apps.chat import ChatOptions, users, users_of

    accounts = (users_of(auth_file) if auth_file else {}) | users(auth or ())
    options: dict[str, Any] = {"users": accounts} if accounts else {}
    return validate("OCTAVO_CHAT_", lambda: ChatOptions(host=host, port=port, **options))


def open_pipeline(library: Path, *, must_exist: bool = False, **options: Any) -> Pipeline:
    """Returns the pipeline of a library; with `must_exist` raises `LibraryError` where there is none yet."""
    from octavo.rag import Pipeline

    return Pipeline(settings_of(existing(library) if must_exist else library, **options))


def existing(library: Path) -> Path:
    """Returns the folder of a library that is there; raises `LibraryError` where it is not."""
    from octavo.ingest import LibraryError

    if not (library / "library.sqlite").is_file():
        raise LibraryError(f"There is no library in {library}: run `octavo ingest PATH` first, or pass --library.")
    return library


def reading_of(profile: str) -> dict[str, str]:
    """Returns the options of reading that `--profile` names, none where it is not given."""
    from octavo.ingest import Profile

    if profile and profile not in list(Profile):
        raise typer.BadParameter(f"--profile is {', '.join(Profile)}; not {profile}.")
    return {"profile": profile} if profile else {}


def engine_of(kind: str, address: str) -> dict[str, str]:
    """Returns the options of the reading engine that `--engine` and `--address` name, none where they are not given."""
    if kind and kind not in ("pool", "ray"):
        raise typer.BadParameter(f"--engine is pool or ray; not {kind}.")
    if address and kind == "pool":
        raise typer.BadParameter("--address is that of a Ray cluster: add --engine ray.")
    if not (kind or address):
        return {}
    return {"kind": kind or "ray"} | ({"address": address} if address else {})


def level_of(name: str) -> Level:
    """Returns the level that `--level` names."""
    from octavo.rag import Level

    if name not in list(Level):
        raise typer.BadParameter(f"--level is document, page, element or chunk, not {name}.")
    return Level(name)


def scope_of(documents: list[str] | None, pages: str, kinds: list[str] | None) -> Scope:
    """Returns the scope that `--document`, `--pages` (from 1) and `--kind` name."""
    from octavo.ingest import Kind
    from octavo.rag import Scope

    for kind in kinds or ():
        if kind not in list(Kind):
            raise typer.BadParameter(f"--kind is one of {', '.join(Kind)}; not {kind}.")
    first, _, last = pages.partition("-")
    if pages and not (first.isdecimal() and (not last or last.isdecimal()) and 1 <= int(first) <= int(last or first)):
        raise typer.BadParameter(f"--pages is a page or a range, such as 3 or 3-7; not {pages}.")
    return Scope(
        documents=tuple(documents) if documents else None,
        pages=(int(first) - 1, int(last or first) - 1) if pages else None,
        kinds=frozenset(Kind(kind) for kind in kinds) if kinds else None,
    )


def region_of(pipeline: Pipeline, place: str) -> PageRegion:
    """Returns the part of a page that `--at` names: pages count from 1, numbers are points or percent."""
    from octavo.ingest import Box
    from octavo.rag import PageRegion

    match = _PLACE.fullmatch(place)
    numbers = match["numbers"].split(",") if match else []
    if not match or len(numbers) not in (2, 4):
        raise typer.BadParameter(f"--at is DOCUMENT:PAGE:X,Y or DOCUMENT:PAGE:X0,Y0,X1,Y1; not {place}.")
    number = int(match["page"]) - 1
    page = pipeline.library.page(pipeline.document(match["document"]).id, number)
    xs, ys = (
        sorted(float(n.rstrip("%")) * (side / 100 if n.endswith("%") else 1) for n in numbers[first::2])
        for first, side in enumerate((page.width, page.height))
    )
    return PageRegion(match["document"], number, Box(xs[0], ys[0], xs[-1], ys[-1]))


def entry_of(pipeline: Pipeline, place: str) -> EntryId:
    """Returns the id of the document, or of the page of one as DOCUMENT:PAGE (from 1), that an argument names."""
    from octavo.ingest import LibraryError
    from octavo.rag.entry import EntryId

    name, colon, number = place.rpartition(":")
    if not (colon and number.isdigit()):
        return EntryId(pipeline.library.find(place).id)
    info = pipeline.library.find(name)
    if not 1 <= int(number) <= info.pages:
        raise LibraryError(f"{info.name} has {info.pages} pages, and no page {number}: name one of them.")
    return EntryId.of_page(info.id, int(number) - 1)


def metadata_of(pairs: list[str] | None, option: str) -> dict[str, str | list[str]]:
    """Returns the metadata that `key=value` pairs name; a key that comes again has several values."""
    result: dict[str, str | list[str]] = {}
    for pair in pairs or ():
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise typer.BadParameter(f"{option} is key=value, such as year=2018; not {pair}.")
        before = result.get(key)
        result[key] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return result


def validate(prefix: str, make: Callable[[], T]) -> T:
    """Returns the result of `make`; a value that it refuses is bad use, with the variable's name."""
    from pydantic import ValidationError

    from octavo.ingest.errors import SettingsError
    from octavo.rag.settings import complaint

    try:
        return make()
    except SettingsError as error:
        if not error.setting:
            raise typer.BadParameter(str(error)) from error
        name = prefix + error.setting.replace(".", "__").upper()
        raise typer.BadParameter(f"{name}: {str(error).partition(': ')[2]}") from error
    except ValidationError as error:
        where, reason = complaint(error)
        raise typer.BadParameter(f"{prefix}{'__'.join(where).upper()}: {reason}.") from error
    except _variable_error() as error:  # evaluated for an error alone
        raise typer.BadParameter(f"A variable that begins with {prefix} is no JSON: {error}.") from error


def _variable_error() -> type[Exception]:
    from pydantic_settings import SettingsError as VariableError

    return VariableError
