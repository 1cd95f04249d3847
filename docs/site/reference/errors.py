"""The reference of errors by their codes."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import octavo
from octavo.apps.cli.words import in_cli_words
from octavo.apps.service.http.requests import status_of
from octavo.ingest import OctavoError

HEAD = """# Errors by code

What goes wrong is an `octavo.OctavoError`: its text is one sentence, `code` names the kind of error for programs,
`setting` the setting and `path` the file, where there is one. The service sends the same code with an HTTP status.

| code | status | error | what it says | what helps on the command line |
|---|---|---|---|---|
"""
_CODE = re.compile(r'^    code(: ClassVar\[str\])? = "', re.M)


def page() -> str:
    """Returns the page: each error that has a code of its own."""
    rows = []
    for error in sorted(_errors(), key=lambda one: (one.code, one.__name__)):
        text = " ".join((error.__doc__ or "").split(">>>")[0].strip().split("\n\n")[0].split())
        hint = re.search(r"\((.*)\)\.$", in_cli_words("It failed.", error.code))
        status = status_of(error.__new__(error))
        name = f"`{error.__module__}.{error.__name__}`"
        rows.append(f"| `{error.code}` | {status} | {name} | {text} | {hint[1] if hint else ''} |")
    return HEAD + "\n".join(rows) + "\n"


def _errors() -> set[type[OctavoError]]:
    """Returns the errors with a code of their own, of all modules that name one."""
    found = set()
    root = Path(octavo.__file__).parent
    for package in ("apps", "client", "eval", "ingest", "rag"):
        for path in sorted((root / package).rglob("*.py")):
            if _CODE.search(path.read_text(encoding="utf-8")):
                module = import_module(".".join(("octavo", *path.relative_to(root).with_suffix("").parts)))
                for value in vars(module).values():
                    if isinstance(value, type) and issubclass(value, OctavoError) and "code" in vars(value):
                        found.add(value)
    return found
