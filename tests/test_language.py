"""Names and words: a class name is one thing, and the libraries' texts name settings, not commands of the apps."""

from __future__ import annotations

import ast
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMANDS = re.compile(r"\boctavo [a-z]|(?<![\w-])--[a-z]")
OTHER_PROGRAMS = {"ingest/readers/libreoffice.py", "rag/model_cards/served.py", "rag/model_cards/embedders.py"}
"""Modules with arguments of LibreOffice and vLLM."""


def texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yields the strings of a module but its docstrings."""
    expressions = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in expressions:
            yield node


@pytest.mark.parametrize("package", ["ingest", "rag"])
def test_libraries_name_no_commands(package: str) -> None:
    named = [
        f"{path.relative_to(ROOT)}:{text.lineno}: {text.value}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in OTHER_PROGRAMS
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
        if COMMANDS.search(str(text.value))
    ]
    assert not named


def public_classes() -> Iterator[tuple[str, str]]:
    """Yields the public classes of all packages: their names and modules."""
    for package in ("apps", "eval", "ingest", "octavo", "rag"):
        for directory, folders, files in os.walk(ROOT / package):
            folders[:] = [folder for folder in folders if not Path(directory, folder).is_symlink()]
            for path in (Path(directory, file) for file in files if file.endswith(".py")):
                for node in ast.parse(path.read_text(encoding="utf-8")).body:
                    if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                        yield node.name, str(path.relative_to(ROOT))


def test_a_class_name_stands_for_one_thing() -> None:
    modules = defaultdict(list)
    for name, module in public_classes():
        modules[name].append(module)
    assert {name: places for name, places in modules.items() if len(places) > 1} == {}
